import { PipelineError } from "../../sdk/errors.ts";
import type { OffsetRange, Tracker } from "../../sdk/source.ts";

/**
 * Gives out the positions of a range, in order, until it is stopped or the range ends.
 *
 * @see Beam, `OffsetRangeTracker`: a read is done once it has claimed the last position, or tried one past the end.
 */
export class OffsetTracker<R extends OffsetRange> implements Tracker {
  readonly #restriction: R;
  #last: number | undefined;
  #attempted: number | undefined;
  #left: number;

  /** @param most - refuses further positions after this many. */
  constructor(restriction: R, most: number | undefined = Infinity) {
    this.#restriction = restriction;
    this.#left = most;
  }

  readonly tryClaim = (position: number): boolean => {
    this.#check(position);
    if (position >= this.#restriction.to) {
      this.#attempted = position;
      return false;
    }
    if (this.#left <= 0) return false;
    this.#left--;
    this.#attempted = this.#last = position;
    return true;
  };

  readonly claimRange = (from: number, to: number): number => {
    if (from >= to) return 0;
    this.#check(from);
    const end = Math.min(to, this.#restriction.to, from + this.#left);
    this.#attempted = end < to && end < this.#restriction.to ? end : to - 1;
    if (end <= from) return 0;
    this.#left -= end - from;
    this.#last = end - 1;
    return end - from;
  };

  readonly claimWhile = (positions: ArrayLike<number>): number => {
    let claimed = 0;
    for (; claimed < positions.length && this.#left > 0; claimed++) {
      const position = positions[claimed]!;
      this.#check(position);
      this.#attempted = position;
      if (position >= this.#restriction.to) break;
      this.#last = position;
      this.#left--;
    }
    return claimed;
  };

  /** What is left to read; `undefined` once all is claimed. */
  get residual(): R | undefined {
    const next = this.#last === undefined ? this.#restriction.from : this.#last + 1;
    const isDone = next >= this.#restriction.to || (this.#attempted !== undefined && this.#attempted >= this.#restriction.to);
    return isDone ? undefined : { ...this.#restriction, from: next };
  }

  /** Whether it refused positions that belong to the range, so that a read may return before its end. */
  get isStopped(): boolean {
    return this.#left <= 0;
  }

  #check(position: number): void {
    const { from, to } = this.#restriction;
    if (position >= from && (this.#last === undefined || position > this.#last)) return;
    throw new PipelineError("BAD_CLAIM", {
      what:
        Number.isNaN(position) || position < from
          ? "a read claimed a position before the start of its part"
          : "a read claimed a position again, or one before it",
      got: `position ${position} of [${from}, ${to})${this.#last === undefined ? "" : ` after ${this.#last}`}`,
      fix: "claim each position once, in rising order, within the part that read was given",
    });
  }
}
