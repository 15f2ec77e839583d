import { PipelineError } from "../errors.ts";
import { hours, minutes, seconds, type Duration, type Instant } from "../time.ts";
import type { IntervalWindow, WindowFn } from "../windowing.ts";
import { boundedWindow, intervalWindowCoder } from "./interval.ts";
import { keptWindows } from "./kept.ts";

/**
 * Splits event time into windows of one size that start at even distances, and so overlap where the period is shorter than
 * the size. An element is in all windows that its time lies in. Where the period is longer than the size there are gaps
 * between the windows; elements in a gap are in none, and are dropped.
 *
 * @param size - length of each window, in ms; a whole number, more than 0.
 * @param period - from one start to the next, in ms; a whole number, more than 0. By default the largest unit that is shorter
 * than the size: an hour, a minute, a second or a millisecond.
 * @param offset - shifts every start, in ms, 0 ≤ offset < period; windows start at `offset + n * period`.
 * @throws PipelineError `BAD_WINDOW` when size, period or offset are out of range.
 *
 * @example
 * ```ts
 * slidingWindows(seconds(10), seconds(5)).assign({ value: "a", timestamp: 7_000, windows: [] });
 * // [{ start: 0, end: 10_000, maxTimestamp: 9_999 }, { start: 5_000, end: 15_000, maxTimestamp: 14_999 }]
 * ```
 *
 * @see Akidau et al., "The Dataflow Model", VLDB 2015, section 1.2.
 */
export function slidingWindows(size: Duration, period: Duration = defaultPeriod(size), offset: Duration = 0): WindowFn {
  const isInRange = [size, period, offset].every(Number.isSafeInteger) && size > 0 && period > 0 && offset >= 0 && offset < period;
  if (!isInRange) {
    throw new PipelineError("BAD_WINDOW", {
      what: "slidingWindows needs a size and a period in whole milliseconds, more than 0, and an offset from 0 up to the period",
      got: `size ${size}, period ${period}, offset ${offset}`,
      fix: "pass durations such as seconds(10) and seconds(5)",
    });
  }
  const name = offset === 0 ? `sliding(${size}/${period})` : `sliding(${size}/${period},${offset})`;
  /** The last start that is not after a time. Rounding down takes times before the epoch along. */
  const lastStart = (timestamp: Instant): Instant => Math.floor((timestamp - offset) / period) * period + offset;
  // What the window that began first keeps of the period in which it ends: until then a time has one window more.
  const rest = size % period;
  const sliceOf = (timestamp: Instant): Instant => {
    const start = lastStart(timestamp);
    return timestamp - start < rest ? start : start + rest;
  };
  const windowsFrom = (slice: Instant): readonly IntervalWindow[] => {
    const windows: IntervalWindow[] = [];
    for (let start = lastStart(slice); start + size > slice; start -= period) windows.push(boundedWindow(start, start + size));
    return windows.reverse();
  };
  const windowsAt = keptWindows(windowsFrom, Math.ceil(size / period));
  // A time in one window may have a neighbour in two, where windows overlap only here and there. So those are asked for each element.
  const isEven = size <= period || size >= 2 * period;
  return {
    name,
    hasGaps: period > size,
    assign: ({ timestamp }) => windowsAt(sliceOf(timestamp)),
    ...(isEven ? { assignAt: (timestamp: Instant) => windowsAt(sliceOf(timestamp)) } : {}),
    windowCoder: intervalWindowCoder,
    /** The window that starts first of those that contain the time; in a gap the next one after it. */
    sideWindow(maxTimestamp) {
      const start = lastStart(maxTimestamp - size) + period;
      return boundedWindow(start, start + size);
    },
    isCompatible: (other) => other.name === name,
  };
}

/** As in Beam: the largest unit that is shorter than the size. */
const defaultPeriod = (size: Duration): Duration => [hours(1), minutes(1), seconds(1)].find((unit) => unit < size) ?? 1;
