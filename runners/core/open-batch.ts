import { NEVER, type Instant } from "../../sdk/time.ts";
import type { IntervalWindow, Pane, Window } from "../../sdk/windowing.ts";
import { UNSTAMPED, type Batch, type BatchKeys, type Label, type Stamp } from "./batch.ts";

/** Which collection a slot takes, and which stage or `collect()` it leads to. */
export type Destination = Pick<Label, "target" | "collection">;

/** What elements are written into; a full batch takes it along. */
interface Arrays {
  readonly values: unknown[];
  readonly keyIds: Int32Array;
  readonly timestamps: Float64Array;
  readonly windows: (readonly Window[])[];
  readonly panes: Pane[];
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** How many sets of arrays are kept for new batches. */
const MOST_SPARE = 32;

/** How an open batch is written. */
export interface OpenBatchOptions {
  readonly capacity: number;
  readonly partition?: number;
  /** Takes the batches that are full. */
  readonly sealed: Batch[];
  /** Whether elements are values of keys. */
  readonly hasKeys?: boolean;
  /** Whether times and panes are kept; they are unless there are keys, since most groupings need none. */
  readonly hasStamps?: boolean;
  /** Whether windows are intervals, and their two ends all that is kept of stamps; there are keys then. */
  readonly hasSpans?: boolean;
  /** Whether windows may merge; then elements hold the watermark where their windows begin. See {@link earliestOf}. */
  readonly merges?: boolean;
  /** What else a batch has to say of its keys, where the receiver does not share the dictionary they come from; asked as it is sealed. */
  readonly takeKeys?: () => Omit<BatchKeys, "ids">;
}

/**
 * Elements on their way to one partition, until they are sealed into a batch.
 *
 * As long as all share a stamp only the values are kept for each of them; from the first element with another stamp on there
 * are columns. The columns are open: generated loops write them by index, which costs a fraction of a call.
 */
export class OpenBatch implements Arrays {
  values!: unknown[];
  keyIds!: Int32Array;
  timestamps!: Float64Array;
  windows!: (readonly Window[])[];
  panes!: Pane[];
  starts!: Float64Array;
  ends!: Float64Array;
  size = 0;
  /** The least time of the elements that were written into columns, or beginning of their intervals. */
  earliest: Instant = NEVER;
  readonly capacity: number;
  readonly partition: number;
  readonly #to: Destination;
  readonly #hasKeys: boolean;
  readonly #hasStamps: boolean;
  readonly #hasSpans: boolean;
  readonly #merges: boolean;
  readonly #takeKeys: () => Omit<BatchKeys, "ids">;
  readonly #sealed: Batch[];
  readonly #spare: Arrays[] = [];
  #stamp: Stamp | undefined;
  /** Whether it was decided, in this bundle, that there are columns. */
  #isColumnar = false;

  constructor(to: Destination, options: OpenBatchOptions) {
    const { capacity, partition = 0, sealed, hasKeys = false, hasStamps = !hasKeys, hasSpans = false, merges = false } = options;
    this.#to = to;
    this.capacity = capacity;
    this.partition = partition;
    this.#sealed = sealed;
    this.#hasKeys = hasKeys;
    this.#hasStamps = hasStamps;
    this.#hasSpans = hasSpans;
    this.#merges = merges;
    this.#takeKeys = options.takeKeys ?? sharedKeys;
    this.#useNewArrays();
  }

  /** Makes ready for elements that all have this stamp. */
  useStamp(stamp: Stamp): void {
    const own = this.#stamp;
    if (own === stamp) return;
    if (own !== undefined && own.timestamp === stamp.timestamp && own.windows === stamp.windows && own.pane === stamp.pane) return;
    this.seal();
    this.#stamp = stamp;
    this.#isColumnar = false;
  }

