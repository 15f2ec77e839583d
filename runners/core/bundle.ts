import type { Instant } from "../../sdk/time.ts";
import type { Batch, Label } from "./batch.ts";
import type { MetricDelta } from "./metric-container.ts";

/** A unit of work: elements for one partition of a stage, or none where only time has moved. */
export interface Bundle<B extends Label = Batch> {
  readonly stage: number;
  readonly partition: number;
  readonly batches: readonly B[];
  /** Where the stage's input watermark is as the bundle is handed out. */
  readonly inputWatermark: Instant;
  readonly processingTime: Instant;
}

/** Everything that follows from a bundle; it counts once it is committed. */
export interface BundleResult<B extends Label = Batch> {
  readonly stage: number;
  readonly partition: number;
  /** The outputs, for other stages and for `collect()`. */
  readonly batches: readonly B[];
  /** Input that was not worked on and waits again. */
  readonly residuals: readonly B[];
  /** Keeps the stage's output watermark back. */
  readonly hold: Instant;
  /** How many elements the head keeps to itself: they wait like those that were not handed out. */
  readonly held: number;
  /** When the partition wants a bundle although no elements came: once the input watermark has passed this. */
  readonly nextTimer: Instant;
  /** How many elements entered each collection, by collection id. */
  readonly counts: ReadonlyMap<number, number>;
  /** How many elements, one for each of their windows, came after their window had expired. */
  readonly droppedLate: number;
  /** What the steps' metrics took in. */
  readonly metrics: readonly MetricDelta[];
  /** What a sink's writer has to publish, when its input has ended. */
  readonly committables: readonly unknown[];
}
