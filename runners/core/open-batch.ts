import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import { earliestIn, isStamp, type Batch, type Label, type Stamp, type StampColumns } from "./batch.ts";

/** Which collection a slot takes, and which stage or `collect()` it leads to. */
export type Destination = Pick<Label, "target" | "collection">;

interface Arrays {
  readonly values: unknown[];
  readonly keyIds: Int32Array;
}

/** How many arrays are kept for new batches. */
const MOST_SPARE = 32;

/**
 * Elements on their way to one partition, until they are sealed into a batch.
 *
 * As long as all share a stamp only the values are kept for each of them; from the first element with another stamp on there
 * are columns. The columns are open: generated loops write them by index, which costs a fraction of a call.
 */
export class OpenBatch {
  values: unknown[];
  keyIds: Int32Array;
  timestamps = NO_TIMES;
  windows: (readonly Window[])[] = [];
  panes: Pane[] = [];
  size = 0;
  readonly capacity: number;
  readonly partition: number;
  readonly #to: Destination;
  readonly #hasKeys: boolean;
  /** The keys that the ids stand for, where the receiver does not share the dictionary they come from. */
  readonly #distinctKeys: (() => readonly unknown[]) | undefined;
  readonly #sealed: Batch[];
  readonly #spare: Arrays[] = [];
  #stamp: Stamp | undefined;

  constructor(
    to: Destination,
    { capacity, partition = 0, sealed, hasKeys = false, distinctKeys }: { capacity: number; partition?: number; sealed: Batch[]; hasKeys?: boolean; distinctKeys?: () => readonly unknown[] },
  ) {
    this.#to = to;
    this.capacity = capacity;
    this.partition = partition;
    this.#sealed = sealed;
    this.#hasKeys = hasKeys;
    this.#distinctKeys = distinctKeys;
    this.values = new Array<unknown>(capacity);
    this.keyIds = hasKeys ? new Int32Array(capacity) : NO_IDS;
  }

  /** Arrays of batches that have been folded are used again: at many millions of elements, making them is a cost of its own. */
  #takeBack(arrays: Arrays): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(arrays);
  }

  #useNewArrays(): void {
    const spare = this.#spare.pop();
    this.values = spare?.values ?? new Array<unknown>(this.capacity);
    if (this.#hasKeys) this.keyIds = spare?.keyIds ?? new Int32Array(this.capacity);
  }

  /** Makes ready for elements that all have this stamp. */
  useStamp(stamp: Stamp): void {
    const own = this.#stamp;
    if (own === stamp) return;
    if (own !== undefined && own.timestamp === stamp.timestamp && own.windows === stamp.windows && own.pane === stamp.pane) return;
    if (this.size > 0) this.seal();
    this.#stamp = stamp;
  }

  /** Makes ready for elements whose stamps are written one by one. */
  useColumns(): void {
    if (this.#stamp !== undefined && this.size > 0) this.seal();
    this.#stamp = undefined;
    if (this.timestamps.length > 0) return;
    this.timestamps = new Float64Array(this.capacity);
    this.windows = new Array<readonly Window[]>(this.capacity);
    this.panes = new Array<Pane>(this.capacity);
  }

  /** Whether an element with this stamp can join those that are there without a change. */
  fits(timestamp: Instant, windows: readonly Window[], pane: Pane): boolean {
    const stamp = this.#stamp;
    return stamp === undefined || (stamp.timestamp === timestamp && stamp.windows === windows && stamp.pane === pane);
  }

  /** Puts in one element; a batch that is full is sealed first. */
  add(value: unknown, keyId: number, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    if (this.size === this.capacity) this.seal();
    const stamp = this.#stamp;
    if (stamp === undefined || stamp.timestamp !== timestamp || stamp.windows !== windows || stamp.pane !== pane) this.#addStamp(timestamp, windows, pane);
    const at = this.size++;
    if (this.#hasKeys) this.keyIds[at] = keyId;
    this.values[at] = value;
  }

  #addStamp(timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    // The first element, or the first after a pause, may be the first of many with its stamp; after that there are columns.
    if (this.size === 0 && this.timestamps.length === 0) {
      this.#stamp = { timestamp, windows, pane };
      return;
    }
    this.useColumns();
    this.timestamps[this.size] = timestamp;
    this.windows[this.size] = windows;
    this.panes[this.size] = pane;
  }

  /** Makes a batch of what is there, and starts anew with the same kind of stamps. */
  seal(): void {
    if (this.size === 0) return;
    this.#push();
    if (this.#stamp === undefined) this.useColumns();
  }

  /** Seals what is left at the end of a bundle, and forgets what kind of stamps there were. */
  close(): void {
    if (this.size > 0) this.#push();
    this.#stamp = undefined;
    this.timestamps = NO_TIMES;
  }

  /** What is full is handed over, what is not is copied, so that a batch keeps no more memory than it needs. */
  #push(): void {
    const { size, values, keyIds } = this;
    const isFull = size === this.capacity;
    const columns = { timestamps: this.timestamps, windows: this.windows, panes: this.panes };
    const stamps = this.#stamp ?? (isFull ? columns : slicedColumns(columns, size));
    this.#sealed.push({
      ...this.#to,
      partition: this.partition,
      size,
      earliest: isStamp(stamps) ? stamps.timestamp : earliestIn(stamps.timestamps, size),
      values: isFull ? values : values.slice(0, size),
      stamps,
      keys: this.#hasKeys ? { ids: isFull ? keyIds : keyIds.slice(0, size), distinct: this.#distinctKeys?.() } : undefined,
      ...(isFull ? { release: () => this.#takeBack({ values, keyIds }) } : {}),
    });
    if (isFull) this.#useNewArrays();
    this.timestamps = NO_TIMES;
    this.size = 0;
  }
}

const slicedColumns = ({ timestamps, windows, panes }: StampColumns, size: number): StampColumns => ({
  timestamps: timestamps.slice(0, size),
  windows: windows.slice(0, size),
  panes: panes.slice(0, size),
});

const NO_TIMES = new Float64Array(0);
const NO_IDS = new Int32Array(0);
