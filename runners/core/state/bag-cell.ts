import type { BagCell } from "../../../sdk/state/cells.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";

/** Values in the order in which they came. */
export class StoredBag implements BagCell<unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  #values: unknown[] = [];

  constructor(owner: CellOwner, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
  }

  read(): Iterable<unknown> {
    this.#owner.use();
    return this.#values.slice();
  }

  add(value: unknown): void {
    const journal = this.#owner.use();
    this.#look?.(value);
    const values = this.#values;
    const { length } = values;
    journal.note(() => (values.length = length));
    values.push(value);
  }

  clear(): void {
    const journal = this.#owner.use();
    const before = this.#values;
    journal.note(() => (this.#values = before));
    this.#values = [];
  }

  isEmpty(): boolean {
    this.#owner.use();
    return this.isUnused;
  }

  get isUnused(): boolean {
    return this.#values.length === 0;
  }
}
