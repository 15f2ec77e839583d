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
    journal.note(this, this.#values.length);
    this.#values.push(value);
  }

  clear(): void {
    this.#owner.use().note(this, this.#values);
    this.#values = [];
  }

  /** @param before - how many values there were, or where they were before all of them were removed. */
  restore(before: number | unknown[]): void {
    if (typeof before === "number") this.#values.length = before;
    else this.#values = before;
  }

  isEmpty(): boolean {
    this.#owner.use();
    return this.isUnused;
  }

  get isUnused(): boolean {
    return this.#values.length === 0;
  }
}