  /** Makes ready for elements whose stamps are written one by one. */
  useColumns(): void {
    if (this.#isColumnar) return;
    this.seal();
    this.#stamp = undefined;
    this.#isColumnar = true;
  }

  /** Whether an element with this stamp can join those that are there without a change. */
  fits(timestamp: Instant, windows: readonly Window[], pane: Pane): boolean {
    const stamp = this.#stamp;
    return stamp === undefined || (stamp.timestamp === timestamp && stamp.windows === windows && stamp.pane === pane);
  }

  /** Puts in one element; a batch that is full is sealed first. */
  add(value: unknown, keyId: number, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    if (this.#hasSpans) {
      for (const { start, end } of windows as readonly IntervalWindow[]) this.addSpan(value, keyId, timestamp, start, end);
      return;
    }
    if (this.size === this.capacity) this.seal();
    if (!this.#isColumnar) this.#decideOn(timestamp, windows, pane);
    const at = this.size++;
    if (this.#hasKeys) this.keyIds[at] = keyId;
    this.values[at] = value;
    if (!this.#isColumnar) return;
    this.windows[at] = windows;
    if (timestamp < this.earliest) this.earliest = timestamp;
    if (!this.#hasStamps) return;
    this.timestamps[at] = timestamp;
    this.panes[at] = pane;
  }

  /** Puts in one element of which an interval is kept. */
  addSpan(value: unknown, keyId: number, timestamp: Instant, start: Instant, end: Instant): void {
    if (this.size === this.capacity) this.seal();
    const at = this.size++;
    this.keyIds[at] = keyId;
    this.values[at] = value;
    this.starts[at] = start;
    this.ends[at] = end;
    this.earliest = Math.min(this.earliest, timestamp, start);
  }

  /** The first element of a bundle may be the first of many with its stamp; one that has another stamp begins the columns. */
  #decideOn(timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    if (this.#stamp === undefined) this.#stamp = { timestamp, windows, pane };
    else if (!this.fits(timestamp, windows, pane)) this.useColumns();
  }

  /** Makes a batch of what is there, and starts anew with the same kind of stamps. */
  seal(): void {
    if (this.size > 0) this.#push(this.size === this.capacity);
  }

  /** Seals what is left at the end of a bundle, and forgets what kind of stamps there were. */
  close(): void {
    this.seal();
    this.#stamp = undefined;
    this.#isColumnar = false;
  }

  /** What is full is handed over, what is not is copied, so that a batch keeps no more memory than it needs. */
  #push(isFull: boolean): void {
    const { size } = this;
    const arrays = isFull ? this.#handedOver() : this.#copied();
    // Field by field: spreading costs more than all the rest.
    this.#sealed.push({
      target: this.#to.target,
      collection: this.#to.collection,
      partition: this.partition,
      size,
      earliest: this.#earliestIn(arrays),
      values: arrays.values,
      stamps: this.#hasSpans ? UNSTAMPED : (this.#stamp ?? { timestamps: arrays.timestamps, windows: arrays.windows, panes: arrays.panes }),
      spans: this.#hasSpans ? { starts: arrays.starts, ends: arrays.ends } : undefined,
      keys: this.#hasKeys ? { ids: arrays.keyIds, ...this.#takeKeys() } : undefined,
      release: isFull ? () => this.#takeBack(arrays) : undefined,
    });
    this.size = 0;
    this.earliest = NEVER;
  }

  #earliestIn({ windows }: Arrays): Instant {
    if (this.#hasSpans) return this.earliest;
    if (this.#stamp !== undefined) return earliestOf(this.#stamp.timestamp, [this.#stamp.windows], 1, this.#merges);
    return earliestOf(this.earliest, windows, this.size, this.#merges);
  }

  #handedOver(): Arrays {
    const { values, keyIds, timestamps, windows, panes, starts, ends } = this;
    this.#useNewArrays();
    return { values, keyIds, timestamps, windows, panes, starts, ends };
  }

  #copied(): Arrays {
    const { size } = this;
    const columns = this.#stamp === undefined ? size : 0;
    return {
      values: this.values.slice(0, size),
      keyIds: this.keyIds.slice(0, size),
      timestamps: this.timestamps.slice(0, columns),
      windows: this.windows.slice(0, columns),
      panes: this.panes.slice(0, columns),
      starts: this.starts.slice(0, size),
      ends: this.ends.slice(0, size),
    };
  }

  /** Arrays of batches that have been folded are used again: at many millions of elements, making them is a cost of its own. */
  #takeBack(arrays: Arrays): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(arrays);
  }

  #useNewArrays(): void {
    const { values, keyIds, timestamps, windows, panes, starts, ends } = this.#spare.pop() ?? this.#newArrays();
    this.values = values;
    this.keyIds = keyIds;
    this.timestamps = timestamps;
    this.windows = windows;
    this.panes = panes;
    this.starts = starts;
    this.ends = ends;
  }

  #newArrays(): Arrays {
    const lengthIf = (isKept: boolean): number => (isKept ? this.capacity : 0);
    return {
      values: new Array<unknown>(this.capacity),
      keyIds: new Int32Array(lengthIf(this.#hasKeys)),
      timestamps: new Float64Array(lengthIf(this.#hasStamps)),
      windows: new Array<readonly Window[]>(lengthIf(!this.#hasSpans)),
      panes: new Array<Pane>(lengthIf(this.#hasStamps)),
      starts: new Float64Array(lengthIf(this.#hasSpans)),
      ends: new Float64Array(lengthIf(this.#hasSpans)),
    };
  }
}

/**
 * Where a batch keeps the watermark: at the earliest time of its elements, or the end of a window that comes before it. An
 * element that was moved beyond its window must not become late by being on its way.
 *
 * @param merges - whether windows may merge. Then it is the beginning of a window that counts: as long as the element is on its
 * way nobody knows what windows that end before it become part of.
 */
export function earliestOf(time: Instant, windows: readonly (readonly Window[])[], size: number, merges = false): Instant {
  let earliest = time;
  let last: readonly Window[] | undefined;
  for (let i = 0; i < size; i++) {
    const own = windows[i]!;
    if (own === last) continue;
    last = own;
    for (let w = 0; w < own.length; w++) {
      const { maxTimestamp, start = maxTimestamp } = own[w] as Window & Partial<IntervalWindow>;
      const held = merges ? start : maxTimestamp;
      if (held < earliest) earliest = held;
    }
  }
  return earliest;
}

/** Keys that stand in the receiver's own dictionary. */
const sharedKeys = () => ({ distinct: undefined, weights: undefined });
