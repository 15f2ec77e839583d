import type { KV } from "../../sdk/pipeline.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import type { Batch } from "./batch.ts";
import type { KeyDictionary } from "./key-dictionary.ts";
import { OpenBatch, type Destination, type OpenBatchOptions } from "./open-batch.ts";

/** How many elements a batch has at most. */
export const BATCH_SIZE = 1_024;

/** Where a stage's output goes: elements are put in one by one and come out as sealed batches. */
export interface Slot {
  put(value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void;
  /** How many elements it keeps at least until they are handed over. */
  readonly size: number;
  /** Hands over what was put in since the last call. */
  takeBatches(): readonly Batch[];
}

/** Elements for a stage that takes them in any order: each batch goes to the next partition. */
export class PlainSlot implements Slot {
  readonly open: OpenBatch;
  readonly #sealed: Batch[] = [];
  readonly #partitions: number;
  #next = 0;

  constructor(to: Destination, partitions: number, capacity: number) {
    this.open = new OpenBatch(to, { capacity, sealed: this.#sealed });
    this.#partitions = partitions;
  }

  put(value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    this.open.add(value, 0, timestamp, windows, pane);
  }

  get size(): number {
    return sizeOf(this.#sealed, this.open);
  }

  takeBatches(): readonly Batch[] {
    this.open.close();
    const batches = this.#sealed.splice(0);
    return this.#partitions === 1 ? batches : batches.map((batch) => ({ ...batch, partition: this.#next++ % this.#partitions }));
  }
}

/** What a grouping needs to know of its elements. */
export type GroupingNeeds = Pick<OpenBatchOptions, "hasStamps" | "hasSpans" | "merges">;

/** Pairs for a grouping that has one partition, on the same thread: keys are left in its dictionary at once. */
export class KeyedSlot implements Slot {
  readonly open: OpenBatch;
  readonly keys: KeyDictionary;
  readonly #sealed: Batch[] = [];

  constructor(to: Destination, keys: KeyDictionary, capacity: number, needs: GroupingNeeds = {}) {
    this.open = new OpenBatch(to, { ...needs, capacity, sealed: this.#sealed, hasKeys: true });
    this.keys = keys;
    keys.addHolder(() => this.open.size > 0 || this.#sealed.length > 0);
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const [key, value] = pairOf(pair);
    this.open.add(value, this.keys.idOf(key), timestamp, windows, pane);
  }

  get size(): number {
    return sizeOf(this.#sealed, this.open);
  }

  takeBatches(): readonly Batch[] {
    this.open.close();
    this.keys.inTransit += this.#sealed.length;
    return this.#sealed.splice(0);
  }
}

/** Most batches are full. */
const sizeOf = (sealed: readonly Batch[], { capacity, size }: OpenBatch): number => sealed.length * capacity + size;

/** The two parts of a pair; an error for what is none. */
export function pairOf(value: unknown): KV<unknown, unknown> {
  if (Array.isArray(value) && value.length === 2) return value as unknown as KV<unknown, unknown>;
  throw new PipelineError("NOT_A_PAIR", {
    what: "a step that works by key got an element that is no pair of key and value",
    got: shortText(value),
    fix: "put keyBy(…) before that step, or return [key, value]",
  });
}
