import { MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { NO_FIRING, type Pane, type Window } from "../../sdk/windowing.ts";
import { globalWindow } from "../../sdk/windows/global.ts";

/** The time, windows and pane of elements, where all elements of a batch share them. */
export interface Stamp {
  readonly timestamp: Instant;
  readonly windows: readonly Window[];
  readonly pane: Pane;
}

/** The stamp of elements that nobody has given a time or a window. */
export const UNSTAMPED: Stamp = Object.freeze({ timestamp: MIN_INSTANT, windows: Object.freeze([globalWindow]), pane: NO_FIRING });

/** A stamp for each element of a batch, in columns: smaller than an object per element, and fast to send. */
export interface StampColumns {
  readonly timestamps: Float64Array;
  readonly windows: readonly (readonly Window[])[];
  readonly panes: readonly Pane[];
}

/** Whether all elements share their stamp. */
export const isStamp = (stamps: Stamp | StampColumns): stamps is Stamp => "pane" in stamps;

/**
 * Sealed elements on their way to one partition of a stage. Nobody changes a batch once it is made.
 *
 * For a grouping, keys travel beside the values: `keyIds` says which key of the receiver's dictionary each value has.
 */
export interface Batch {
  /** The stage that receives it; from the number of stages on, a `collect()` of the plan. */
  readonly target: number;
  readonly partition: number;
  readonly size: number;
  readonly values: readonly unknown[];
  readonly keyIds: Int32Array | undefined;
  readonly stamps: Stamp | StampColumns;
  /** The earliest time of an element: where the batch keeps the watermark while it waits. */
  readonly earliest: Instant;
}

/** The elements of a batch from one place up to another, as a batch. */
export function sliceOf(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to >= batch.size) return batch;
  const stamps = isStamp(batch.stamps) ? batch.stamps : slicedColumns(batch.stamps, from, to);
  return {
    ...batch,
    size: to - from,
    values: batch.values.slice(from, to),
    keyIds: batch.keyIds?.slice(from, to),
    stamps,
    earliest: isStamp(stamps) ? stamps.timestamp : earliestIn(stamps.timestamps, to - from),
  };
}

const slicedColumns = ({ timestamps, windows, panes }: StampColumns, from: number, to: number): StampColumns => ({
  timestamps: timestamps.slice(from, to),
  windows: windows.slice(from, to),
  panes: panes.slice(from, to),
});

/** The least of the first `size` timestamps. */
export function earliestIn(timestamps: Float64Array, size: number): Instant {
  let earliest = timestamps[0]!;
  for (let i = 1; i < size; i++) if (timestamps[i]! < earliest) earliest = timestamps[i]!;
  return earliest;
}
