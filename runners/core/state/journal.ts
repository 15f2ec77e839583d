/** Something that a write can be taken back from. */
export interface Undoable {
  /** Takes back a write. `before` is what was noted as it was made. */
  restore(before: unknown): void;
}

/**
 * How to take back what was written since a bundle began. Writes go to the state itself, and each leaves here what undoes it: a
 * call that fails is taken back to where it began, a bundle that fails as a whole.
 */
export class Journal {
  // Two lists, because a write of most states needs nothing but these two. They stay as long as the longest bundle made them.
  readonly #written: (Undoable | undefined)[] = [];
  readonly #before: unknown[] = [];
  #size = 0;

  /** Keeps what takes back a write: what was written to is told what there was before. */
  note(written: Undoable, before: unknown): void {
    this.#written[this.#size] = written;
    this.#before[this.#size++] = before;
  }

  /** The same for a write that takes more to be taken back. */
  noteCall(undo: () => void): void {
    this.note(CALL, undo);
  }

  /** Where it is now, for {@link rollBackTo}. */
  get mark(): number {
    return this.#size;
  }

  /** Takes back what was written since a mark, the last write first. */
  rollBackTo(mark: number): void {
    for (let at = this.#size - 1; at >= mark; at--) this.#written[at]!.restore(this.#before[at]);
    this.#cut(mark);
  }

  /** Lets everything that was written stand. */
  forget(): void {
    this.#cut(0);
  }

  #cut(size: number): void {
    this.#written.fill(undefined, size, this.#size);
    this.#before.fill(undefined, size, this.#size);
    this.#size = size;
  }
}

const CALL: Undoable = { restore: (undo) => (undo as () => void)() };
