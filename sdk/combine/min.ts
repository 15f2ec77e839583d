import type { AnyCombineFn, CombineFn, Kept } from "./combine-fn.ts";
import { extreme } from "./extreme.ts";
import type { Order, Ordered } from "./order.ts";
import type { Having } from "./part.ts";

/**
 * The least: `min()` of values, `min("price")` of the values of a field, `min(by((o) => o.price))` the element that has the least.
 *
 * Output: `undefined` for no inputs; of equals any one. `NaN` comes after all numbers.
 *
 * @throws PipelineError `NO_ORDER` in the run, when two values cannot be compared.
 */
export function min<T>(order: Order<T>): CombineFn<T, Kept, T, undefined>;
export function min<T extends Having<F, Ordered>, F extends string>(field: F): CombineFn<T, Kept, T[F], undefined>;
export function min<T extends Ordered>(): CombineFn<T, Kept, T, undefined>;
export function min(what?: Order<never> | string): AnyCombineFn {
  return extreme("min", -1, what);
}
