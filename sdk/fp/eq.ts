import type { Eq } from "fp-ts/lib/Eq.js";
import type { CombineFn } from "../combine/combine-fn.ts";
import { codersOfList } from "../combine/top.ts";
import { changingNothing } from "../combine/two-steps.ts";
import { ptransform, type PCollection, type PTransform } from "../pipeline.ts";
import { combinePerKey } from "../transforms/combine-per-key.ts";
import { flatMap } from "../transforms/flat-map.ts";
import { keyBy } from "../transforms/key-by.ts";

/**
 * Leaves one of each group of elements that an `Eq` finds equal, for each window.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, one element per different element, window and pane; its time is the end of its window.
 * Each element is compared with all different ones of its key, so without keys this is for few different elements.
 *
 * @param keyOf - a part that equal elements have in common, by which they are spread; one key for all unless given.
 *
 * @example
 * ```ts
 * const sameUser: Eq<Visit> = { equals: (a, b) => a.user.toLowerCase() === b.user.toLowerCase() };
 * visits.apply(distinctByEq(sameUser, (visit) => visit.country));
 * ```
 */
export const distinctByEq = <T>(
  { equals }: Eq<T>,
  keyOf: (element: T) => unknown = () => undefined,
): PTransform<PCollection<T>, PCollection<T>> =>
  ptransform("DistinctByEq", (elements: PCollection<T>) =>
    elements
      .apply(keyBy(keyOf))
      .apply(combinePerKey(oneOfEach(equals)))
      .apply(flatMap(([, different]) => different)),
  );

function oneOfEach<T>(equals: (a: T, b: T) => boolean): CombineFn<T, readonly T[], readonly T[]> {
  const withOneMore = (different: readonly T[], element: T): readonly T[] =>
    different.some((each) => equals(each, element)) ? different : [...different, element];
  return changingNothing({
    name: "oneOfEach",
    create: () => [],
    add: withOneMore,
    merge: (a, b) => b.reduce(withOneMore, a),
    extract: (different) => different,
    codersFor: codersOfList,
  } satisfies CombineFn<T, readonly T[], readonly T[]>);
}
