import { withoutContext } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Turns each element into another one, or leaves it out: where `f` gives `undefined`. `null` and `NaN` are values like others.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, at most one element for each; time and windows stay. For functions that give an
 * `Option` there is `filterMapOption` in `millrace/fp`.
 *
 * @example
 * ```ts
 * lines.apply(filterMap((line) => (line === "" ? undefined : line.length))); // "to", "", "not" → 2, 3
 * ```
 */
export function filterMap<A, B>(f: (element: A) => B | undefined): PTransform<PCollection<A>, PCollection<B>> {
  return primitive("FilterMap", () => ({ kind: "parDo", fn: { kind: "filterMap", call: withoutContext(f) }, output: {} }));
}
