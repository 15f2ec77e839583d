/**
 * How to take back what was written since a bundle began. Writes go to the state itself, and each leaves here what undoes it: a
 * call that fails is taken back to where it began, a bundle that fails as a whole.
 */
export class Journal {
  readonly #undo: (() => void)[] = [];

  /** Keeps what takes back a write. */
  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Where it is now, for {@link rollBackTo}. */
  get mark(): number {
    return this.#undo.length;
  }

  /** Takes back what was written since a mark, the last write first. */
  rollBackTo(mark: number): void {
    for (let at = this.#undo.length - 1; at >= mark; at--) this.#undo[at]!();
    this.#undo.length = mark;
  }

  /** Lets everything that was written stand. */
  forget(): void {
    this.#undo.length = 0;
  }
}
