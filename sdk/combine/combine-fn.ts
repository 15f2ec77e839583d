import type { Coder } from "../coders/coder.ts";

/**
 * Folds many inputs into one output by way of an accumulator.
 *
 * Laws, which runners rely on when they combine parts apart and merge them later:
 * `merge` is associative and commutative, and `merge(create(), a)` equals `a`.
 * Adding then merging gives what adding everything in one place gives.
 * `add` and `merge` may change and return their first argument; an `add` that throws has changed nothing.
 */
export interface CombineFn<in In, in out Acc, out Out, out Empty = Out> {
  /** Names the step, such as `sum`. */
  readonly name: string;
  // Properties and not methods: methods are bivariant, and inference would end in `any`.
  /** An accumulator of nothing. */
  readonly create: () => Acc;
  /** The accumulator with one more input. */
  readonly add: (accumulator: Acc, input: In) => Acc;
  /** One accumulator of two. */
  readonly merge: (a: Acc, b: Acc) => Acc;
  /** The output of an accumulator. */
  readonly extract: (accumulator: Acc) => Out;
  /** What no input at all gives, where there is something to say about it; else `extract(create())`. */
  readonly empty?: () => Empty;
  /** The coder of accumulators; the structural one unless given. */
  readonly accumulatorCoder?: Coder<Acc>;
}

/** A combiner of values that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCombineFn = CombineFn<any, any, any, any>;
