import type { KV } from "../../../sdk/pipeline.ts";
import { EntriesOf } from "./entries-of.ts";

/** A table has at most so many places for each key. */
const PLACES_PER_KEY = 4;

/** How many places a table of these keys would have; 0 where it would be none, or much too large. */
export function placesFor(pairs: readonly KV<unknown, unknown>[]): number {
  const most = PLACES_PER_KEY * pairs.length;
  let last = -1;
  for (const [key] of pairs) {
    if (typeof key !== "number" || key >>> 0 !== key || key >= most) return 0;
    if (key > last) last = key;
  }
  return last + 1;
}

/** A map whose keys are whole numbers from 0 that lie close together: a table with a place for each, which costs a fraction of a `Map`. */
export class MapByNumber<V> extends EntriesOf<V> {
  readonly #values: (V | undefined)[];
  /** By key: whether it is there, since a value may be `undefined`. */
  readonly #isThere: Uint8Array;
  #size = 0;

  constructor(places: number) {
    super();
    this.#values = new Array<V | undefined>(places).fill(undefined);
    this.#isThere = new Uint8Array(places);
  }

  get size(): number {
    return this.#size;
  }

  get(key: unknown): V | undefined {
    // -0 is 0 here, as it should be.
    return typeof key === "number" && key >>> 0 === key && key < this.#values.length ? this.#values[key] : undefined;
  }

  has(key: unknown): boolean {
    return typeof key === "number" && key >>> 0 === key && this.#isThere[key] === 1;
  }

  set(key: unknown, value: V): void {
    const place = key as number;
    if (this.#isThere[place] === 0) this.#size++;
    this.#isThere[place] = 1;
    this.#values[place] = value;
  }

  *entries(): MapIterator<[unknown, V]> {
    for (let key = 0; key < this.#values.length; key++) if (this.#isThere[key] === 1) yield [key, this.#values[key] as V];
  }
}
