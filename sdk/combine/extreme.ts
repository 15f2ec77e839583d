import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { nullableCoder } from "../coders/nullable.ts";
import type { AnyCombineFn, CombineCoders, CombineFn } from "./combine-fn.ts";
import { compareOrdered, type Order } from "./order.ts";
import { readerOf } from "./part.ts";
import { changingNothing } from "./two-steps.ts";

/** Nothing yet, or the one that is kept: elements may be `undefined`, so that could not say "nothing". */
type AtMostOne<V> = readonly [] | readonly [V];

/** Keeps the greatest input (`sign` 1) or the least (-1): by an order the element, else the field's value or the value itself. */
export function extreme(name: string, sign: 1 | -1, what: Order<never> | string | undefined): AnyCombineFn {
  const isOrder = typeof what === "object";
  const compare = (isOrder ? what.compare : compareOrdered) as (a: unknown, b: unknown) => number;
  const valueOf = readerOf<unknown>(isOrder ? undefined : what);
  const isBetter = (value: unknown, kept: AtMostOne<unknown>): boolean => kept.length === 0 || sign * compare(value, kept[0]) > 0;
  const fn: CombineFn<unknown, AtMostOne<unknown>, unknown, undefined> = {
    name,
    create: () => nothing,
    add(kept, element) {
      const value = valueOf(element);
      return isBetter(value, kept) ? [value] : kept;
    },
    merge: (a, b) => (b.length === 1 && isBetter(b[0], a) ? b : a),
    extract: ([value]) => value,
    empty: () => undefined,
    // A field's value is a number or a text, whatever the coder of the elements.
    ...(typeof what === "string" ? {} : { codersFor: codersOfOne }),
  };
  return changingNothing(fn);
}

/** The coders of a combiner that keeps one input, in a list, and gives it, or `undefined` for no input. */
export const codersOfOne = (input: AnyCoder, orEmpty: boolean): CombineCoders => ({
  accumulator: iterableCoder(input),
  output: orEmpty ? nullableCoder(input) : input,
});

const nothing: AtMostOne<never> = Object.freeze([]);
