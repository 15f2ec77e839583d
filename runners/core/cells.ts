import type { Fold } from "./fold.ts";

/** A window's keys are numbered anew while they are fewer than this share of all keys. */
const DENSE_FROM = 1 / 8;
/** Up to this many keys in all, an array with a place for each is small. */
const FEW_KEYS = 1_024;

/**
 * The accumulators of one window. Where the window has many of the keys, each key's is at the key's own number; where it has
 * few of them, its keys are numbered anew, so that memory grows with what is there and not with windows times keys.
 */
export class Cells {
  accumulators: unknown[] = [];
  seen = new Uint8Array(0);
  /** By place: how many values were folded in; nothing unless it was asked for. */
  weights: Int32Array | undefined;
  /** Stands where there is no accumulator. */
  readonly #filler: unknown;
  /** The window's own numbers of its keys, and the keys' numbers by those; nothing once numbers are the keys' own. */
  #own: { readonly numbers: Map<number, number>; readonly keyIds: number[] } | undefined = { numbers: new Map(), keyIds: [] };

  constructor(filler: unknown, { counts }: { readonly counts: boolean } = { counts: false }) {
    this.#filler = filler;
    if (counts) this.weights = new Int32Array(0);
  }

  /** How many places there are; not all of them hold something. */
  get places(): number {
    return this.accumulators.length;
  }

  /** The key at a place; -1 where there is none. */
  keyAt(place: number): number {
    if (this.seen[place] === 0) return -1;
    return this.#own === undefined ? place : this.#own.keyIds[place]!;
  }

  /** How many keys have an accumulator, by looking at all places. */
  count(): number {
    const { seen } = this;
    let count = 0;
    for (let place = 0; place < this.places; place++) count += seen[place]!;
    return count;
  }

  /** Lets go of what is at a place. */
  clear(place: number): void {
    this.accumulators[place] = this.#filler;
    this.seen[place] = 0;
  }

  /** Folds values into the accumulators of their keys. Answers the place of the value that `add` threw for, or -1. */
  fold(
    fold: Fold,
    keyIds: Int32Array,
    values: readonly unknown[],
    from: number,
    to: number,
    keys: number,
    onThrow: (error: unknown) => void,
  ): number {
    if (this.#own !== undefined && this.#isDense(keys)) this.#useKeysOwnNumbers();
    const places = this.#own === undefined ? keyIds : this.#ownPlaces(keyIds, from, to);
    this.#makeRoom(this.#own?.keyIds.length ?? keys);
    if (this.weights !== undefined) for (let i = from; i < to; i++) this.weights[places[i]!]!++;
    return fold(this, places, values, from, to, onThrow);
  }

  #ownPlaces(keyIds: Int32Array, from: number, to: number): Int32Array {
    const places = new Int32Array(to);
    for (let i = from; i < to; i++) places[i] = this.#ownNumber(keyIds[i]!);
    return places;
  }

  #isDense(keys: number): boolean {
    return keys <= FEW_KEYS || this.#own!.keyIds.length > keys * DENSE_FROM;
  }

  #ownNumber(keyId: number): number {
    const { numbers, keyIds } = this.#own!;
    let number = numbers.get(keyId);
    if (number === undefined) numbers.set(keyId, (number = keyIds.push(keyId) - 1));
    return number;
  }

  #useKeysOwnNumbers(): void {
    const { keyIds } = this.#own!;
    const { accumulators, seen, weights } = this;
    this.#own = undefined;
    this.accumulators = [];
    this.seen = new Uint8Array(0);
    if (weights !== undefined) this.weights = new Int32Array(0);
    this.#makeRoom(1 + keyIds.reduce((most, keyId) => Math.max(most, keyId), -1));
    keyIds.forEach((keyId, place) => {
      this.accumulators[keyId] = accumulators[place];
      this.seen[keyId] = seen[place] ?? 0;
      if (weights !== undefined) this.weights![keyId] = weights[place] ?? 0;
    });
  }

  #makeRoom(places: number): void {
    const { accumulators } = this;
    while (accumulators.length < places) accumulators.push(this.#filler);
    if (this.seen.length >= places) return;
    const seen = new Uint8Array(Math.max(16, 2 * places));
    seen.set(this.seen);
    this.seen = seen;
    if (this.weights === undefined) return;
    const weights = new Int32Array(seen.length);
    weights.set(this.weights);
    this.weights = weights;
  }
}
