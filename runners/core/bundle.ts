import type { Instant } from "../../sdk/time.ts";
import type { Batch, Label } from "./batch.ts";
import type { MetricDelta } from "./metric-container.ts";
import type { PartStatus } from "./part-status.ts";
import type { Resting } from "./rests.ts";
import type { Blocked } from "./side-inputs/gate.ts";

/** What time it is for a bundle. */
export interface BundleTimes {
  /** Where the stage's input watermark is as the bundle is handed out. */
  readonly inputWatermark: Instant;
  /** Where its output watermark is. */
  readonly outputWatermark: Instant;
  /**
   * Where its output watermark was when the input watermark had reached where it is, before anything that became due by that was
   * done: in all partitions what is due is judged by it.
   */
  readonly timersOutputWatermark: Instant;
  readonly processingTime: Instant;
  /** Processing time that no work which comes before this stage is behind of. */
  readonly synchronizedProcessingTime: Instant;
}

/** A unit of work: elements for one partition of a stage, or none where only time has moved. */
export interface Bundle<B extends Label = Batch> extends BundleTimes {
  readonly stage: number;
  readonly partition: number;
  readonly batches: readonly B[];
  /** By view: how far it has got. Only for stages that read views. */
  readonly viewWatermarks: readonly Instant[];
  /** The partitions of a stage that reads what have nothing to do: some of what this bundle leaves may go there. */
  readonly idle: readonly number[];
  /** Whether reads that have no end are to end now. */
  readonly isDraining: boolean;
}

/** Everything that follows from a bundle; it counts once it is committed. */
export interface BundleResult<B extends Label = Batch> {
  readonly stage: number;
  readonly partition: number;
  /** The outputs, for other stages and for `collect()`. */
  readonly batches: readonly B[];
  /** Input that was not worked on and waits again. */
  readonly residuals: readonly B[];
  /** Parts of sources that have nothing for now. */
  readonly resting: readonly Resting<B>[];
  /** How many bytes a read has read, as far as its source knows it. */
  readonly readBytes: number;
  /** How far the parts of sources have got that are read without an end. */
  readonly reading: readonly PartStatus[];
  /** Whether the head is to be told when this is committed. */
  readonly wantsCommit: boolean;
  /** Input that waits until a view is ready. */
  readonly blocked: readonly Blocked<B>[];
  /** Keeps the stage's output watermark back. */
  readonly hold: Instant;
  /** How many elements the head keeps to itself: they wait like those that were not handed out. */
  readonly held: number;
  /** When the partition wants a bundle although no elements came: once the input watermark has passed this. */
  readonly nextTimer: Instant;
  /** The same in processing time: once it is reached. */
  readonly nextDeadline: Instant;
  /** The same in synchronized processing time: once that is greater. */
  readonly nextSynchronizedDeadline: Instant;
  /** How many elements entered each collection, by collection id. */
  readonly counts: ReadonlyMap<number, number>;
  /** How many elements, one for each of their windows, came after their window had expired. */
  readonly droppedLate: number;
  /** How many elements, one for each of their windows, came after their window's trigger had finished. */
  readonly droppedClosed: number;
  /** The last elements that came too late, in words. */
  readonly lateSample: readonly string[];
  /** What the steps' metrics took in. */
  readonly metrics: readonly MetricDelta[];
  /** What a sink's writer has to publish, when its input has ended. */
  readonly committables: readonly unknown[];
}
