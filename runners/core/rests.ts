import { NEVER, type Instant } from "../../sdk/time.ts";
import type { Batch, Label } from "./batch.ts";

/** A part of a source that has nothing to give out for now. */
export interface Resting<B extends Label = Batch> {
  /** The part, as the only element of a batch. */
  readonly batch: B;
  /** What whoever wakes it calls it. */
  readonly part: string;
  /** The processing time at which it is read on at the latest; `NEVER` where only something outside can tell. */
  readonly until: Instant;
  /** Whether something outside may wake it before that. */
  readonly mayWake: boolean;
  /** The processing time from which on it holds the watermark back no more. */
  readonly idleFrom: Instant;
}

/** Says that there may be something again of a part that rests. */
export interface Woken {
  readonly stage: number;
  readonly partition: number;
  /** See {@link Resting.part}. */
  readonly part: string;
}

/** The parts of one partition that rest. */
export class Rests<B extends Label> {
  #resting: readonly Resting<B>[] = [];
  /** What was woken while its bundle was out. */
  readonly #woken = new Set<string>();

  /** Takes in what a bundle has left; answers what was woken meanwhile. */
  add(given: readonly Resting<B>[]): readonly B[] {
    const isWoken = ({ part }: Resting<B>): boolean => this.#woken.has(part);
    const woken = given.filter(isWoken);
    this.#resting = [...this.#resting, ...given.filter((each) => !isWoken(each))];
    this.#woken.clear();
    return woken.map(({ batch }) => batch);
  }

  /** What was woken, if it rests; otherwise it does not rest the next time. */
  wake(part: string): readonly B[] {
    const woken = this.#take((each) => each.part === part);
    if (woken.length === 0) this.#woken.add(part);
    return woken;
  }

  /** What is to be read on at this time. */
  takeDue(now: Instant): readonly B[] {
    return this.#resting.length === 0 ? NONE : this.#take(({ until }) => until <= now);
  }

  takeAll(): readonly B[] {
    return this.#take(() => true);
  }

  get isEmpty(): boolean {
    return this.#resting.length === 0;
  }

  get size(): number {
    return this.#resting.length;
  }

  /** Whether something outside may wake one of them. */
  get mayWake(): boolean {
    return this.#resting.some(({ mayWake }) => mayWake);
  }

  /** Where the parts hold the watermark: all that are not idle. */
  holds(now: Instant): readonly Instant[] {
    return this.#resting.filter(({ idleFrom }) => idleFrom > now).map(({ batch }) => batch.earliest);
  }

  /** When time alone changes something the next time: a part is due, or idle. */
  nextChange(now: Instant): Instant {
    let next = NEVER;
    for (const { until, idleFrom } of this.#resting) {
      next = Math.min(next, until);
      if (idleFrom > now) next = Math.min(next, idleFrom);
    }
    return next;
  }

  #take(isTaken: (each: Resting<B>) => boolean): readonly B[] {
    const taken = this.#resting.filter(isTaken);
    if (taken.length === 0) return NONE;
    this.#resting = this.#resting.filter((each) => !isTaken(each));
    return taken.map(({ batch }) => batch);
  }
}

const NONE: readonly never[] = Object.freeze([]);
