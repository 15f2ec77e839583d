import type { KV } from "../../../sdk/pipeline.ts";
import type { Instant } from "../../../sdk/time.ts";
import type { Pane, Window } from "../../../sdk/windowing.ts";
import type { Batch } from "../batch.ts";
import type { Destination } from "../open-batch.ts";
import type { Slot } from "../slot.ts";

/** Panes for a view, each a batch of its own that says which window it is for. */
export class ViewSlot implements Slot {
  readonly #to: Destination;
  readonly #isGrouped: boolean;
  #sealed: Batch[] = [];

  /** @param isGrouped - whether what comes is all elements of a pane in a list, under one key, and not the only element. */
  constructor(to: Destination, isGrouped: boolean) {
    this.#to = to;
    this.#isGrouped = isGrouped;
  }

  put(pane: unknown, timestamp: Instant, windows: readonly Window[], firing: Pane): void {
    const values = this.#isGrouped ? (pane as KV<unknown, readonly unknown[]>)[1] : [pane];
    for (const window of windows) {
      this.#sealed.push({
        ...this.#to,
        partition: 0,
        size: values.length,
        earliest: timestamp,
        windowEnd: window.maxTimestamp,
        values,
        stamps: { timestamp, windows: [window], pane: firing },
        keys: undefined,
        release: undefined,
      });
    }
  }

  get size(): number {
    return this.#sealed.length;
  }

  takeBatches(): readonly Batch[] {
    const sealed = this.#sealed;
    this.#sealed = [];
    return sealed;
  }
}
