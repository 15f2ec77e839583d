import type { Trigger } from "./trigger.ts";
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

/** What a trigger goes on as after a grouping. */
const continuationOf = (trigger: Trigger): Trigger => trigger;
