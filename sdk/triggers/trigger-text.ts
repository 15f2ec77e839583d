import type { Trigger } from "../trigger.ts";

/**
 * Writes a trigger as its parts are nested, in their order: `afterWatermark(early=afterCount(2), late=afterCount(1))`. Parts that
 * never fire are left out where they make no difference.
 */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case "default":
    case "never":
    case "always":
    case "afterSynchronizedProcessingTime":
      return trigger.kind;
    case "afterCount":
      return call(trigger.kind, trigger.count);
    case "afterProcessingTime": {
      const { period, offset } = trigger.alignment ?? {};
      return call(trigger.kind, trigger.delay, named("alignTo", period), named("offset", offset === 0 ? undefined : offset));
    }
    case "afterWatermark":
      return call(trigger.kind, firing("early", trigger.early), firing("late", trigger.late));
    case "repeatedly":
      return call(trigger.kind, triggerText(trigger.trigger));
    case "afterEach":
    case "afterFirst":
    case "afterAll":
      return call(trigger.kind, ...trigger.triggers.map(triggerText));
    case "orFinally":
      return call(trigger.kind, triggerText(trigger.main), triggerText(trigger.until));
  }
}

function call(name: string, ...parts: readonly (string | number | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? name : `${name}(${given.join(", ")})`;
}

const named = (name: string, value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : `${name}=${value}`;

const firing = (name: string, part: Trigger | undefined): string | undefined =>
  part === undefined || part.kind === "never" ? undefined : named(name, triggerText(part));
