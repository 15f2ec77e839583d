import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../runners/core/ports.ts";
import type { Seeded } from "./seeded.ts";

/** A clock that goes on when the simulation says so, and a little, as much as a seed says, whenever a time limit is looked at. */
export class SimulatedClock implements Clock {
  readonly #seeded: Seeded;
  #now = 1_000;
  #worked = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  constructor(seeded: Seeded) {
    this.#seeded = seeded;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => (this.#worked += this.#seeded.random() * 4);
  readonly turn = (): Promise<void> => setImmediate();
  readonly after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** When the next timer is due; nothing where there is none. */
  get next(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...Array.from(this.#timers, ({ at }) => at));
  }

  advanceTo(time: number): void {
    this.#now = Math.max(this.#now, Math.ceil(time));
    for (const timer of [...this.#timers].toSorted((a, b) => a.at - b.at)) {
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.callback();
    }
  }
}
