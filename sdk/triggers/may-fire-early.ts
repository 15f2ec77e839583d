import type { Trigger } from "../trigger.ts";

/**
 * Whether a trigger may fire before the watermark has passed the end of its window. One that never does emits nothing while a
 * window is open, and so nothing at all in a window without end whose input has none either.
 */
export function mayFireEarly(trigger: Trigger): boolean {
  switch (trigger.kind) {
    case "default":
    case "never":
      return false;
    case "always":
    case "afterCount":
    case "afterProcessingTime":
    case "afterSynchronizedProcessingTime":
      return true;
    case "afterWatermark":
      return trigger.early !== undefined && mayFireEarly(trigger.early);
    case "repeatedly":
      return mayFireEarly(trigger.trigger);
    // The others get their turn only when the first has fired.
    case "afterEach":
      return mayFireEarly(trigger.triggers[0]!);
    case "afterFirst":
      return trigger.triggers.some(mayFireEarly);
    case "afterAll":
      return trigger.triggers.every(mayFireEarly);
    case "orFinally":
      return mayFireEarly(trigger.main) || mayFireEarly(trigger.until);
  }
}
