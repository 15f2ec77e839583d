import type { PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { primitive } from "../../../sdk/transform.ts";
import type { Window, WindowFn, WindowingStrategy } from "../../../sdk/windowing.ts";

/** The settings of `windowInto` that cases use. */
export type WindowedSettings = Partial<Omit<WindowingStrategy, "windowFn" | "isMerged">>;

/** Stands for `windowInto(windowFn, { ...settings, allowUnsafeTriggers: true })`. */
export const windowed = <T, W extends Window>(
  windowFn: WindowFn<NoInfer<T>, W>,
  settings: WindowedSettings = {},
): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("WindowInto", ({ coder, windowing }) => ({
    kind: "windowInto",
    windowFn,
    output: { coder, windowing: Object.freeze({ ...windowing, allowUnsafeTriggers: true, ...settings, windowFn }) },
  }));
