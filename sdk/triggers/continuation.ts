import { afterCount, afterSynchronizedProcessingTime, type Trigger } from "../trigger.ts";

/**
 * The trigger of what a grouping gives out: the next grouping fires as soon as it can for what this one fired. So a count becomes
 * one element, a delay that was waited for is not waited for again, and what would finish goes on, for late panes have to get
 * through.
 *
 * @see Beam's `Trigger.getContinuationTrigger`.
 */
export function continuationOf(trigger: Trigger): Trigger {
  switch (trigger.kind) {
    case "default":
    case "never":
    case "always":
    case "afterSynchronizedProcessingTime":
      return trigger;
    case "afterCount":
      return afterCount(1);
    case "afterProcessingTime":
      return afterSynchronizedProcessingTime();
    case "afterWatermark": {
      const { kind, early, late } = trigger;
      return { kind, ...(early && { early: continuationOf(early) }), ...(late && { late: continuationOf(late) }) };
    }
    case "repeatedly":
      return { kind: "repeatedly", trigger: continuationOf(trigger.trigger) };
    case "afterFirst":
    case "afterAll":
      return { kind: trigger.kind, triggers: trigger.triggers.map(continuationOf) };
    // Nobody behind the grouping can tell which of the triggers a pane comes from, or which comes last.
    case "afterEach":
      return { kind: "repeatedly", trigger: { kind: "afterFirst", triggers: trigger.triggers.map(continuationOf) } };
    case "orFinally": {
      const { kind, main, until } = trigger;
      return { kind: "repeatedly", trigger: { kind, main: continuationOf(main), until: continuationOf(until) } };
    }
  }
}
