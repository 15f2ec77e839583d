import type { CombineFn } from "./combine-fn.ts";

/** The accumulator of any combiner. */
// oxlint-disable-next-line typescript/no-explicit-any
type AnyAcc = any;
type Field<In> = CombineFn<In, AnyAcc, unknown, unknown>;

/**
 * One combiner, or an object of them that see the same inputs, such as `{ total: sum("amount"), n: count() }`.
 *
 * An object is inferred whole, as `C`, so that its fields keep what they give on empty input. `call` keeps functions out:
 * `combinePerKey(count)` forgets to call it.
 */
export type Combine<In, Out, Empty, C> =
  | CombineFn<In, AnyAcc, Out, Empty>
  | (C & { readonly [field: string]: Field<In> } & { readonly call?: never });

/** What a {@link Combine} gives where there was an input. */
export type OutOf<C, Out> =
  C extends CombineFn<never, AnyAcc, unknown, unknown>
    ? Out
    : { -readonly [F in keyof C]: C[F] extends CombineFn<never, AnyAcc, infer V, unknown> ? V : never };

/** What a {@link Combine} gives where there may have been none. */
export type OrEmptyOf<C, Out, Empty> =
  C extends CombineFn<never, AnyAcc, unknown, unknown>
    ? Out | Empty
    : { -readonly [F in keyof C]: C[F] extends CombineFn<never, AnyAcc, infer V, infer E> ? V | E : never };
