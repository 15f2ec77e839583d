import type { Clock } from "../../runners/core/ports.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { Choices } from "./choices.ts";

/** A clock that the simulation moves. Time goes by between two looks at it now and then, so what lasts for some ms is cut anywhere. */
export class SimulatedClock implements Clock {
  readonly #hand = new ManualClock();
  readonly #choices: Choices;
  #drift = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  readonly now = this.#hand.now;
  readonly after = this.#hand.after;
  readonly turn = this.#hand.turn;
  readonly monotonic = (): number => {
    if (this.#choices.chance(0.02)) this.#drift += this.#choices.between(1, 25);
    return this.#hand.monotonic() + this.#drift;
  };

  advance(ms: number): void {
    this.#hand.advance(ms);
  }

  /** In how many ms the first timer is due; nothing where none waits. */
  get nextTimer(): number | undefined {
    return this.#hand.waiting[0];
  }
}
