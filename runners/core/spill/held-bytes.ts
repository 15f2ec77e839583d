import type { Batch } from "../batch.ts";
import type { Cells } from "../cells.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import type { EntrySizes } from "./spilling.ts";
import { sizeOf } from "./size-of.ts";

/** What a key takes in a dictionary besides itself, and an accumulator in its cells. */
const KEY = 64;
const CELL = 14;
/** A list of one value, and the room for more that one of several has. */
const LIST = 56;
const ROOM = 128;
const PLACE = 8;

/** One element of many stands for all of them; of the first ones each counts. */
const EVERY = 256;
const FIRST = 16;
/** So many accumulators are looked at when all are counted. */
const ACCUMULATORS = 32;

/** What is held of one window. */
interface Held {
  readonly cells: Cells;
  /** How many values it has. */
  readonly values: number;
}

/**
 * About how many bytes the accumulators of a grouping take. While elements come each counts as if it had come to stay, which costs
 * an addition for many of them; when that is too much, what is there is counted.
 */
export class HeldBytes {
  readonly #keys: KeyDictionary;
  /** Whether accumulators are lists of values. */
  readonly #areLists: boolean;
  #counted = 0;
  /** How many elements came since. */
  #since = 0;
  #unsampled = 0;
  readonly #key = new Mean();
  readonly #value = new Mean();
  #accumulatorBytes = 0;

  constructor(keys: KeyDictionary, areLists: boolean) {
    this.#keys = keys;
    this.#areLists = areLists;
  }

  /** About how many. */
  get bytes(): number {
    return this.#counted + this.#since * (this.#key.mean + KEY + this.#value.mean + CELL + (this.#areLists ? LIST : 0));
  }

  /** The sizes of an entry. */
  get sizes(): EntrySizes {
    const entryBytes = this.#key.mean + (this.#areLists ? LIST : CELL + this.#accumulatorBytes);
    return { entryBytes, valueBytes: PLACE + this.#value.mean };
  }

  /** About how many bytes an accumulator takes; one on disk next to none. */
  bytesOf(accumulator: unknown): number {
    if (!this.#areLists) return this.#accumulatorBytes;
    return Array.isArray(accumulator) ? accumulator.length * this.sizes.valueBytes : 0;
  }

  /** Counts the elements of a batch once for each time that they are kept. */
  add({ values, size }: Batch, keyIds: Int32Array, times: number): void {
    this.#since += times;
    this.#unsampled += size;
    if (this.#unsampled < EVERY && this.#key.count >= FIRST) return;
    this.#unsampled = 0;
    const place = size >> 1;
    this.#key.add(sizeOf(this.#keys.keyOf(keyIds[place]!)));
    this.#value.add(sizeOf(values[place]));
  }

  /** Counts what is there. */
  recount(windows: Iterable<Held>): void {
    let cells = 0;
    let values = 0;
    const accumulators = new Mean();
    for (const held of windows) {
      cells += held.cells.count();
      values += held.values;
      if (!this.#areLists) sample(held.cells, accumulators);
    }
    this.#accumulatorBytes = accumulators.mean;
    const keys = Math.min(cells, this.#keys.size);
    this.#counted = keys * (KEY + this.#key.mean) + cells * (CELL + (this.#areLists ? LIST : accumulators.mean));
    if (this.#areLists) this.#counted += values * (PLACE + this.#value.mean) + Math.min(values - cells, cells) * ROOM;
    this.#since = 0;
  }
}

function sample({ accumulators, places, seen }: Cells, into: Mean): void {
  const step = Math.max(1, Math.floor(places / ACCUMULATORS));
  for (let place = 0; place < places; place += step) if (seen[place] === 1) into.add(sizeOf(accumulators[place]));
}

/** Of numbers that come one by one. */
class Mean {
  count = 0;
  #sum = 0;

  add(value: number): void {
    this.count++;
    this.#sum += value;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }
}
