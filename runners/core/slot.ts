import type { KV } from "../../sdk/pipeline.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import { earliestIn, type Batch, type Stamp, type StampColumns } from "./batch.ts";
import type { KeyDictionary } from "./key-dictionary.ts";
import { keyGroupOf, partitionOf } from "./key-groups.ts";

/** How many elements a batch has at most. */
export const BATCH_SIZE = 1_024;

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

  constructor(target: number, partitions: number, batchSize = BATCH_SIZE) {
    this.#open = new OpenBatch(target, batchSize);
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

/** Pairs for a grouping: each goes to the partition that owns its key, and leaves its key in that partition's dictionary. */
export class KeyedSlot implements Slot {
  readonly #open: readonly OpenBatch[];
  readonly #dictionaries: readonly KeyDictionary[];
  #sealed: Batch[] = [];

  constructor(target: number, dictionaries: readonly KeyDictionary[], batchSize = BATCH_SIZE) {
    this.#open = dictionaries.map(() => new OpenBatch(target, batchSize));
    this.#dictionaries = dictionaries;
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    if (!Array.isArray(pair) || pair.length !== 2) throw notAPair(pair);
    const [key, value] = pair as unknown as KV<unknown, unknown>;
    const partitions = this.#open.length;
    // One partition needs no hash, and that is the common case within one thread.
    const partition = partitions === 1 ? 0 : partitionOf(keyGroupOf(this.#dictionaries[0]!.identityOf(key)), partitions);
    const open = this.#open[partition]!;
    open.keyIds[open.size] = this.#dictionaries[partition]!.idOf(key);
    open.add(value, timestamp, windows, pane);
    if (open.isFull) this.#sealed.push(open.seal(partition, open.keyIds.slice(0, open.size)));
  }

  takeBatches(): readonly Batch[] {
    this.#open.forEach((open, partition) => {
      if (!open.isEmpty) this.#sealed.push(open.seal(partition, open.keyIds.slice(0, open.size)));
    });
    const taken = this.#sealed;
    this.#sealed = [];
    return taken;
  }
}

/** Takes elements for one partition. As long as all share a stamp, only the values are stored one by one. */
class OpenBatch {
  readonly #target: number;
  readonly #capacity: number;
  readonly keyIds: Int32Array;
  size = 0;
  #values: unknown[];
  #timestamp: Instant = 0;
  #windows: readonly Window[] = [];
  #pane: Pane | undefined;
  #columns: { timestamps: Float64Array; windows: (readonly Window[])[]; panes: Pane[] } | undefined;

  constructor(target: number, capacity: number) {
    this.#target = target;
    this.#capacity = capacity;
    this.keyIds = new Int32Array(capacity);
    this.#values = [];
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

  seal(partition: number, keyIds?: Int32Array): Batch {
    const columns = this.#columns as StampColumns | undefined;
    const stamp: Stamp = { timestamp: this.#timestamp, windows: this.#windows, pane: this.#pane! };
    const batch: Batch = {
      target: this.#target,
      partition,
      size: this.size,
      values: this.#values,
      keyIds,
      stamps: columns ?? stamp,
      earliest: columns === undefined ? stamp.timestamp : earliestIn(columns.timestamps, this.size),
    };
    this.size = 0;
    this.#values = [];
    this.#columns = undefined;
    return batch;
  }
}

function notAPair(value: unknown): PipelineError {
  return new PipelineError("NOT_A_PAIR", {
    what: "a grouping got an element that is no pair of key and value",
    got: shortText(value),
    fix: "put keyBy(…) before the grouping, or return [key, value]",
  });
}
