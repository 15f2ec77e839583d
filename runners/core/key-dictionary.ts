import { hasPlainValues, type AnyCoder } from "../../sdk/coders/coder.ts";
import { structuralCoder } from "../../sdk/coders/structural.ts";
import { canonicalKey } from "./canonical-key.ts";
import { keyGroupOf, keyGroupOfText } from "./key-groups.ts";

/**
 * Gives each different key a small number, so that state is found by an index and not by a key.
 *
 * Keys that are primitives are looked up as they are: a `Map` tells 1 from "1", and takes -0 for 0 and `NaN` for itself, as
 * grouping does. Other keys are looked up by their canonical form, keys with a coder of their own by their bytes.
 */
export class KeyDictionary {
  /** The numbers of the keys that are primitives; the first place to look. */
  readonly byPrimitive = new Map<unknown, number>();
  readonly #byForm = new Map<string, number>();
  readonly #keys: unknown[] = [];
  readonly #formOf: (key: unknown) => string;
  readonly #hasOwnCoder: boolean;

  constructor(keyCoder: AnyCoder = structuralCoder) {
    this.#hasOwnCoder = !hasPlainValues(keyCoder);
    this.#formOf = this.#hasOwnCoder ? (key) => textOf(keyCoder.encode(key)) : canonicalKey;
  }

  /** How many different keys there are; their ids are all smaller. */
  get size(): number {
    return this.#keys.length;
  }

  /** All keys, in the order of their numbers. */
  get all(): readonly unknown[] {
    return this.#keys;
  }

  /** The number of a key; a new one if it was not seen before. */
  idOf(key: unknown): number {
    const isPlain = !this.#hasOwnCoder && isPrimitive(key);
    const ids: Map<unknown, number> = isPlain ? this.byPrimitive : this.#byForm;
    const identity = isPlain ? key : this.#formOf(key);
    const known = ids.get(identity);
    if (known !== undefined) return known;
    const id = this.#keys.length;
    ids.set(typeof identity === "number" ? identity + 0 : identity, id);
    this.#keys.push(key);
    return id;
  }

  /** The key group of a key, by its number. */
  groupOf(id: number): number {
    const key = this.#keys[id];
    return this.#hasOwnCoder ? keyGroupOfText(this.#formOf(key)) : keyGroupOf(key);
  }

  /** The key of a number, as it was first seen. */
  keyOf(id: number): unknown {
    return this.#keys[id];
  }
}

/** Whether a key is found as it is; functions and symbols are not, since they are equal to nothing that was sent. */
function isPrimitive(key: unknown): boolean {
  const type = typeof key;
  return key === null || (type !== "object" && type !== "function" && type !== "symbol");
}

const textOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};
