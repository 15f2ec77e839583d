import { hasPlainValues, type AnyCoder } from "../../../sdk/coders/coder.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import { identityOf } from "../../../sdk/coders/canonical-key.ts";
import { textOfBytes } from "../key-dictionary.ts";
import type { Journal } from "./journal.ts";

interface Entry<V> {
  readonly key: unknown;
  readonly value: V;
  /** Later ones have greater numbers. */
  readonly place: number;
}

/** Values by keys that are told apart as grouping keys are, in the order in which the keys came. */
export class Entries<V> {
  readonly #identityOf: (key: unknown) => unknown;
  #entries = new Map<unknown, Entry<V>>();
  #places = 0;
  /** Whether an entry was put back that had been removed, and stands last in the map now. */
  #isOutOfOrder = false;

  constructor(keyCoder: AnyCoder) {
    this.#identityOf = hasPlainValues(keyCoder) ? identityOf : (key) => textOfBytes(keyCoder.encode(key));
  }

  get(key: unknown): V | undefined {
    return this.#entries.get(this.#identityOf(key))?.value;
  }

  has(key: unknown): boolean {
    return this.#entries.has(this.#identityOf(key));
  }

  set(key: unknown, value: V, journal: Journal): void {
    const entries = this.#entries;
    const identity = this.#identityOf(key);
    const before = entries.get(identity);
    journal.noteCall(() => (before === undefined ? entries.delete(identity) : entries.set(identity, before)));
    entries.set(identity, { key: before === undefined ? key : before.key, value, place: before?.place ?? this.#places++ });
  }

  delete(key: unknown, journal: Journal): void {
    const entries = this.#entries;
    const identity = this.#identityOf(key);
    const before = entries.get(identity);
    if (before === undefined) return;
    journal.noteCall(() => {
      entries.set(identity, before);
      this.#isOutOfOrder = true;
    });
    entries.delete(identity);
  }

  clear(journal: Journal): void {
    const before = this.#entries;
    journal.noteCall(() => (this.#entries = before));
    this.#entries = new Map();
  }

  /** What is there now. */
  all(): readonly KV<unknown, V>[] {
    const entries = [...this.#entries.values()];
    if (this.#isOutOfOrder) entries.sort((a, b) => a.place - b.place);
    return entries.map(({ key, value }) => [key, value]);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }
}
