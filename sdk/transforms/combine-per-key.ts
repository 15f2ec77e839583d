import { mustBeWhole } from "../check.ts";
import type { Combine, OutOf } from "../combine/combine.ts";
import { combineFnOf, type AnyCombine } from "../combine/composite.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { SideInputs } from "../side-input.ts";
import { combining } from "./combining.ts";
import { mustBeLateTag, type LateTo, type WithLate } from "./late-to.ts";

/** How {@link combinePerKey} works. */
export interface PerKeyOptions<in K, SI = {}, L = never> extends LateTo<L> {
  /**
   * Over how many partial results the values of a key are spread before they are combined for good, for keys with so many
   * values that one thread would have to do most of the work. 0 and 1, for all keys or for one, mean not at all. Windows that merge,
   * such as sessions, are not spread.
   */
  readonly fanout?: number | ((key: K) => number);
  /**
   * Other collections that the combiner reads as `ctx.sideInputs.name`. An element waits until they are ready for its window; where
   * windows merge it is panes that wait, and the elements are kept until then.
   */
  readonly sideInputs?: SideInputs<SI>;
}

/**
 * Combines the values of each key, window and pane into one output.
 *
 * Shape: `PCollection<KV<K, In>>` → `PCollection<KV<K, Out>>`, one element per key, window and pane; its time is the end of its window.
 * With an object of combiners, `Out` has a field for each; the values are gone through once. With `lateTo` it gives `{ main, … }`,
 * the elements that came too late under the name that is given.
 *
 * @param combine - one {@link CombineFn}, which says what laws it keeps, or an object of them.
 * @throws PipelineError `NOT_A_COMBINE_FN` when it is neither; `BAD_ARGUMENT` when the fan-out is no whole number; `BAD_SIDE_INPUT` as
 * for {@link map}; otherwise as for {@link groupByKey}.
 *
 * @example
 * ```ts
 * orders.apply(keyBy((order) => order.user)).apply(combinePerKey({ total: sum("amount"), n: count(), best: max(by((o) => o.amount)) }));
 * // ["ann", { total: 12, n: 2, best: { user: "ann", amount: 9 } }]
 * ```
 */
export function combinePerKey<K, In, Out, Empty = Out, C = never, SI = {}, const L extends string = never>(
  combine: Combine<In, Out, Empty, NoInfer<SI>, C>,
  { fanout = 1, lateTo, sideInputs }: PerKeyOptions<NoInfer<K>, SI, L> = {},
): PTransform<PCollection<KV<K, In>>, WithLate<PCollection<KV<K, In>>, PCollection<KV<K, OutOf<C, Out>>>, L>> {
  if (typeof fanout !== "function") mustBeWhole("the fan-out of combinePerKey", fanout, 0);
  mustBeLateTag(lateTo);
  const fn = combineFnOf("combinePerKey", combine as AnyCombine);
  const transform = combining(fn, { fanout: fanout as Exclude<typeof fanout, Function>, lateTo, sideInputs });
  return transform as unknown as ReturnType<typeof combinePerKey<K, In, Out, Empty, C, SI, L>>;
}
