import type { AnyCombineFn, CombineFn } from "./combine-fn.ts";
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
  };
  return changingNothing(fn);
}

const nothing: AtMostOne<never> = Object.freeze([]);
