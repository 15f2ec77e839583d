import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Label } from "../batch.ts";
import type { Blocked } from "./gate.ts";

/** What waits for one window of a view. */
export interface BlockedLot<B> extends Omit<Blocked<B>, "batch"> {
  readonly batches: B[];
  /** How many elements there are. */
  size: number;
  earliest: Instant;
}

/** What waits for side inputs in one partition of a stage, by what it waits for: that is little, however much waits. */
export class BlockedBatches<B extends Label> {
  readonly #lots = new Map<string, BlockedLot<B>>();
  /** The processing time that what waits goes back to; `NEVER` where nothing does. */
  since: Instant = NEVER;

  add(blocked: readonly Blocked<B>[], since: Instant): void {
    if (blocked.length > 0) this.since = Math.min(this.since, since);
    for (const { batch, view, windowEnd, readyAfter } of blocked) {
      const name = `${view} ${windowEnd} ${readyAfter}`;
      let lot = this.#lots.get(name);
      if (lot === undefined) this.#lots.set(name, (lot = { view, windowEnd, readyAfter, batches: [], size: 0, earliest: NEVER }));
      lot.batches.push(batch);
      lot.size += batch.size;
      lot.earliest = Math.min(lot.earliest, batch.earliest);
    }
  }

  /** Takes out what is ready. */
  take(isReady: (lot: BlockedLot<B>) => boolean): readonly BlockedLot<B>[] {
    const ready: BlockedLot<B>[] = [];
    for (const [name, lot] of this.#lots) {
      if (!isReady(lot)) continue;
      ready.push(lot);
      this.#lots.delete(name);
    }
    if (this.#lots.size === 0) this.since = NEVER;
    return ready;
  }

  lots(): Iterable<BlockedLot<B>> {
    return this.#lots.values();
  }
}
