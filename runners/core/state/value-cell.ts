import type { ValueCell } from "../../../sdk/state/cells.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";

/** One value. */
export class StoredValue implements ValueCell<unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  #value: unknown;

  constructor(owner: CellOwner, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
  }

  read(): unknown {
    this.#owner.use();
    return this.#value;
  }

  write(value: unknown): void {
    const journal = this.#owner.use();
    this.#look?.(value);
    journal.note(this, this.#value);
    this.#value = value;
  }

  clear(): void {
    this.#owner.use().note(this, this.#value);
    this.#value = undefined;
  }

  restore(before: unknown): void {
    this.#value = before;
  }

  get isUnused(): boolean {
    return this.#value === undefined;
  }
}
