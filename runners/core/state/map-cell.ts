import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import type { MapCell } from "../../../sdk/state/cells.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";
import { Entries } from "./entries.ts";

/** Values by key. */
export class StoredMap implements MapCell<unknown, unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  readonly #entries: Entries<unknown>;

  constructor(owner: CellOwner, keyCoder: AnyCoder, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
    this.#entries = new Entries(keyCoder);
  }

  get(key: unknown): unknown {
    this.#owner.use();
    return this.#entries.get(key);
  }

  has(key: unknown): boolean {
    this.#owner.use();
    return this.#entries.has(key);
  }

  set(key: unknown, value: unknown): void {
    const journal = this.#owner.use();
    this.#look?.(value);
    this.#entries.set(key, value, journal);
  }

  delete(key: unknown): void {
    this.#entries.delete(key, this.#owner.use());
  }

  entries(): Iterable<KV<unknown, unknown>> {
    this.#owner.use();
    return { [Symbol.iterator]: () => this.#all()[Symbol.iterator]() };
  }

  #all(): readonly KV<unknown, unknown>[] {
    this.#owner.use();
    return this.#entries.all();
  }

  clear(): void {
    this.#entries.clear(this.#owner.use());
  }

  isEmpty(): boolean {
    this.#owner.use();
    return this.isUnused;
  }

  get isUnused(): boolean {
    return this.#entries.isEmpty;
  }
}
