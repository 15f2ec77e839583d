import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Spreads the elements over threads anew, and keeps the steps before and after it from being fused: behind a step that makes
 * many elements of few, or before one that takes long.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times, windows and panes, in any order.
 *
 * @example
 * ```ts
 * folders.apply(flatMap(filesOf)).apply(reshuffle()).apply(map(parseFile)); // the files of one folder are parsed on all threads
 * ```
 */
export const reshuffle = <T>(): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("Reshuffle", ({ coder }) => ({ kind: "reshuffle", output: { coder } }));
