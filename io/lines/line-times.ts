import { PipelineError } from "../../sdk/errors.ts";
import type { Duration, Instant } from "../../sdk/time.ts";
import { wallClockWatermark, type WatermarkPolicy } from "../../sdk/watermark.ts";

/** The event times of lines that come without end. */
export interface LineTimes {
  /** The event time of a line, in ms since the epoch; the time at which it is read unless given. */
  readonly timestampOf?: (line: string) => Instant;
  /** How far event times have got; that of the clock unless given. With `timestampOf` it is needed. */
  readonly watermark?: WatermarkPolicy;
  /** After how long without a line, in ms, it holds the watermark back no more; never unless given. */
  readonly idleTimeout?: Duration;
}

/** @throws PipelineError `BAD_ARGUMENT` where lines have event times, and nothing says how far they have got. */
export function watermarkOf(name: string, { timestampOf, watermark }: LineTimes): WatermarkPolicy {
  if (watermark !== undefined) return watermark;
  if (timestampOf === undefined) return wallClockWatermark();
  throw new PipelineError("BAD_ARGUMENT", {
    what: `the lines of ${name} have event times, and nothing says how far they have got`,
    fix: "add watermark: monotonicWatermark(), or boundedDelayWatermark(delay) where lines come out of order",
  });
}
