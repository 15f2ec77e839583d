import { PipelineError, shortText } from "../errors.ts";
import type { Duration, Instant } from "../time.ts";
import type { IntervalWindow, WindowFn } from "../windowing.ts";
import { boundedWindow, intervalWindow, intervalWindowCoder } from "./interval.ts";

/**
 * Splits the elements of each key into sessions: bursts of elements, with at least a gap without any in between. An element
 * starts out in a window of its own, from its time on for the length of the gap; windows of a key that overlap become one
 * when they are grouped. Two elements that lie apart by exactly the gap are in two sessions.
 *
 * Before a grouping elements are in the windows that they started out in. After one the windows stay as they are: see
 * {@link remerge}.
 *
 * @param gap - how long nothing may come for a session to be over, in ms; a whole number, more than 0.
 * @throws PipelineError `BAD_WINDOW` when the gap is out of range.
 *
 * @example
 * ```ts
 * visits.pipe(windowInto(sessions(minutes(30))), keyBy((visit) => visit.user), groupByKey());
 * // visits of ann at 10:00, 10:20 and 12:00 → ["ann", two visits] in [10:00, 10:50), ["ann", one visit] in [12:00, 12:30)
 * ```
 *
 * @see Akidau et al., "The Dataflow Model", VLDB 2015, section 2.2.
 */
export function sessions(gap: Duration): WindowFn {
  mustBeGap("sessions needs a gap", gap);
  return sessionsOf(`sessions(${gap})`, ({ timestamp }) => [boundedWindow(timestamp, timestamp + gap)]);
}

/**
 * Like {@link sessions}, where each element says how long nothing may come after it for its session to be over.
 *
 * @param gapOf - the gap after an element, in ms; a whole number, more than 0. In the run anything else fails with `BAD_WINDOW`.
 *
 * @example
 * ```ts
 * visits.apply(windowInto(dynamicSessions((visit) => (visit.isOnPhone ? minutes(5) : minutes(30)))));
 * ```
 */
export const dynamicSessions = <T>(gapOf: (element: T) => Duration): WindowFn<T> =>
  sessionsOf("dynamicSessions", ({ value, timestamp }) => {
    const gap = gapOf(value);
    mustBeGap("the function of dynamicSessions gives a gap", gap);
    return [boundedWindow(timestamp, timestamp + gap)];
  });

const sessionsOf = <T>(name: string, assign: WindowFn<T>["assign"]): WindowFn<T> => ({
  name,
  assign,
  merge: mergeOverlapping,
  windowCoder: intervalWindowCoder,
  // Sessions of any gap are windows of one kind, since they merge by what they are and not by the gap.
  isCompatible: (other) => other.merge === mergeOverlapping,
});

/** Which intervals overlap, directly or through others, and what they are together. Touching is not overlapping. */
export function mergeOverlapping(
  windows: readonly IntervalWindow[],
): readonly { readonly from: readonly IntervalWindow[]; readonly into: IntervalWindow }[] {
  const merges: { readonly from: readonly IntervalWindow[]; readonly into: IntervalWindow }[] = [];
  const sorted = windows.toSorted((a, b) => a.start - b.start);
  for (let first = 0, next; first < sorted.length; first = next) {
    let { end } = sorted[first]!;
    for (next = first + 1; next < sorted.length && sorted[next]!.start < end; next++) end = Math.max(end, sorted[next]!.end);
    if (next > first + 1) merges.push({ from: sorted.slice(first, next), into: spanning(sorted[first]!, end) });
  }
  return merges;
}

/** A window that holds all others is what they become. */
const spanning = (first: IntervalWindow, end: Instant): IntervalWindow => (first.end === end ? first : intervalWindow(first.start, end));

function mustBeGap(what: string, gap: Duration): void {
  if (Number.isSafeInteger(gap) && gap > 0) return;
  throw new PipelineError("BAD_WINDOW", {
    what: `${what} in whole milliseconds, more than 0`,
    got: shortText(gap),
    fix: "pass a duration such as minutes(30)",
  });
}
