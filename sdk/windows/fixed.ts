import { PipelineError } from "../errors.ts";
import type { Duration, Instant } from "../time.ts";
import type { WindowFn } from "../windowing.ts";
import { boundedWindow, intervalWindowCoder } from "./interval.ts";
import { keptWindows } from "./kept.ts";

/**
 * Splits event time into windows of one size that do not overlap.
 *
 * @param size - length of each window, in ms; a whole number, more than 0.
 * @param offset - shifts every boundary, in ms, 0 ≤ offset < size; boundaries lie at `offset + n * size`.
 * @throws PipelineError `BAD_WINDOW` when size or offset are out of range.
 *
 * @example
 * ```ts
 * fixedWindows(seconds(10)).assign({ value: "a", timestamp: 12_345, windows: [] }); // [{ start: 10_000, end: 20_000, maxTimestamp: 19_999 }]
 * fixedWindows(seconds(10)).assign({ value: "a", timestamp: -1, windows: [] });     // [{ start: -10_000, end: 0, maxTimestamp: -1 }]
 * ```
 *
 * @see Akidau et al., "The Dataflow Model", VLDB 2015, section 1.2.
 */
export function fixedWindows(size: Duration, offset: Duration = 0): WindowFn {
  if (!Number.isSafeInteger(size) || size <= 0 || !Number.isSafeInteger(offset) || offset < 0 || offset >= size) {
    throw new PipelineError("BAD_WINDOW", {
      what: "fixedWindows needs a size in whole milliseconds, more than 0, and an offset from 0 up to the size",
      got: `size ${size}, offset ${offset}`,
      fix: "pass a duration such as seconds(10)",
    });
  }
  // Rounding down takes times before the epoch along, and is exact: within the range of instants no quotient is rounded up to
  // a whole number. `%` on numbers that are no small integers costs ten times as much.
  const startOf = (timestamp: Instant): Instant => Math.floor((timestamp - offset) / size) * size + offset;
  const name = offset === 0 ? `fixed(${size})` : `fixed(${size},${offset})`;
  const windowAt = keptWindows((start) => [boundedWindow(start, start + size)]);
  return {
    name,
    assign: ({ timestamp }) => windowAt(startOf(timestamp)),
    assignAt: (timestamp) => windowAt(startOf(timestamp)),
    windowCoder: intervalWindowCoder,
    sideWindow: (maxTimestamp) => windowAt(startOf(maxTimestamp))[0]!,
    isCompatible: (other) => other.name === name,
  };
}
