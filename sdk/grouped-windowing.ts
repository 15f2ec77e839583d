import { PipelineError } from "./errors.ts";
import { continuationOf } from "./triggers/continuation.ts";
import { mayLoseData } from "./triggers/may-lose-data.ts";
import { triggerText } from "./triggers/trigger-text.ts";
import type { WindowingStrategy } from "./windowing.ts";

/**
 * How the output of a grouping is windowed: like its input, but that its panes have fired once already, so that the next grouping
 * emits what they bring without waiting anew, and that windows which merge have been merged.
 */
export function groupedWindowing(windowing: WindowingStrategy): WindowingStrategy {
  const trigger = continuationOf(windowing.trigger);
  const isMerged = windowing.windowFn.merge !== undefined;
  if (trigger === windowing.trigger && isMerged === (windowing.isMerged ?? false)) return windowing;
  return Object.freeze({ ...windowing, trigger, ...(isMerged ? { isMerged } : {}) });
}

/** The same, but that windows which merge are merged by the next grouping, as if none had done so before. */
export function toMergeAgain(windowing: WindowingStrategy): WindowingStrategy {
  if (windowing.isMerged !== true) return windowing;
  const { isMerged: _, ...rest } = windowing;
  return Object.freeze(rest);
}

/** Refuses a trigger after whose end elements could still come, which the grouping at `at` would drop. */
export function mustKeepData({ trigger, allowedLateness, allowUnsafeTriggers }: WindowingStrategy, at: string): void {
  if (allowUnsafeTriggers || !mayLoseData(trigger, allowedLateness)) return;
  throw new PipelineError("UNSAFE_TRIGGER", {
    what: "the trigger of this grouping may finish while elements of its windows still come, and those would be dropped",
    at,
    got: `${triggerText(trigger)} with an allowed lateness of ${allowedLateness} ms`,
    fix: "put repeatedly(…) around it, give afterWatermark a late part, or set allowUnsafeTriggers: true",
  });
}
