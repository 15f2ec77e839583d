import { hasPlainValues, type AnyCoder } from "../../sdk/coders/coder.ts";
import { structuralCoder } from "../../sdk/coders/structural.ts";
import { canonicalKey, isPrimitive } from "../../sdk/coders/canonical-key.ts";
import { keyGroupOf, keyGroupOfText, keyOrderOf, keyOrderOfText } from "./key-groups.ts";

/** Up to this many keys are never looked through. */
const FEW_KEYS = 1_024;
/** A table of whole numbers has at most so many places, and at most so many for each key. */
const MOST_PLACES = 4 * 1_024 * 1_024;
const PLACES_PER_KEY = 16;

/**
 * Gives each different key a small number, so that state is found by an index and not by a key. Keys that nothing is known of
 * any more are forgotten now and then, and their numbers given anew.
 *
 * Keys that are small whole numbers stand in a table, which costs a fraction of a `Map`. Other primitives are looked up as they are: a `Map` tells 1 from "1", and takes -0 for 0 and `NaN` for itself, as
 * grouping does. Other keys are looked up by their canonical form, keys with a coder of their own by their bytes.
 */
export class KeyDictionary {
  /** By key, for whole numbers from 0: one more than the number of the key, 0 where it has none here. The first place to look. */
  bySmall = new Int32Array(FEW_KEYS);
  /** The numbers of the other keys that are primitives. */
  readonly byPrimitive = new Map<unknown, number>();
  readonly #byForm = new Map<string, number>();
  readonly #keys: unknown[] = [];
  readonly #free: number[] = [];
  /** Whether somebody has numbers in hand that are in no batch yet. */
  readonly #isInHand: (() => boolean)[] = [];
  /** How many batches with numbers are on their way. */
  inTransit = 0;
  /** When there are more keys than this, it is time to see which of them are needed. */
  #sweepAt = FEW_KEYS;
  readonly #formOf: (key: unknown) => string;
  readonly #hasOwnCoder: boolean;

  constructor(keyCoder: AnyCoder = structuralCoder) {
    this.#hasOwnCoder = !hasPlainValues(keyCoder);
    this.#formOf = this.#hasOwnCoder ? (key) => textOfBytes(keyCoder.encode(key)) : canonicalKey;
  }

  /** How many numbers there are; the keys' own are all smaller. */
  get size(): number {
    return this.#keys.length;
  }

  /** How many keys have a number. */
  get count(): number {
    return this.#keys.length - this.#free.length;
  }

  /** All keys, in the order of their numbers. */
  get all(): readonly unknown[] {
    return this.#keys;
  }

  /** The number of a key; a new one if it was not seen before. */
  idOf(key: unknown): number {
    const isPlain = !this.#hasOwnCoder && isPrimitive(key);
    if (isPlain && isSmall(key) && key < this.bySmall.length && this.bySmall[key] !== 0) return this.bySmall[key]! - 1;
    const ids: Map<unknown, number> = isPlain ? this.byPrimitive : this.#byForm;
    const identity = isPlain ? key : this.#formOf(key);
    const known = ids.get(identity);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#keys.length;
    if (isPlain && isSmall(key) && this.#hasPlaceFor(key)) this.bySmall[key] = id + 1;
    else ids.set(typeof identity === "number" ? identity + 0 : identity, id);
    this.#keys[id] = key;
    return id;
  }

  /** Whether the table holds a key, or may grow so that it does. */
  #hasPlaceFor(key: number): boolean {
    const { length } = this.bySmall;
    if (key < length) return true;
    if (key >= Math.min(MOST_PLACES, PLACES_PER_KEY * (this.#keys.length + FEW_KEYS))) return false;
    const table = new Int32Array(Math.max(2 * length, key + 1));
    table.set(this.bySmall);
    this.bySmall = table;
    return true;
  }

  /** Numbers may be in the hands of someone who is asked whether they are, before any is given anew. */
  addHolder(isInHand: () => boolean): void {
    this.#isInHand.push(isInHand);
  }

  /**
   * Forgets keys, if there are many and none of their numbers is on its way.
   *
   * @param live - the numbers that mean something; asked only then.
   */
  sweep(live: () => Iterable<number>): void {
    if (this.count <= this.#sweepAt || this.inTransit > 0 || this.#isInHand.some((isInHand) => isInHand())) return;
    const isLive = new Uint8Array(this.#keys.length);
    let count = 0;
    for (const id of live()) {
      isLive[id] = 1;
      count++;
    }
    if (count === 0) this.#forgetAll();
    else {
      for (const id of this.#free) isLive[id] = 1; // as good as: it has no key to forget
      for (let id = 0; id < isLive.length; id++) if (isLive[id] === 0) this.#forget(id);
    }
    this.#sweepAt = Math.max(FEW_KEYS, 2 * this.count);
  }

  /** Says that many of the keys are needed no more, so that they are looked through as soon as may be. */
  sweepSoon(): void {
    this.#sweepAt = 0;
  }

  /** In place: the loops of other stages have the tables in hand. */
  #forgetAll(): void {
    this.bySmall.fill(0);
    this.byPrimitive.clear();
    this.#byForm.clear();
    this.#keys.length = 0;
    this.#free.length = 0;
  }

  #forget(id: number): void {
    const key = this.#keys[id];
    const isPlain = !this.#hasOwnCoder && isPrimitive(key);
    if (isPlain && isSmall(key) && this.bySmall[key] === id + 1) this.bySmall[key] = 0;
    else if (isPlain) this.byPrimitive.delete(key);
    else this.#byForm.delete(this.#formOf(key));
    this.#keys[id] = undefined;
    this.#free.push(id);
  }

  /** The key group of a key, by its number. */
  groupOf(id: number): number {
    const key = this.#keys[id];
    return this.#hasOwnCoder ? keyGroupOfText(this.#formOf(key)) : keyGroupOf(key);
  }

  /** What a key is sorted by, by its number. */
  orderOf(id: number): number {
    const key = this.#keys[id];
    return this.#hasOwnCoder ? keyOrderOfText(this.#formOf(key)) : keyOrderOf(key);
  }

  /** The key of a number, as it was first seen. */
  keyOf(id: number): unknown {
    return this.#keys[id];
  }
}

/** Whether a key may stand in a table; -0 is 0 there, as it should be. */
const isSmall = (key: unknown): key is number => typeof key === "number" && key >>> 0 === key;

/** Bytes as a text, for what looks things up by them. */
export const textOfBytes = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};
