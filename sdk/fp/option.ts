import { none, some, type Option } from "fp-ts/lib/Option.js";
import { derived } from "../combine/derived.ts";
import { inStepsOf } from "../combine/two-steps.ts";
import type { AnyCombineFn, CombineFn } from "../combine/combine-fn.ts";
import { renamed } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { flatMap } from "../transforms/flat-map.ts";

/**
 * Turns each element into another one, or leaves it out where `f` gives `none`. `some(undefined)` stays: the element is `undefined` then.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, at most one element for each; time and windows stay.
 *
 * @example
 * ```ts
 * import { none, some } from "fp-ts/lib/Option.js";
 * lines.apply(filterMapOption((line) => (line === "" ? none : some(line.length)))); // "to", "", "not" → 2, 3
 * ```
 */
export const filterMapOption = <A, B>(f: (element: A) => Option<B>): PTransform<PCollection<A>, PCollection<B>> =>
  renamed(
    "FilterMapOption",
    flatMap((element: A) => listOf(f(element))),
  );

/**
 * The elements that are there.
 *
 * Shape: `PCollection<Option<A>>` → `PCollection<A>`; time and windows stay.
 *
 * @example
 * ```ts
 * p.apply(create([some(1), none])).apply(compact()); // 1
 * ```
 */
export const compact = <A>(): PTransform<PCollection<Option<A>>, PCollection<A>> =>
  renamed(
    "Compact",
    flatMap((option: Option<A>) => listOf(option)),
  );

/**
 * A combiner that gives an `Option`: `none` for no inputs.
 *
 * @example
 * ```ts
 * p.apply(create<number>([])).apply(combineGlobally(orNone(max()))); // none
 * ```
 */
export function orNone<In, Acc, Out, Empty>(fn: CombineFn<In, Acc, Out, Empty>): CombineFn<In, Acc, Option<Out>> {
  const changes: Partial<AnyCombineFn> = {
    extract: (accumulator, ctx) => some(fn.extract(accumulator as Acc, ctx)),
    empty: () => none,
  };
  return inStepsOf(fn, derived(fn, changes));
}

const listOf = <A>(option: Option<A>): readonly A[] => (option._tag === "Some" ? [option.value] : []);
