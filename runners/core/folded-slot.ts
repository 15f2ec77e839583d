import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import type { Batch, Stamp } from "./batch.ts";
import { stepFailed } from "./failures.ts";
import { earliestOf, type Destination } from "./open-batch.ts";
import type { Slot } from "./slot.ts";

/** Where a {@link FoldedSlot} leads to. */
export interface FoldedSpec {
  readonly to: Destination;
  /** The partition that owns the key. */
  readonly partition: number;
  readonly key: unknown;
  readonly fn: AnyCombineFn;
  /** Whom to name when the combiner throws. */
  readonly path: string;
}

/** What elements with one stamp have been combined to. */
export interface FoldedPart {
  readonly stamp: Stamp;
  /** Nothing of meaning where there is no element yet. */
  accumulator: unknown;
  count: number;
}

/**
 * Elements that all have one key, for a combine: the loop that makes them combines them itself, as long as they share their
 * stamp, and only the accumulator goes on its way. What comes one by one is taken by another slot.
 */
export class FoldedSlot<Inner extends Slot> implements Slot {
  readonly inner: Inner;
  readonly #spec: FoldedSpec;
  readonly #parts: FoldedPart[] = [];

  constructor(spec: FoldedSpec, inner: Inner) {
    this.#spec = spec;
    this.inner = inner;
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    this.inner.put(pair, timestamp, windows, pane);
  }

  get size(): number {
    return this.#parts.length + this.inner.size;
  }

  /** The part of elements with this stamp: what the loop goes on with, and writes back. */
  partOf(stamp: Stamp): FoldedPart {
    const last = this.#parts.at(-1);
    if (last !== undefined && last.stamp.windows === stamp.windows && last.stamp.timestamp === stamp.timestamp) return last;
    const part = { stamp, accumulator: undefined, count: 0 };
    this.#parts.push(part);
    return part;
  }

  /** Takes what some elements with one stamp were combined to. */
  putFolded(accumulator: unknown, count: number, stamp: Stamp): void {
    const part = this.partOf(stamp);
    part.accumulator = part.count === 0 ? accumulator : this.#merged(part.accumulator, accumulator);
    part.count += count;
  }

  #merged(into: unknown, accumulator: unknown): unknown {
    const { fn, path } = this.#spec;
    try {
      return fn.merge(into, accumulator);
    } catch (error) {
      throw stepFailed(path, accumulator, error);
    }
  }

  takeBatches(): readonly Batch[] {
    const parts = this.#parts.splice(0).filter(({ count }) => count > 0);
    return [...parts.map((part) => this.#batchOf(part)), ...this.inner.takeBatches()];
  }

  #batchOf({ stamp, accumulator, count }: FoldedPart): Batch {
    const { to, partition, key } = this.#spec;
    return {
      ...to,
      partition,
      size: 1,
      earliest: earliestOf(stamp.timestamp, [stamp.windows], 1),
      values: [accumulator],
      stamps: stamp,
      keys: { ids: Int32Array.of(0), distinct: [key], weights: Int32Array.of(count) },
      isPartial: true,
      release: undefined,
    };
  }
}
