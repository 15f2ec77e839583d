import type { PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import type { Window, WindowFn, WindowingStrategy } from "../../../sdk/windowing.ts";

/** The settings of `windowInto` that cases use. */
export type WindowedSettings = Partial<Omit<WindowingStrategy, "windowFn" | "isMerged" | "allowUnsafeTriggers">>;

/** Windows with a trigger that may lose data, as rows about triggers have them; discarding unless a row says otherwise. */
export const windowed = <T, W extends Window>(
  windowFn: WindowFn<NoInfer<T>, W>,
  settings: WindowedSettings = {},
): PTransform<PCollection<T>, PCollection<T>> =>
  windowInto(windowFn, { accumulation: "discarding", allowUnsafeTriggers: true, ...settings });
