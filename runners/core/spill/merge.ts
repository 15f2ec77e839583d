import { KeyDictionary } from "../key-dictionary.ts";
import { LONG_BLOCKS, longOr, stored, type MemoryCursor, type RunCursor, type RunFormat, type RunTarget } from "./sorted-run.ts";
import type { Entries } from "./sorted-entries.ts";
import { StoredList } from "./stored-list.ts";

/** How the accumulators of equal keys become one. */
export interface Merging {
  readonly format: RunFormat;
  readonly merge: (key: unknown, a: unknown, b: unknown) => unknown;
  /** About how many bytes each of the values takes that are in lists. */
  readonly valueBytes: number;
  readonly target: Pick<RunTarget, "openLists" | "onWritten">;
}

/**
 * Goes through several sorted runs at once, as far as all of them are in hand, so that a block of each is in memory and equal keys
 * meet. Runs come in the order in which they were written, and so do the accumulators of a key.
 */
export class Merge {
  readonly #cursors: readonly (RunCursor | MemoryCursor)[];
  readonly #merging: Merging;
  #isDone = false;

  constructor(cursors: readonly (RunCursor | MemoryCursor)[], merging: Merging) {
    this.#cursors = cursors;
    this.#merging = merging;
  }

  /** The next keys, each with all that there is of it; in their order they are only as far as those of the next call come after them. Nothing when all were given. */
  next(): Entries | undefined {
    if (this.#isDone) return undefined;
    const bound = this.#cursors.reduce((least, cursor) => Math.min(least, cursor.bound), Infinity);
    const ids = new KeyDictionary(this.#merging.format.keyCoder);
    const orders: number[] = [];
    const keys: unknown[] = [];
    const accumulators: unknown[] = [];
    const take = (order: number, key: unknown, accumulator: unknown): void => {
      const id = ids.idOf(key);
      if (id < keys.length) accumulators[id] = this.#merged(key, accumulators[id], accumulator);
      else {
        orders.push(order);
        keys.push(key);
        accumulators.push(accumulator);
      }
    };
    for (const cursor of this.#cursors) cursor.take(bound, take);
    if (bound === Infinity) this.close();
    return { orders, keys, accumulators };
  }

  #merged(key: unknown, a: unknown, b: unknown): unknown {
    const { format, merge } = this.#merging;
    return format.valueCoder === undefined ? merge(key, a, b) : this.#joined(a as Values, b as Values);
  }

  /** Lists that come to very much leave memory. */
  #joined(a: Values, b: Values): Values {
    const { format, valueBytes, target } = this.#merging;
    if (a instanceof StoredList || b instanceof StoredList) {
      return stored(a, valueBytes, format, target).followedBy(stored(b, valueBytes, format, target));
    }
    for (const value of b) a.push(value);
    return longOr(a, LONG_BLOCKS, valueBytes, format, target);
  }

  close(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    for (const cursor of this.#cursors) cursor.close();
  }
}

type Values = unknown[] | StoredList;
