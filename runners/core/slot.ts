import type { KV } from "../../sdk/pipeline.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import { earliestIn, type Batch, type Label, type Stamp, type StampColumns } from "./batch.ts";
import type { KeyDictionary } from "./key-dictionary.ts";
import { keyGroupOf, partitionOf } from "./key-groups.ts";

/** How many elements a batch has at most. */
export const BATCH_SIZE = 1_024;

/** Which collection a slot takes, and which stage or `collect()` it leads to. */
export type Destination = Pick<Label, "target" | "collection">;

/** Where a stage's output goes: elements are put in one by one and come out as sealed batches. */
export interface Slot {
  put(value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void;
  /** Hands over what was put in since the last call. */
  takeBatches(): readonly Batch[];
}

/** Elements for a stage that takes them in any order: each batch goes to the next partition. */
export class PlainSlot implements Slot {
  readonly #open: OpenBatch;
  readonly #partitions: number;
  #next = 0;
  #sealed: Batch[] = [];

  constructor(to: Destination, partitions: number, batchSize: number) {
    this.#open = new OpenBatch(to, batchSize);
    this.#partitions = partitions;
  }

  put(value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const open = this.#open;
    open.add(value, timestamp, windows, pane);
    if (open.isFull) this.#seal();
  }

  takeBatches(): readonly Batch[] {
    if (!this.#open.isEmpty) this.#seal();
    const taken = this.#sealed;
    this.#sealed = [];
    return taken;
  }

  #seal(): void {
    this.#sealed.push(this.#open.seal(this.#next));
    this.#next = (this.#next + 1) % this.#partitions;
  }
}

/** Pairs for a grouping that has one partition, on the same thread: keys are left in its dictionary at once. */
export class KeyedSlot implements Slot {
  readonly #open: OpenBatch;
  readonly #keys: KeyDictionary;
  #sealed: Batch[] = [];

  constructor(to: Destination, keys: KeyDictionary, batchSize: number) {
    this.#open = new OpenBatch(to, batchSize);
    this.#keys = keys;
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const [key, value] = pairOf(pair);
    const open = this.#open;
    open.keyIds[open.size] = this.#keys.idOf(key);
    open.add(value, timestamp, windows, pane);
    if (open.isFull) this.#seal();
  }

  takeBatches(): readonly Batch[] {
    if (!this.#open.isEmpty) this.#seal();
    const taken = this.#sealed;
    this.#sealed = [];
    return taken;
  }

  #seal(): void {
    this.#sealed.push(this.#open.seal(0, undefined));
  }
}

/** Pairs for a grouping that has several partitions: each goes to the one that owns its key, and its batch brings its keys along. */
export class PartitionedSlot implements Slot {
  readonly #open: readonly OpenBatch[];
  readonly #keys: KeyDictionary[];
  readonly #newKeys: () => KeyDictionary;
  #sealed: Batch[] = [];

  constructor(to: Destination, partitions: number, newKeys: () => KeyDictionary, batchSize: number) {
    this.#open = Array.from({ length: partitions }, () => new OpenBatch(to, batchSize));
    this.#keys = Array.from({ length: partitions }, newKeys);
    this.#newKeys = newKeys;
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const [key, value] = pairOf(pair);
    const partition = partitionOf(keyGroupOf(this.#keys[0]!.identityOf(key)), this.#open.length);
    const open = this.#open[partition]!;
    open.keyIds[open.size] = this.#keys[partition]!.idOf(key);
    open.add(value, timestamp, windows, pane);
    if (open.isFull) this.#seal(partition);
  }

  takeBatches(): readonly Batch[] {
    this.#open.forEach((open, partition) => {
      if (!open.isEmpty) this.#seal(partition);
    });
    const taken = this.#sealed;
    this.#sealed = [];
    return taken;
  }

  #seal(partition: number): void {
    this.#sealed.push(this.#open[partition]!.seal(partition, this.#keys[partition]!.all));
    this.#keys[partition] = this.#newKeys();
  }
}

/** Takes elements for one partition. As long as all share a stamp, only the values are stored one by one. */
class OpenBatch {
  readonly #to: Destination;
  readonly #capacity: number;
  #keyIds: Int32Array | undefined;
  size = 0;
  #values: unknown[];
  #timestamp: Instant = 0;
  #windows: readonly Window[] = [];
  #pane: Pane | undefined;
  #columns: { timestamps: Float64Array; windows: (readonly Window[])[]; panes: Pane[] } | undefined;

  constructor(to: Destination, capacity: number) {
    this.#to = to;
    this.#capacity = capacity;
    this.#values = [];
  }

  /** Which key each element has; only a batch whose keys were written has any. */
  get keyIds(): Int32Array {
    return (this.#keyIds ??= new Int32Array(this.#capacity));
  }

  get isFull(): boolean {
    return this.size === this.#capacity;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  add(value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    if (this.size === 0) {
      this.#timestamp = timestamp;
      this.#windows = windows;
      this.#pane = pane;
    } else if (this.#columns === undefined && (timestamp !== this.#timestamp || windows !== this.#windows || pane !== this.#pane)) {
      this.#columns = this.#columnsSoFar();
    }
    if (this.#columns !== undefined) {
      this.#columns.timestamps[this.size] = timestamp;
      this.#columns.windows.push(windows);
      this.#columns.panes.push(pane);
    }
    this.#values.push(value);
    this.size++;
  }

  #columnsSoFar() {
    return {
      timestamps: new Float64Array(this.#capacity).fill(this.#timestamp, 0, this.size),
      windows: Array.from({ length: this.size }, () => this.#windows),
      panes: Array.from({ length: this.size }, () => this.#pane!),
    };
  }

  seal(partition: number, distinctKeys?: readonly unknown[]): Batch {
    const { size } = this;
    const columns = this.#columns as StampColumns | undefined;
    const stamp: Stamp = { timestamp: this.#timestamp, windows: this.#windows, pane: this.#pane! };
    const batch: Batch = {
      ...this.#to,
      partition,
      size,
      earliest: columns === undefined ? stamp.timestamp : earliestIn(columns.timestamps, size),
      values: this.#values,
      stamps: columns ?? stamp,
      keys: this.#keyIds === undefined ? undefined : { ids: this.#keyIds.slice(0, size), distinct: distinctKeys },
    };
    this.size = 0;
    this.#values = [];
    this.#columns = undefined;
    return batch;
  }
}

function pairOf(value: unknown): KV<unknown, unknown> {
  if (Array.isArray(value) && value.length === 2) return value as unknown as KV<unknown, unknown>;
  throw new PipelineError("NOT_A_PAIR", {
    what: "a grouping got an element that is no pair of key and value",
    got: shortText(value),
    fix: "put keyBy(…) before the grouping, or return [key, value]",
  });
}
