import type { Ord } from "fp-ts/lib/Ord.js";
import type { Order } from "../combine/order.ts";

/**
 * The order of an `Ord`, of the elements themselves or of what `f` gives of each, for `top`, `min` and `max`.
 *
 * @example
 * ```ts
 * import { Ord } from "fp-ts/lib/Date.js";
 * orders.apply(combineGlobally(max(byOrd(Ord, (order: Order) => order.date)))); // the order with the last date
 * ```
 */
export function byOrd<A>(ord: Ord<A>): Order<A>;
export function byOrd<T, A>(ord: Ord<A>, f: (element: T) => A): Order<T>;
export function byOrd<A>({ compare }: Ord<A>, f?: (element: never) => A): Order<never> {
  return f === undefined ? { compare } : { compare: (a, b) => compare(f(a), f(b)) };
}
