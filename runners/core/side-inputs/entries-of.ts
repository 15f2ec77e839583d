/** What a map has that follows from its entries. */
export abstract class EntriesOf<V> implements ReadonlyMap<unknown, V> {
  abstract readonly size: number;
  abstract get(key: unknown): V | undefined;
  abstract has(key: unknown): boolean;
  abstract entries(): MapIterator<[unknown, V]>;

  forEach(call: (value: V, key: unknown, map: ReadonlyMap<unknown, V>) => void): void {
    for (const [key, value] of this) call(value, key, this);
  }

  *keys(): MapIterator<unknown> {
    for (const [key] of this) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): MapIterator<[unknown, V]> {
    return this.entries();
  }
}
