import type { OffsetRange } from "../../../sdk/source.ts";
import type { Resume } from "../../../sdk/resume.ts";
import type { Duration, Instant } from "../../../sdk/time.ts";
import type { WatermarkEstimator, WatermarkPolicy } from "../../../sdk/watermark.ts";
import type { Stamp } from "../batch.ts";
import type { MetricDelta } from "../metric-container.ts";
import type { Clock } from "../ports.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";

/** A bundle ends when so many elements are on their way to the next stages. */
export const MOST_KEPT = 8 * 1_024;

/** How many elements of a bundle are kept for the stages that come next. */
export function keptOf({ slots }: Pass): number {
  let size = 0;
  for (const slot of slots) size += slot.size;
  return size;
}

/** What a read is told about the run. */
export interface ReadSurroundings {
  readonly path: string;
  readonly clock: Clock;
  /** Aborts when the run fails or is cancelled: what was read then goes nowhere. */
  readonly signal: AbortSignal;
  readonly elementsPerBundle: number | undefined;
  /** A bundle ends after so many ms. */
  readonly mostMs: Duration;
}

/** A part of something splittable, as it is handed out. */
export interface Part {
  /** What it is a part of the work on; nothing for a source. */
  readonly element: unknown;
  readonly range: OffsetRange;
  readonly stamp: Stamp;
}

/** What a part may use of a bundle. */
export interface Turn {
  /** The time on the monotonic clock at which its share of the bundle is over. */
  readonly until: number;
  readonly processingTime: Instant;
  readonly steps: StageLoop;
  readonly pass: Pass;
  /** The estimator of the part; nothing where its element's time is the watermark. */
  readonly estimator: WatermarkEstimator | undefined;
}

/** How far a part has got in a bundle. */
export interface Progress {
  /** What of it is left, an empty range where all is claimed and not yet given out; nothing when it is done. */
  readonly left: OffsetRange | undefined;
  /** When it goes on, where it has nothing for now. */
  readonly rest: Pick<Resume, "after" | "wake"> | undefined;
  /** Whether the read has returned, so that another one has to go on with what is left. */
  readonly isOver: boolean;
  /** How many elements it gave out. */
  readonly given: number;
  readonly bytes: number;
  readonly dropped: number;
  /** To be called when the bundle is committed. */
  readonly onCommit: readonly (() => void | Promise<void>)[];
}

/** A part that is being read: it is kept between bundles, so that a file is opened once. */
export interface Reading {
  read(part: Part, turn: Turn): Promise<Progress>;
  /** What it has claimed it gives out in the next call, whatever the turn, and is over. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Which part is read next: the same one until it is done; each for its share, where parts have no end; or the one that is furthest
 * behind, where event times move on while parts are read that have an end, so that as little as possible waits for the others.
 */
export type ReadOrder = "oneAfterAnother" | "byTurns" | "byWatermark";

/** In which order parts are read of what has an end, or not, and a policy for watermarks, or not. */
export function readOrder(isBounded: boolean, watermark: WatermarkPolicy | undefined): ReadOrder {
  if (!isBounded) return "byTurns";
  return watermark === undefined ? "oneAfterAnother" : "byWatermark";
}

/** How something splittable is read. */
export interface Reader {
  /** How far event times have got is found like this; where it is not said, the watermark stays where a part began until it is done. */
  readonly watermark: WatermarkPolicy | undefined;
  readonly idleTimeout: Duration | undefined;
  /** For how long a part is read in one bundle, in ms; `Infinity` for as long as the bundle lasts. */
  readonly shareMs: number;
  readonly order: ReadOrder;
  partOf(value: unknown): Pick<Part, "element" | "range">;
  /** The value that stands for a part of which this is left. */
  valueOf(part: Part, left: OffsetRange): unknown;
  open(range: OffsetRange, processingTime: Instant): Reading;
  /** A part in about so many pieces; itself where it cannot be cut. */
  cut(part: Part, count: number): Promise<readonly OffsetRange[]>;
  /** How much of a part there is to read now; nothing where that is not known. */
  backlogOf(part: Part, processingTime: Instant): Promise<number | undefined>;
  /** What of a part is still read when the run is drained. */
  truncate(part: Part): OffsetRange | undefined;
  startBundle?(processingTime: Instant): Promise<void>;
  finishBundle?(processingTime: Instant, steps: StageLoop, pass: Pass): Promise<void>;
  takeMetrics?(): readonly MetricDelta[];
  close?(): Promise<void>;
}
