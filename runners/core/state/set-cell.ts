import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import type { SetCell } from "../../../sdk/state/cells.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";
import { Entries } from "./entries.ts";

/** Different values. */
export class StoredSet implements SetCell<unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  readonly #entries: Entries<true>;

  constructor(owner: CellOwner, coder: AnyCoder, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
    this.#entries = new Entries(coder);
  }

  read(): Iterable<unknown> {
    this.#owner.use();
    return this.#entries.all().map(([value]) => value);
  }

  has(value: unknown): boolean {
    this.#owner.use();
    return this.#entries.has(value);
  }

  add(value: unknown): void {
    const journal = this.#owner.use();
    this.#look?.(value); // first: what tells values apart may ask the same coder
    if (this.#entries.has(value)) return;
    this.#entries.set(value, true, journal);
  }

  delete(value: unknown): void {
    this.#entries.delete(value, this.#owner.use());
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
