import { toMergeAgain } from "../grouped-windowing.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { IntervalWindow, Window, WindowFn } from "../windowing.ts";
import { changedBy, mustBeWindowFn, type WindowingOptions } from "../windowing-options.ts";

/**
 * Puts each element into windows; groupings after it group by key and window, and emit when their trigger says so.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times. An element that is put into several windows
 * is in all of them; steps that look at windows run once for each.
 *
 * @param windowFn - such as `fixedWindows(minutes(1))`, or one of your own: see {@link WindowFn}.
 * @param options - settings that are not named are inherited from the input. A trigger, or an allowed lateness above 0, needs an
 * accumulation mode.
 * @throws PipelineError `BAD_WINDOWING` for a setting that is none, and where an accumulation mode is missing; `BAD_WINDOW` for
 * what is no window function, and for one whose coder is not deterministic.
 *
 * @example
 * ```ts
 * visits.apply(windowInto(fixedWindows(minutes(1))));
 * visits.apply(windowInto(sessions(minutes(30)), {
 *   trigger: afterWatermark({ early: afterCount(100), late: afterCount(1) }),
 *   accumulation: "accumulating",
 *   allowedLateness: days(1),
 * }));
 * ```
 */
export function windowInto<T, W extends Window = IntervalWindow>(
  windowFn: WindowFn<NoInfer<T>, W>,
  options: WindowingOptions = {},
): PTransform<PCollection<T>, PCollection<T>> {
  return primitive("WindowInto", ({ coder, windowing: before }, at) => {
    mustBeWindowFn(windowFn, at);
    const windowing = changedBy({ ...toMergeAgain(before), windowFn }, options, at);
    return { kind: "windowInto", windowFn, output: { coder, windowing } };
  });
}
