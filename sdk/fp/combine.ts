import type { Monoid } from "fp-ts/lib/Monoid.js";
import type { Semigroup } from "fp-ts/lib/Semigroup.js";
import type { AnyCombineFn, CombineFn, Kept } from "../combine/combine-fn.ts";
import { codersOfOne } from "../combine/extreme.ts";
import { readerOf } from "../combine/part.ts";
import { changingNothing } from "../combine/two-steps.ts";

/**
 * Combines with a monoid: the elements themselves, or what `f` makes of each. Output: the empty element for no inputs.
 *
 * @param monoid - has to be commutative as well, since elements come in any order: sums and unions are, joining texts is not.
 *
 * @example
 * ```ts
 * import { MonoidSum } from "fp-ts/lib/number.js";
 * words.apply(combineGlobally(combineMonoid(MonoidSum, (word: string) => word.length))); // "to", "be" → 4
 * ```
 */
export function combineMonoid<A>(monoid: Monoid<A>): CombineFn<A, A, A>;
export function combineMonoid<T, A>(monoid: Monoid<A>, f: (element: T) => A): CombineFn<T, A, A>;
export function combineMonoid<A>(monoid: Monoid<A>, f?: (element: never) => A): CombineFn<unknown, A, A> {
  const partOf = readerOf<A>(f);
  return changingNothing<CombineFn<unknown, A, A>>({
    name: "monoid",
    create: () => monoid.empty,
    add: (total, element) => monoid.concat(total, partOf(element)),
    merge: (a, b) => monoid.concat(a, b),
    extract: (total) => total,
    ...(f === undefined ? { codersFor: (input) => ({ accumulator: input, output: input }) } : {}),
  });
}

/**
 * Combines with a semigroup: the elements themselves, or what `f` makes of each. Output: `undefined` for no inputs.
 *
 * @param semigroup - has to be commutative as well, since elements come in any order.
 *
 * @example
 * ```ts
 * import { max } from "fp-ts/lib/Semigroup.js";
 * import { Ord } from "fp-ts/lib/number.js";
 * p.apply(create([3, 9, 4])).apply(combineGlobally(combineSemigroup(max(Ord)))); // 9
 * ```
 */
export function combineSemigroup<A>(semigroup: Semigroup<A>): CombineFn<A, Kept, A, undefined>;
export function combineSemigroup<T, A>(semigroup: Semigroup<A>, f: (element: T) => A): CombineFn<T, Kept, A, undefined>;
export function combineSemigroup<A>({ concat }: Semigroup<A>, f?: (element: never) => A): AnyCombineFn {
  const partOf = readerOf<A>(f);
  // A list of none or one, as the elements may be `undefined`.
  const joined = (a: readonly A[], b: readonly A[]): readonly A[] => {
    if (a.length === 0) return b;
    return b.length === 0 ? a : [concat(a[0]!, b[0]!)];
  };
  return changingNothing<CombineFn<unknown, readonly A[], A | undefined, undefined>>({
    name: "semigroup",
    create: () => [],
    add: (total, element) => joined(total, [partOf(element)]),
    merge: joined,
    extract: ([total]) => total,
    empty: () => undefined,
    ...(f === undefined ? { codersFor: codersOfOne } : {}),
  });
}
