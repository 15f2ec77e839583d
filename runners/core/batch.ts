import type { CollectionId } from "../../sdk/graph.ts";
import { MIN_INSTANT, NEVER, type Instant } from "../../sdk/time.ts";
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

/** Windows in columns: where each begins, and the first instant after it. */
export interface Spans {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Whether all elements share their stamp. */
export const isStamp = (stamps: Stamp | StampColumns): stamps is Stamp => "pane" in stamps;

/** What the scheduler knows of elements on their way, without opening them. */
export interface Label {
  /** The stage that receives them; from the number of stages on, a `collect()` of the plan. */
  readonly target: number;
  readonly partition: number;
  /** The collection that they are elements of, and that knows their coder. */
  readonly collection: CollectionId;
  readonly size: number;
  /** The earliest time of an element: where the batch keeps the watermark while it waits. */
  readonly earliest: Instant;
  /** For a pane of a view: the last instant of its window. */
  readonly windowEnd?: Instant | undefined;
}

/**
 * Sealed elements on their way to one partition of a stage. Nobody changes a batch once it is made.
 *
 * For a grouping, keys travel beside the values.
 */
export interface Batch extends Label {
  readonly values: readonly unknown[];
  readonly stamps: Stamp | StampColumns;
  /**
   * The window of each element, for a grouping by sessions, which needs nothing else: then the stamps say nothing. An element in
   * several windows is there for each of them.
   */
  readonly spans?: Spans | undefined;
  readonly keys: BatchKeys | undefined;
  /** Whether the values are accumulators that a sender has combined, and not elements. */
  readonly isPartial?: boolean;
  /** Gives the arrays back to where they came from, once nobody looks at the batch any more; not every batch has it. */
  readonly release: (() => void) | undefined;
}

/** The keys of a batch: each different one is there once. */
export interface BatchKeys {
  /** For each value, which key it has. */
  readonly ids: Int32Array;
  /** The keys that the ids stand for; without it they are those of the dictionary that the receiver shares with the sender. */
  readonly distinct: readonly unknown[] | undefined;
  /** For accumulators that a sender has combined: how many elements each stands for. */
  readonly weights?: Int32Array | undefined;
}

/** A batch of elements that have times, and are in no window but the global one. */
export const stampedBatch = (to: Pick<Label, "target" | "collection">, values: readonly unknown[], timestamps: Float64Array): Batch => ({
  ...batchOf(to, values),
  earliest: timestamps.reduce((earliest, time) => Math.min(earliest, time), NEVER),
  stamps: { timestamps, windows: values.map(() => UNSTAMPED.windows), panes: values.map(() => NO_FIRING) },
});

/** A batch of elements without times of their own. */
export const batchOf = ({ target, collection }: Pick<Label, "target" | "collection">, values: readonly unknown[]): Batch => ({
  target,
  collection,
  partition: 0,
  size: values.length,
  earliest: UNSTAMPED.timestamp,
  values,
  stamps: UNSTAMPED,
  keys: undefined,
  release: undefined,
});
