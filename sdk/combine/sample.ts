import { mustBeWhole } from "../check.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import type { CombineFn, Kept } from "./combine-fn.ts";
import { merged, withOneMore } from "./top.ts";
import { changingNothing } from "./two-steps.ts";

/** How {@link sample} chooses. */
export interface SampleOptions {
  /** Another seed, any number, gives another sample; 0 unless given. */
  readonly seed?: number;
}

/** An element and the lot it drew. */
type Drawn<T> = readonly [lot: number, element: T];

/**
 * `n` elements chosen by chance, each element with the same chance. Output: all of them where there are fewer, `[]` for no
 * inputs, in no order.
 *
 * Each element draws a lot and the highest lots stay, so parts can be sampled apart and merged. The lots come from a
 * generator that starts at the seed: the same elements in the same order give the same sample. On several threads each
 * starts there, so what two threads choose is not independent.
 *
 * @param n - how many are kept; a whole number, at least 1. An accumulator holds that many elements.
 * @throws PipelineError `BAD_ARGUMENT` when `n` is no such number.
 *
 * @example
 * ```ts
 * visits.apply(keyBy((visit) => visit.country)).apply(combinePerKey(sample(2))); // ["PT", [visit, visit]], ["NZ", [visit]]
 * ```
 */
export function sample<T>(n: number, { seed = 0 }: SampleOptions = {}): CombineFn<T, Kept, readonly T[]> {
  mustBeWhole("the number of elements that sample keeps", n, 1);
  const lots = new Lots(seed);
  const fn = changingNothing<CombineFn<T, readonly Drawn<T>[], readonly T[]>>({
    name: `sample(${n})`,
    showsOrder: true,
    create: () => [],
    add(drawn, element) {
      const lot = lots.draw();
      // Most elements lose, and cost no memory.
      return drawn.length === n && lot <= drawn[n - 1]![0] ? drawn : withOneMore(drawn, [lot, element], n, byLot);
    },
    merge: (a, b) => merged(a, b, n, byLot),
    extract: (drawn) => drawn.map(([, element]) => element),
    codersFor: (input) => ({ accumulator: iterableCoder(kvCoder(numberCoder, input)), output: iterableCoder(input) }),
  });
  return fn as unknown as CombineFn<T, Kept, readonly T[]>;
}

const byLot = ([a]: Drawn<unknown>, [b]: Drawn<unknown>): number => a - b;

/** Numbers below 2^32 as if by chance. @see Mulberry32 by Tommy Ettinger. */
class Lots {
  /** In a typed array: a number in a field would be made anew for each lot. */
  readonly #state = new Int32Array(1);

  constructor(seed: number) {
    this.#state[0] = seed;
  }

  draw(): number {
    const state = (this.#state[0]! + 0x6d2b79f5) | 0;
    this.#state[0] = state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
