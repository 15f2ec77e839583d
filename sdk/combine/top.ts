import { mustBeWhole } from "../check.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import type { CombineCoders, CombineFn, Kept } from "./combine-fn.ts";
import type { Order } from "./order.ts";
import { changingNothing } from "./two-steps.ts";

/**
 * The `n` greatest elements by an order, the greatest first. Output: fewer where there are fewer, `[]` for no inputs; among
 * equals any.
 *
 * @param n - how many are kept; a whole number, at least 1. An accumulator holds that many elements.
 * @throws PipelineError `BAD_ARGUMENT` when `n` is no such number; `NO_ORDER` in the run, when `by` finds values without an order.
 *
 * @example
 * ```ts
 * orders.apply(combineGlobally(top(3, by((order) => order.amount)))); // [{ amount: 9 }, { amount: 7 }, { amount: 7 }]
 * ```
 */
export function top<T>(n: number, { compare }: Order<T>): CombineFn<T, Kept, readonly T[]> {
  mustBeWhole("the number of elements that top keeps", n, 1);
  const fn = changingNothing<CombineFn<T, readonly T[], readonly T[]>>({
    name: `top(${n})`,
    create: () => [],
    add: (best, element) => withOneMore(best, element, n, compare),
    merge: (a, b) => merged(a, b, n, compare),
    // The accumulator itself is never changed, so it may be given away.
    extract: (best) => best,
    codersFor: codersOfList,
  });
  return fn as unknown as CombineFn<T, Kept, readonly T[]>;
}

/** The coders of a combiner that keeps inputs in a list and gives that. */
export function codersOfList(input: AnyCoder): CombineCoders {
  const list = iterableCoder(input);
  return { accumulator: list, output: list };
}

/** The list, greatest first, with one more element, or the same list where the element has no place in it. */
export function withOneMore<T>(best: readonly T[], element: T, n: number, compare: Order<T>["compare"]): readonly T[] {
  if (best.length === n && compare(element, best[n - 1]!) <= 0) return best;
  // Behind all that are as great or greater.
  let [from, to] = [0, best.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(element, best[middle]!) > 0) to = middle;
    else from = middle + 1;
  }
  const next = best.slice(0, n);
  next.splice(from, 0, element);
  next.length = Math.min(next.length, n);
  return next;
}

/** The greatest of two lists that each have the greatest first. */
export function merged<T>(a: readonly T[], b: readonly T[], n: number, compare: Order<T>["compare"]): readonly T[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const best: T[] = [];
  let [i, j] = [0, 0];
  while (best.length < n && (i < a.length || j < b.length)) {
    const isFromB = i === a.length || (j < b.length && compare(b[j]!, a[i]!) > 0);
    best.push(isFromB ? b[j++]! : a[i++]!);
  }
  return best;
}
