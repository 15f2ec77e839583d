import type { Duration } from "../time.ts";
import type { Trigger } from "../trigger.ts";

/**
 * Whether a trigger may finish while elements of its window may still come, which would be dropped. One that finishes when the
 * watermark passes the end of the window loses nothing where no lateness is allowed: what comes later is too late anyway.
 *
 * @param allowedLateness - of the windowing that the trigger belongs to, in ms.
 *
 * @see Beam's `GroupByKey.triggerIsSafe`.
 */
export function mayLoseData(trigger: Trigger, allowedLateness: Duration): boolean {
  if (trigger.kind === "afterWatermark" && allowedLateness === 0) return false;
  return mayFinish(trigger);
}

/** Whether a trigger may come to an end before its window expires. */
function mayFinish(trigger: Trigger): boolean {
  switch (trigger.kind) {
    case "default":
    case "never":
    case "always":
    case "repeatedly":
      return false;
    case "afterCount":
    case "afterProcessingTime":
    case "afterSynchronizedProcessingTime":
    // These two finish when they fire, whatever they are made of.
    case "afterFirst":
    case "afterAll":
      return true;
    case "afterWatermark":
      return trigger.late === undefined;
    case "afterEach":
      return trigger.triggers.every(mayFinish);
    // A firing of `until` is the last one, even where `until` itself would go on.
    case "orFinally":
      return trigger.until.kind !== "never" || mayFinish(trigger.main);
  }
}
