import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { IntervalWindow, Window, WindowFn } from "../windowing.ts";

/**
 * Puts each element into windows; groupings after it group by key and window.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times.
 *
 * @param windowFn - such as `fixedWindows(minutes(1))`.
 */
export function windowInto<T, W extends Window = IntervalWindow>(
  windowFn: WindowFn<NoInfer<T>, W>,
): PTransform<PCollection<T>, PCollection<T>> {
  return primitive("WindowInto", ({ coder, windowing }) => {
    return { kind: "windowInto", windowFn, output: { coder, windowing: Object.freeze({ ...windowing, windowFn }) } };
  });
}
