import { identityOf } from "../../../sdk/coders/canonical-key.ts";
import { EntriesOf } from "./entries-of.ts";

/** A map whose keys are told apart as grouping keys are, by how they are built. */
export class MapByForm<V> extends EntriesOf<V> {
  readonly #entries = new Map<unknown, readonly [unknown, V]>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: unknown): V | undefined {
    return this.#entries.get(identityOf(key))?.[1];
  }

  has(key: unknown): boolean {
    return this.#entries.has(identityOf(key));
  }

  set(key: unknown, value: V): void {
    this.#entries.set(identityOf(key), [key, value]);
  }

  *entries(): MapIterator<[unknown, V]> {
    for (const [key, value] of this.#entries.values()) yield [key, value];
  }
}
