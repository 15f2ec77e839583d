import type { ClockMember, ManualClock } from "../../sdk/manual-clock.ts";
import { NEVER, type Instant } from "../../sdk/time.ts";
import type { Clock } from "./ports.ts";

/** Processing time as a run has it. */
export interface ProcessingTime {
  readonly now: Instant;
  /**
   * Nothing happens before this time, `NEVER` for never: answers whether it will come, and calls back.
   *
   * @param mayBeWoken - whether something outside may happen before, so that it is worth to wait for it; not unless said.
   */
  readonly waitUntil: (deadline: Instant, callback: () => void, mayBeWoken?: boolean) => boolean;
  /** Something is under way: calls back at this time all the same, if time goes on by itself. */
  readonly wakeAt: (deadline: Instant, callback: () => void) => void;
  /** Something is to be done again. */
  readonly goOn?: () => void;
  /** Nobody waits any more. */
  readonly stopWaiting: () => void;
}

/**
 * Time that stands still while there is something to do, and goes to the next deadline when there is not: so a trigger that
 * waits for an hour does not hold a batch for an hour, and a run gives the same every time.
 */
export class VirtualTime implements ProcessingTime {
  now: Instant;
  readonly #clock: Clock;
  #stop = (): void => {};

  constructor(start: Instant, clock: Clock) {
    this.now = start;
    this.#clock = clock;
  }

  waitUntil(deadline: Instant, callback: () => void, mayBeWoken = false): boolean {
    this.#stop();
    if (deadline === NEVER) return mayBeWoken;
    const goOn = (): void => {
      this.now = Math.max(this.now, deadline);
      callback();
    };
    // What comes from outside does not come faster than it does.
    if (mayBeWoken) this.#stop = this.#clock.after(Math.max(0, deadline - this.now), goOn);
    else goOn();
    return true;
  }

  /** It stands still until that is done. */
  wakeAt(): void {
    this.#stop();
  }

  stopWaiting(): void {
    this.#stop();
  }
}

/** The time of a clock that a test moves. */
export class ManualTime implements ProcessingTime {
  readonly #clock: ManualClock;
  readonly #member: ClockMember;

  constructor(clock: ManualClock) {
    this.#clock = clock;
    this.#member = clock.join();
  }

  get now(): Instant {
    return this.#clock.now;
  }

  /** The test moves it, or lets something happen. */
  waitUntil(deadline: Instant, callback: () => void, mayBeWoken = false): boolean {
    this.#member.waitUntil(deadline, callback);
    return mayBeWoken || deadline !== NEVER;
  }

  wakeAt(deadline: Instant, callback: () => void): void {
    this.#member.wakeAt(deadline, callback);
  }

  goOn(): void {
    this.#member.busy();
  }

  stopWaiting(): void {
    this.#member.leave();
  }
}

/** The time of the clock on the wall. */
export class WallTime implements ProcessingTime {
  readonly #clock: Clock;
  #stop = (): void => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get now(): Instant {
    return this.#clock.now();
  }

  waitUntil(deadline: Instant, callback: () => void, mayBeWoken = false): boolean {
    this.wakeAt(deadline, callback);
    return mayBeWoken || deadline !== NEVER;
  }

  wakeAt(deadline: Instant, callback: () => void): void {
    this.#stop();
    this.#stop = deadline === NEVER ? () => {} : this.#clock.after(Math.max(0, deadline - this.now), callback);
  }

  stopWaiting(): void {
    this.#stop();
  }
}
