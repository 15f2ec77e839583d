import { MIN_INSTANT, NEVER, type Instant } from "../../sdk/time.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import type { Label } from "./batch.ts";
import type { Bundle } from "./bundle.ts";
import type { PartStatus } from "./part-status.ts";
import type { Stage } from "./plan.ts";
import { Rests } from "./rests.ts";
import { BlockedBatches } from "./side-inputs/blocked-batches.ts";

/** What is known of one part of a stage's work. */
export interface PartitionState<B extends Label> {
  pending: B[];
  /** Parts of sources that have nothing for now. */
  readonly rests: Rests<B>;
  /** What waits for side inputs. */
  readonly blocked: BlockedBatches<B>;
  /** The processing time that what waits goes back to; `NEVER` where nothing does. */
  since: Instant;
  inFlight: Bundle<B> | undefined;
  /** The same for the bundle that is out. */
  inFlightSince: Instant;
  hold: Instant;
  held: number;
  nextTimer: Instant;
  nextDeadline: Instant;
  nextSynchronizedDeadline: Instant;
  /** Of a read: how far its parts have got, as of the last bundle. */
  reading: readonly PartStatus[];
}

/** What is known of a stage. */
export interface StageState<B extends Label> {
  readonly stage: Stage;
  readonly partitions: readonly PartitionState<B>[];
  /** The processing time at which it was last given elements, or read on; `NEVER` before. */
  lastAt: Instant;
  inputWatermark: Instant;
  outputWatermark: Instant;
  /** See {@link BundleTimes.timersOutputWatermark}. */
  timersOutputWatermark: Instant;
  /** Processing time that nothing which comes before it, or waits for it, is behind of; and the same with what it does itself. */
  synchronizedInput: Instant;
  synchronizedOutput: Instant;
}

/** A stage before its first bundle. */
export const beginning = <B extends Label>(stage: Stage): StageState<B> => ({
  stage,
  partitions: Array.from({ length: stage.partitions }, (): PartitionState<B> => partitionOf(stage)),
  lastAt: NEVER,
  inputWatermark: MIN_INSTANT,
  outputWatermark: MIN_INSTANT,
  timersOutputWatermark: MIN_INSTANT,
  synchronizedInput: MIN_INSTANT,
  synchronizedOutput: MIN_INSTANT,
});

/** The partitions besides one that have nothing to do. */
export const idleBeside = (own: number, partitions: readonly PartitionState<Label>[]): readonly number[] =>
  partitions.flatMap(({ pending, rests, inFlight }, i) =>
    i !== own && pending.length === 0 && rests.isEmpty && inFlight === undefined ? [i] : [],
  );

const partitionOf = (stage: Stage): PartitionState<never> => ({
  pending: [],
  rests: new Rests(),
  blocked: new BlockedBatches(),
  since: NEVER,
  inFlight: undefined,
  inFlightSince: NEVER,
  held: 0,
  reading: [],
  nextDeadline: NEVER,
  nextSynchronizedDeadline: NEVER,
  ...beginningOf(stage),
});

/** Where a partition's hold and timer are before its first bundle: some stages want one even when no element comes. */
function beginningOf({ head }: Stage): { readonly hold: Instant; readonly nextTimer: Instant } {
  // A sink holds its output back until it is committed. Its writers are opened before anything else runs, since a file that may
  // not be written is better known now than when all the work is done; and they are asked once more at the end.
  if (head.kind === "sink") return { hold: MIN_INSTANT, nextTimer: -Infinity };
  if (head.kind === "testStream") return { hold: MIN_INSTANT, nextTimer: NEVER };
  // What a combine gives for an input without any element is due when the global window ends.
  const due = head.kind === "group" && head.emitsDefault ? globalWindow.maxTimestamp : NEVER;
  return { hold: due, nextTimer: due };
}

/** Whether a grouping has not done all that its input watermark has made due. */
export const isPassing = ({ stage, partitions, inputWatermark }: StageState<Label>): boolean =>
  stage.head.kind === "group" && partitions.some(({ nextTimer }) => nextTimer < inputWatermark);

export const isReady = (partition: PartitionState<Label>, stage: StageState<Label>, processingTime: Instant): boolean =>
  partition.inFlight === undefined &&
  (partition.pending.length > 0 ||
    partition.nextTimer < stage.inputWatermark ||
    partition.nextDeadline <= processingTime ||
    partition.nextSynchronizedDeadline < stage.synchronizedInput);
