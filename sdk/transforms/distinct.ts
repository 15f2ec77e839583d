import type { CombineFn } from "../combine/combine-fn.ts";
import { codersOfOne } from "../combine/extreme.ts";
import { changingNothing } from "../combine/two-steps.ts";
import { ptransform, type PCollection, type PTransform } from "../pipeline.ts";
import { combinePerKey } from "./combine-per-key.ts";
import { filter } from "./filter.ts";
import { keyBy, keyByItself } from "./key-by.ts";
import { values } from "./values.ts";

/**
 * Leaves one of each group of equal elements, for each window.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, one element per different element and window, in the first pane
 * that has it; its time is that of the pane.
 *
 * @param keyOf - what makes two elements equal; the whole element unless given. Which one of them is left is not defined.
 * @throws PipelineError `KEY_NOT_DETERMINISTIC` when the elements are compared whole and their coder may give equal ones different bytes.
 *
 * @example
 * ```ts
 * p.apply(create([1, 2, 1])).apply(distinct());                   // 1, 2
 * visits.apply(distinct((visit) => visit.user));                  // one visit of each user
 * ```
 */
export const distinct = <T>(keyOf?: (element: T) => unknown): PTransform<PCollection<T>, PCollection<T>> =>
  ptransform("Distinct", (elements: PCollection<T>) =>
    elements
      .apply(keyOf === undefined ? keyByItself<T>() : keyBy(keyOf))
      .apply(combinePerKey(anyOne<T>()))
      // Later panes of a window repeat the element, or hold nothing.
      .apply(filter((_, { pane }) => pane.isFirst))
      .apply(values()),
  );

const anyOne = <T>(): CombineFn<T, readonly T[], T> =>
  changingNothing({
    name: "anyOne",
    create: () => [],
    add: (one, element) => (one.length === 0 ? [element] : one),
    merge: (a, b) => (a.length === 0 ? b : a),
    extract: ([one]) => one as T,
    codersFor: codersOfOne,
  } satisfies CombineFn<T, readonly T[], T>);
