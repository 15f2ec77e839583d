import { kv, MAX_INSTANT, type KV } from "millrace";
import { at } from "millrace/testing";
import { EventScript } from "../../../sdk/testing/event-script.ts";
import type { Action, Scalar, TimedValue } from "./transcript.ts";

/** The name of the one stream. */
const STREAM = "main";

/** How the actions of a transcript are replayed. */
export interface Variation {
  /** What it is called. */
  readonly name: string;
  /** Whether the elements of an event come in reverse. */
  readonly isReversed?: boolean;
  /** Every key gets all elements. */
  readonly keys: readonly string[];
}

/** What makes no difference, so each transcript is replayed in all these ways. */
export const variations: readonly Variation[] = [
  { name: "as it is written", keys: ["a"] },
  { name: "with the elements of each event reversed", keys: ["a"], isReversed: true },
  { name: "with three keys at once", keys: ["a", "b", "c"] },
];

/** The events of a test stream, one for each action. */
export class Playback {
  readonly #variation: Variation;
  #script = EventScript.of([STREAM]);

  constructor(variation: Variation = variations[0]!) {
    this.#variation = variation;
  }

  /** All of a transcript's actions. */
  static of(actions: readonly Action[], variation: Variation): Playback {
    const playback = new Playback(variation);
    for (const action of actions) playback.add(action);
    return playback;
  }

  get script(): EventScript {
    return this.#script;
  }

  /** @throws PipelineError for what cannot happen. */
  add(action: Action): void {
    this.#script = this.#withAction(action);
  }

  #withAction(action: Action): EventScript {
    switch (action.kind) {
      case "elements":
        return this.#script.addElements(STREAM, this.#keyed(action.elements));
      case "watermark":
        return action.to === MAX_INSTANT
          ? this.#script.advanceWatermarkToInfinity(STREAM)
          : this.#script.advanceWatermarkTo(STREAM, action.to);
      case "processingTime":
        return this.#script.advanceProcessingTime(action.by);
    }
  }

  #keyed(elements: readonly TimedValue[]) {
    const { keys, isReversed = false } = this.#variation;
    const inOrder = isReversed ? elements.toReversed() : elements;
    return inOrder.flatMap(({ value, timestamp }) => keys.map((key) => at(timestamp, kv(key, value) satisfies KV<string, Scalar>)));
  }
}
