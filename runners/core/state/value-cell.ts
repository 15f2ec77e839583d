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
    const before = this.#value;
    journal.note(() => (this.#value = before));
    this.#value = value;
  }

  clear(): void {
    const journal = this.#owner.use();
    const before = this.#value;
    journal.note(() => (this.#value = before));
    this.#value = undefined;
  }

  get isUnused(): boolean {
    return this.#value === undefined;
  }
}
