import type { AnyCombineFn, CombineFn, Kept } from "./combine-fn.ts";
import { extreme } from "./extreme.ts";
import type { Order, Ordered } from "./order.ts";
import type { Having } from "./part.ts";

/**
 * The greatest: `max()` of values, `max("price")` of the values of a field, `max(by((o) => o.price))` the element that has the greatest.
 *
 * Output: `undefined` for no inputs; of equals any one. If there is a `NaN`, that is it, as it comes after all numbers.
 *
 * @throws PipelineError `NO_ORDER` in the run, when two values cannot be compared.
 */
export function max<T>(order: Order<T>): CombineFn<T, Kept, T, undefined>;
export function max<T extends Having<F, Ordered>, F extends string>(field: F): CombineFn<T, Kept, T[F], undefined>;
export function max<T extends Ordered>(): CombineFn<T, Kept, T, undefined>;
export function max(what?: Order<never> | string): AnyCombineFn {
  return extreme("max", 1, what);
}
