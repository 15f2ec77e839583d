import type { Trigger } from "../../../sdk/trigger.ts";
import { afterAllMachine } from "./after-all.ts";
import { afterCountMachine } from "./after-count.ts";
import { afterEachMachine } from "./after-each.ts";
import { afterFirstMachine } from "./after-first.ts";
import { afterProcessingTimeMachine } from "./after-processing-time.ts";
import { afterSynchronizedProcessingTimeMachine } from "./after-synchronized-processing-time.ts";
import { afterWatermarkMachine } from "./after-watermark.ts";
import { alwaysMachine } from "./always.ts";
import { defaultMachine } from "./default.ts";
import type { TriggerMachine } from "./machine.ts";
import { neverMachine } from "./never.ts";
import { orFinallyMachine } from "./or-finally.ts";
import type { AnyPart } from "./part.ts";
import { pastEndMachine } from "./past-end.ts";
import { repeatedlyMachine } from "./repeatedly.ts";

/**
 * The machine that a trigger describes.
 *
 * @param windowsMerge - whether the windows of the grouping merge. Then a part whose turn is over may have it again, so more is
 * remembered; and parts of `afterEach` and `afterWatermark` that count across firings begin anew with each.
 */
export const machineOf = (trigger: Trigger, windowsMerge: boolean): TriggerMachine => partOf(trigger, windowsMerge);

function partOf(trigger: Trigger, windowsMerge: boolean): AnyPart {
  const part = (inner: Trigger): AnyPart => partOf(inner, windowsMerge);
  switch (trigger.kind) {
    case "default":
      return defaultMachine;
    case "never":
      return neverMachine;
    case "always":
      return alwaysMachine;
    case "afterCount":
      return afterCountMachine(trigger.count);
    case "afterProcessingTime":
      return afterProcessingTimeMachine(trigger);
    case "afterSynchronizedProcessingTime":
      return afterSynchronizedProcessingTimeMachine;
    case "afterWatermark": {
      const { early, late } = trigger;
      if (early === undefined && late === undefined) return pastEndMachine;
      return afterWatermarkMachine({ early: early && part(early), late: late && part(late) }, windowsMerge);
    }
    case "repeatedly":
      return repeatedlyMachine(part(trigger.trigger));
    case "afterEach":
      return afterEachMachine(trigger.triggers.map(part), windowsMerge);
    case "afterFirst":
      return afterFirstMachine(trigger.triggers.map(part));
    case "afterAll":
      return afterAllMachine(trigger.triggers.map(part));
    case "orFinally":
      return orFinallyMachine(part(trigger.main), part(trigger.until));
  }
}
