import { days, type Instant } from "../time.ts";
import type { IntervalWindow, WindowFn } from "../windowing.ts";
import { civilDay, dayNumber, type CivilDay } from "./civil.ts";
import { boundedWindow, intervalWindowCoder } from "./interval.ts";
import type { TimeZone } from "./time-zone.ts";

/** Periods of days one after the other, by number. */
export interface Periods {
  /** The number of the period that a day is in. */
  readonly periodOf: (day: number) => number;
  /** The first day of a period. */
  readonly firstOf: (period: number) => number;
}

/** Periods of `n` days, one of which starts on the day of this number. */
export const everyDays = (n: number, first: number): Periods => ({
  periodOf: (day) => Math.floor((day - first) / n),
  firstOf: (period) => first + period * n,
});

/** Periods of `n` months, one of which starts on this day; every month must have it. */
export function everyMonths(n: number, { year, month, day: startDay }: CivilDay): Periods {
  return {
    periodOf(number) {
      const { year: y, month: m, day } = civilDay(number);
      const months = (y - year) * 12 + m - month - (day < startDay ? 1 : 0);
      return Math.floor(months / n);
    },
    firstOf: (period) => dayNumber({ year, month: month + period * n, day: startDay }),
  };
}

/** How many days of UTC windows are kept for. */
const DAYS_KEPT = 1_024;

/** Windows from the start of one period to that of the next in a time zone. */
export function calendarWindows(name: string, zone: TimeZone, { periodOf, firstOf }: Periods): WindowFn {
  const isIn = ({ start, end }: IntervalWindow, timestamp: Instant): boolean => start <= timestamp && timestamp < end;
  /** Not by the local date alone: clocks that go back past midnight show a day twice, which counts from the first time on. */
  const made = (timestamp: Instant): IntervalWindow => {
    const startOf = (period: number): Instant => zone.startOf(firstOf(period));
    let period = periodOf(zone.dayAt(timestamp));
    while (timestamp < startOf(period)) period--;
    while (timestamp >= startOf(period + 1)) period++;
    return Object.freeze(boundedWindow(startOf(period), startOf(period + 1)));
  };
  // To ask what clocks show takes microseconds, so windows are kept for each day of UTC, which has parts of three at most.
  const kept = new Map<number, (readonly IntervalWindow[])[]>();
  let last: readonly IntervalWindow[] = [made(0)];
  const windowsAt = (timestamp: Instant): readonly IntervalWindow[] => {
    if (isIn(last[0]!, timestamp)) return last;
    const day = Math.floor(timestamp / days(1));
    let onDay = kept.get(day);
    if (onDay === undefined) {
      if (kept.size === DAYS_KEPT) kept.clear();
      kept.set(day, (onDay = []));
    }
    let found = onDay.find(([window]) => isIn(window!, timestamp));
    if (found === undefined) onDay.push((found = Object.freeze([made(timestamp)])));
    return (last = found);
  };
  return {
    name,
    assign: ({ timestamp }) => windowsAt(timestamp),
    assignAt: windowsAt,
    windowCoder: intervalWindowCoder,
    sideWindow: (maxTimestamp) => windowsAt(maxTimestamp)[0]!,
    isCompatible: (other) => other.name === name,
  };
}
