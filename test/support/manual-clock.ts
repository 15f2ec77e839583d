import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../runners/core/ports.ts";

/** A clock that moves only when it is told to; the event loop's turns are real. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  /** How many turns were given. */
  turns = 0;

  constructor(now = 0) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#monotonic;
  readonly turn = (): Promise<void> => {
    this.turns++;
    return setImmediate();
  };

  readonly after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#monotonic + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** In how many ms each timer is due. */
  get waiting(): readonly number[] {
    return Array.from(this.#timers, ({ at }) => at - this.#monotonic).toSorted((a, b) => a - b);
  }

  /** Lets this many ms go by, and calls the timers that are due, in the order of their times. */
  advance(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
    for (const timer of [...this.#timers].toSorted((a, b) => a.at - b.at)) {
      // One of those before it may have stopped it.
      if (timer.at <= this.#monotonic && this.#timers.delete(timer)) timer.callback();
    }
  }
}
