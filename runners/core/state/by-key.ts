/** Below this a number always has a place in the list. */
const FEW = 64;
/** The list has at most so many places for each key. */
const PLACES_PER_KEY = 4;

/** Values by the numbers of keys. Those that lie close together stand in a list, which costs a fraction of a `Map`. */
export class ByKey<V> {
  readonly #list: (V | undefined)[] = [];
  readonly #others = new Map<number, V>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(keyId: number): V | undefined {
    return keyId < this.#list.length ? (this.#list[keyId] ?? this.#other(keyId)) : this.#other(keyId);
  }

  #other(keyId: number): V | undefined {
    return this.#others.size === 0 ? undefined : this.#others.get(keyId);
  }

  /** Puts in a value for a key that has none. */
  add(keyId: number, value: V): void {
    this.#size++;
    if (keyId >= this.#list.length && keyId >= FEW + PLACES_PER_KEY * this.#size) {
      this.#others.set(keyId, value);
      return;
    }
    // One place after the other, so that V8 keeps it a list.
    while (this.#list.length < keyId) this.#list.push(undefined);
    this.#list[keyId] = value;
  }

  /** Takes out the value of a key. */
  delete(keyId: number): void {
    if (this.get(keyId) === undefined) return;
    this.#size--;
    if (!this.#others.delete(keyId)) this.#list[keyId] = undefined;
  }

  /** Calls back with each value. */
  forEach(call: (value: V) => void): void {
    for (const value of this.#list) if (value !== undefined) call(value);
    for (const value of this.#others.values()) call(value);
  }

  /** All values; those that are put in or taken out meanwhile may or may not be among them. */
  *values(): Generator<V> {
    for (const value of this.#list) if (value !== undefined) yield value;
    yield* this.#others.values();
  }
}
