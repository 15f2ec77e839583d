import { MAX_INSTANT, type Instant } from "../time.ts";
import type { Trigger } from "../trigger.ts";
import type { Window } from "../windowing.ts";

/**
 * The watermark after which a trigger is sure to have fired for a window that something is in; {@link MAX_INSTANT} where no
 * watermark makes it sure. What waits for a window's first pane, as a side input does, gives up after it.
 *
 * @see Beam's `Trigger.getWatermarkThatGuaranteesFiring`.
 */
export function watermarkThatGuaranteesFiring(trigger: Trigger, window: Window): Instant {
  const of = (part: Trigger): Instant => watermarkThatGuaranteesFiring(part, window);
  switch (trigger.kind) {
    case "default":
    case "afterWatermark":
      return window.maxTimestamp;
    case "never":
    case "always":
    case "afterCount":
    case "afterProcessingTime":
    case "afterSynchronizedProcessingTime":
      return MAX_INSTANT;
    case "repeatedly":
      return of(trigger.trigger);
    case "afterEach":
      return of(trigger.triggers[0]!);
    case "afterFirst":
      return Math.min(...trigger.triggers.map(of));
    case "afterAll":
      return Math.max(...trigger.triggers.map(of));
    case "orFinally":
      return Math.min(of(trigger.main), of(trigger.until));
  }
}
