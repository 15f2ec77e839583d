import type { Instant } from "../time.ts";
import type { IntervalWindow } from "../windowing.ts";

/** The windows of all times in a slice of event time, and where the slice starts. */
interface Slice {
  readonly start: Instant;
  readonly windows: readonly IntervalWindow[];
}

/** How many windows are kept in all, and how many slices at most. */
const WINDOWS_KEPT = 65_536;
const SLICES_KEPT = 256;

/**
 * Neighbours in time share their windows, so the last few lists are kept instead of made anew for each element.
 *
 * @param windowsFrom - the windows of all times in the slice that starts at an instant.
 * @param perSlice - how many windows a slice has, about.
 */
export function keptWindows(
  windowsFrom: (start: Instant) => readonly IntervalWindow[],
  perSlice = 1,
): (start: Instant) => readonly IntervalWindow[] {
  const kept = new Map<Instant, Slice>();
  const most = Math.max(1, Math.min(SLICES_KEPT, Math.floor(WINDOWS_KEPT / perSlice)));
  let last: Slice = { start: NaN, windows: [] };
  return (start) => {
    if (last.start === start) return last.windows;
    let found = kept.get(start);
    if (found === undefined) {
      if (kept.size >= most) kept.clear();
      found = { start, windows: Object.freeze(windowsFrom(start).map((window) => Object.freeze(window))) };
      kept.set(start, found);
    }
    return (last = found).windows;
  };
}
