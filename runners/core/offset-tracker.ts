import { PipelineError } from "../../sdk/errors.ts";
import type { OffsetRange, Tracker } from "../../sdk/source.ts";

/** When a tracker refuses positions that belong to its range, so that a bundle ends. */
export interface ClaimLimits {
  /** After so many. */
  readonly most?: number | undefined;
  /** When this says so; it is asked only once a position has been claimed, so that each bundle gets on. */
  readonly isOver?: () => boolean;
}

/** What a split leaves, and what it takes away. */
export interface SplitRange<R> {
  readonly primary: R;
  readonly residual: R;
}

/**
 * Gives out the positions of a range, in order, until it is stopped or the range ends.
 *
 * @see Beam, `OffsetRangeTracker`: a read is done once it has claimed the last position, or tried one past the end.
 */
export class OffsetTracker<R extends OffsetRange> implements Tracker {
  readonly #isOver: () => boolean;
  #restriction: R;
  #last: number | undefined;
  #attempted: number | undefined;
  #left: number;
  #isStopped = false;

  constructor(restriction: R, { most = Infinity, isOver = never }: ClaimLimits = {}) {
    this.#restriction = restriction;
    this.#left = most;
    this.#isOver = isOver;
  }

  /** What it gives out, as far as nothing of it was taken away. */
  get restriction(): R {
    return this.#restriction;
  }

  readonly tryClaim = (position: number): boolean => {
    this.#check(position);
    if (position >= this.#restriction.to) {
      this.#attempted = position;
      return false;
    }
    if (this.#mustStop()) return false;
    this.#left--;
    this.#attempted = this.#last = position;
    return true;
  };

  readonly claimRange = (from: number, to: number): number => {
    if (from >= to) return 0;
    this.#check(from);
    const end = Math.min(to, this.#restriction.to, from + this.#left);
    if (end < Math.min(to, this.#restriction.to)) this.#isStopped = true;
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
    if (claimed < positions.length && this.#left <= 0) this.#refuse(positions[claimed]!);
    return claimed;
  };

  /** Refuses all positions from now on. */
  stop(): void {
    this.#left = 0;
    this.#isStopped = true;
  }

  /** What is left to read; `undefined` once all is claimed. */
  get residual(): R | undefined {
    const next = this.#next;
    const isDone = next >= this.#restriction.to || (this.#attempted !== undefined && this.#attempted >= this.#restriction.to);
    return isDone ? undefined : { ...this.#restriction, from: next };
  }

  /** Whether it refused positions that belong to the range, so that a read may return before its end. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** How many positions are done and how many are left, as far as the range says so. */
  get progress(): { readonly done: number; readonly remaining: number } {
    const { from, to } = this.#restriction;
    const next = Math.min(this.#attempted !== undefined && this.#attempted >= to ? to : (this.#last ?? from), to);
    return { done: next - from, remaining: to - next };
  }

  /**
   * Takes away the last part of what is not claimed yet.
   *
   * @param fraction - how much of it stays, from 0 to 1; with 0 nothing does, so that the read ends.
   * @returns `undefined` where there is nothing to take away, or nobody knows where the range ends.
   */
  trySplit(fraction: number): SplitRange<R> | undefined {
    const { from, to } = this.#restriction;
    const last = this.#attempted ?? from - 1;
    if (to === Infinity && fraction > 0) return undefined;
    const border = fraction === 0 ? last + 1 : last + Math.max(1, Math.floor((to - last) * fraction));
    if (border >= to) return undefined;
    const residual = { ...this.#restriction, from: border };
    this.#restriction = { ...this.#restriction, to: border };
    return { primary: this.#restriction, residual };
  }

  /** Says that the read has returned, and throws where some of the range was never claimed although nothing had stopped it. */
  checkDone(): void {
    const { from, to } = this.#restriction;
    const rest = this.residual;
    if (rest === undefined || this.isStopped || from >= to) return;
    throw new PipelineError("RESTRICTION_NOT_DONE", {
      what: "a read returned before all of its part was claimed",
      got: `positions from ${rest.from} up to ${rest.to} were never claimed`,
      fix: "claim up to the end, and try to claim the end itself when there is nothing more to read",
    });
  }

  get #next(): number {
    return this.#last === undefined ? this.#restriction.from : this.#last + 1;
  }

  #refuse(position: number): void {
    if (position >= this.#restriction.to) this.#attempted = position;
    else this.#isStopped = true;
  }

  #mustStop(): boolean {
    if (this.#left <= 0 || (this.#last !== undefined && this.#isOver())) this.#isStopped = true;
    return this.#isStopped;
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

const never = (): boolean => false;
