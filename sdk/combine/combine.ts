import type { CombineFn } from "./combine-fn.ts";

/** The accumulator of a combiner, whatever it is. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyAccumulator = any;

/** One of several combiners, under the name of its field. */
export type CombineField<In, SI = {}> = CombineFn<In, AnyAccumulator, unknown, unknown, SI>;

/**
 * One combiner, or an object of them that see the same inputs, such as `{ total: sum("amount"), n: count() }`.
 *
 * An object is inferred whole, as `C`, so that its fields keep what they give on empty input. `call` keeps functions out:
 * `combinePerKey(count)` forgets to call it.
 */
export type Combine<In, Out, Empty, SI, C> =
  | CombineFn<In, AnyAccumulator, Out, Empty, SI>
  | (C & { readonly [field: string]: CombineField<In, SI> } & { readonly call?: never });

/** What a {@link Combine} gives where there was an input. */
export type OutOf<C, Out> =
  C extends CombineFn<never, AnyAccumulator, unknown, unknown, never>
    ? Out
    : { -readonly [F in keyof C]: C[F] extends CombineFn<never, AnyAccumulator, infer V, unknown, never> ? V : never };

/** What a {@link Combine} gives where there may have been none. */
export type OrEmptyOf<C, Out, Empty> =
  C extends CombineFn<never, AnyAccumulator, unknown, unknown, never>
    ? Out | Empty
    : { -readonly [F in keyof C]: C[F] extends CombineFn<never, AnyAccumulator, infer V, infer E, never> ? V | E : never };
