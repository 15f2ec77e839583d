import type { AnyCoder, Coder } from "../coders/coder.ts";
import type { Instant } from "../time.ts";

/** What a combiner may use besides its inputs. It is valid during a call. */
export interface CombineContext<out SI> {
  /**
   * The side inputs that the combine declares, by name, as they are for the window that is combined. Of windows that merge that is
   * what they have become.
   */
  readonly sideInputs: { readonly [N in keyof SI]: SI[N] };
}

/** What a combiner gets that reads no side inputs. */
export const NO_SIDE_INPUTS: CombineContext<{}> = Object.freeze({ sideInputs: Object.freeze({}) });

/**
 * Folds many inputs into one output by way of an accumulator.
 *
 * Laws, which runners rely on when they combine parts apart and merge them later:
 * `merge` is associative and commutative, and `merge(create(), a)` equals `a`.
 * Adding then merging gives what adding everything in one place gives.
 * `add` and `merge` may change and return their first argument; an `add` that throws has changed nothing.
 * `extract` changes nothing, and what it gives is not changed by what is added later.
 *
 * @typeParam Empty - what no input at all gives.
 * @typeParam SI - the side inputs that it reads, by name; whoever combines by it has to pass them.
 */
export interface CombineFn<in In, in out Acc, out Out, out Empty = Out, in SI = {}> {
  /** Names the step, such as `sum`. */
  readonly name: string;
  // Properties and not methods: methods are bivariant, and inference would end in `any`.
  /** An accumulator of nothing. */
  readonly create: () => Acc;
  /** The accumulator with one more input. */
  readonly add: (accumulator: Acc, input: In, ctx: CombineContext<SI>) => Acc;
  /** For combiners that need to know when an input was: called in place of `add`, with the input's event time in ms. */
  readonly addAt?: (accumulator: Acc, input: In, timestamp: Instant, ctx: CombineContext<SI>) => Acc;
  /** One accumulator of two. */
  readonly merge: (a: Acc, b: Acc) => Acc;
  /** The output of an accumulator. */
  readonly extract: (accumulator: Acc, ctx: CombineContext<SI>) => Out;
  /** What no input at all gives, where there is something to say about it; else `extract(create())`. */
  readonly empty?: () => Empty;
  /** For combiners that are made of others, whose `extract` may read side inputs: called in place of `empty`. */
  readonly emptyIn?: (ctx: CombineContext<SI>) => Empty;
  /** The coder of accumulators; the structural one unless given. */
  readonly accumulatorCoder?: Coder<Acc>;
  /**
   * For combiners that keep inputs: the coders of accumulators and outputs by the coder of the inputs, where that is not the
   * structural one. With `orEmpty` an output may also be what `empty` gives.
   */
  readonly codersFor?: (input: AnyCoder, orEmpty: boolean) => CombineCoders;
  /**
   * Of a combiner of the library that breaks the law of order: what it gives depends on which input comes first, or where.
   *
   * @internal
   */
  readonly showsOrder?: boolean;
}

/**
 * Gives a literal its types. Inside an object of combiners a literal needs it, elsewhere it is a convenience. A literal that reads
 * side inputs says there which: `add: (total, order, ctx: CombineContext<{ limit: number }>) => …`.
 *
 * @example
 * ```ts
 * const longest = combineFn({
 *   name: "longest",
 *   create: () => 0,
 *   add: (length, word: string) => Math.max(length, word.length),
 *   merge: (a, b) => Math.max(a, b),
 *   extract: (length) => length,
 * });
 * words.apply(combineGlobally({ longest, words: count() })); // { longest: 7, words: 3 }
 * ```
 */
export function combineFn<In, Acc, Out, SI = {}>(
  fn: CombineFn<In, Acc, Out, Out, SI> & { readonly empty?: never },
): CombineFn<In, Acc, Out, Out, SI>;
export function combineFn<In, Acc, Out, Empty, SI = {}>(
  fn: CombineFn<In, Acc, Out, Empty, SI> & { readonly empty: () => Empty },
): CombineFn<In, Acc, Out, Empty, SI>;
export function combineFn(fn: AnyCombineFn): AnyCombineFn {
  return fn;
}

/** The coders of a combiner's accumulators and outputs. */
export interface CombineCoders {
  /** The coder of accumulators. */
  readonly accumulator: AnyCoder;
  /** The coder of outputs. */
  readonly output: AnyCoder;
}

/** A combiner of values that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCombineFn = CombineFn<any, any, any, any, any>;

/** The context of such a combiner. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCombineContext = CombineContext<any>;

declare const kept: unique symbol;

/** An accumulator that keeps elements, and that nobody may look into: one that named its elements would make them `any` where they do not fit. */
export interface Kept {
  /** Never there at run time. */
  readonly [kept]: true;
}
