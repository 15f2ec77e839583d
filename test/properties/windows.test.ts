import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  days,
  fixedWindows,
  globalWindow,
  intervalWindow,
  MAX_INSTANT,
  MIN_INSTANT,
  sessions,
  slidingWindows,
  type Instant,
  type IntervalWindow,
  type WindowFn,
} from "millrace";

const windowsOf = (fn: WindowFn, timestamp: Instant): readonly IntervalWindow[] => fn.assign({ value: undefined, timestamp, windows: [] });
const isIn = ({ start, end }: IntervalWindow, timestamp: Instant): boolean => start <= timestamp && timestamp < end;
const LAST = globalWindow.maxTimestamp;

const anyInstant = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: Date.UTC(1900), max: Date.UTC(2040) }),
  fc.integer({ min: MIN_INSTANT, max: MIN_INSTANT + days(400) }),
  fc.integer({ min: LAST - days(400), max: LAST }),
);
const anySize = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: days(40) }), fc.constant(MAX_INSTANT));

// Where clocks change at midnight, go back past it, skip a whole day, or were once set by the sun.
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Australia/Lord_Howe",
];
const anyZone = fc.constantFrom(...zones);
const anyCount = fc.integer({ min: 1, max: 40 });

const anyCalendar: fc.Arbitrary<WindowFn> = fc.oneof(
  fc.tuple(anyCount, anyZone).map(([n, timeZone]) => calendarDays(n, { timeZone, startingDay: "2016-02-29" })),
  fc.tuple(anyCount, anyZone).map(([n, timeZone]) => calendarWeeks(n, { timeZone, startDayOfWeek: "wednesday" })),
  fc
    .tuple(anyCount, anyZone, fc.integer({ min: 1, max: 28 }))
    .map(([n, timeZone, dayOfMonth]) => calendarMonths(n, { timeZone, dayOfMonth, startingMonth: "2014-11" })),
  fc
    .tuple(anyCount, anyZone, fc.integer({ min: 1, max: 12 }))
    .map(([n, timeZone, monthOfYear]) => calendarYears(n, { timeZone, monthOfYear, dayOfMonth: 28, startingYear: 2000 })),
);
const anyFixed = fc
  .tuple(anySize, fc.nat())
  .filter(([size]) => size < MAX_INSTANT)
  .map(([size, offset]) => fixedWindows(size, offset % size));
const anySliding = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat())
  .map(([size, period, offset]) => ({ size, period, fn: slidingWindows(size, period, offset % period) }));

describe("window functions", () => {
  const any = fc.oneof(
    anyFixed,
    anySliding.map(({ fn }) => fn),
    anyCalendar,
    anySize.map(sessions),
  );

  test("every time lies in the windows that it is put into, and they end with the global window at the latest", () => {
    fc.assert(
      fc.property(any, anyInstant, (fn, timestamp) => {
        const windows = windowsOf(fn, timestamp);
        expect(windows.filter((window) => !isIn(window, timestamp))).toEqual([]);
        expect(windows.filter(({ end, maxTimestamp }) => maxTimestamp !== end - 1 || maxTimestamp > LAST)).toEqual([]);
        expect(windows.length > 0 || fn.hasGaps).toBe(true);
      }),
    );
  });

  test("a function asked by the time alone says the same", () => {
    fc.assert(
      fc.property(any, anyInstant, (fn, timestamp) => {
        const windows = windowsOf(fn, timestamp);
        expect(fn.assignAt?.(timestamp) ?? windows).toEqual(windows);
      }),
    );
  });

  test("where the time alone gives one interval, all times within give the same", () => {
    fc.assert(
      fc.property(any, anyInstant, fc.double({ min: 0, max: 1, noNaN: true }), (fn, timestamp, part) => {
        const windows = fn.assignAt?.(timestamp) ?? [];
        if (windows.length !== 1) return;
        const [{ start, end }] = windows as [IntervalWindow];
        const first = Math.max(start, MIN_INSTANT);
        expect(fn.assignAt!(Math.min(Math.floor(first + part * (end - first)), end - 1))).toEqual(windows);
      }),
    );
  });

  test("neighbours in time share their list of windows", () => {
    fc.assert(
      fc.property(anySliding, anyInstant, ({ fn }, timestamp) => {
        expect(windowsOf(fn, timestamp)).toBe(windowsOf(fn, timestamp));
      }),
    );
    const fn = slidingWindows(10, 5);
    expect(windowsOf(fn, 9)).toBe(windowsOf(fn, 5));
    expect(windowsOf(fn, 10)).not.toBe(windowsOf(fn, 9));
  });

  test("the window of a side input contains the time, where there is one that does", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFixed,
          anySliding.map(({ fn }) => fn),
          anyCalendar,
        ),
        anyInstant,
        (fn, timestamp) => {
          const side = fn.sideWindow!(timestamp);
          const [first] = windowsOf(fn, timestamp);
          expect(first ?? side).toEqual(side);
          expect(first !== undefined || side.start > timestamp).toBe(true);
        },
      ),
    );
  });
});

describe("sliding windows", () => {
  test("a time is in every window that starts on the grid and reaches over it", () => {
    fc.assert(
      fc.property(anySliding, fc.integer({ min: -200, max: 200 }), ({ size, period, fn }, timestamp) => {
        const windows = windowsOf(fn, timestamp);
        const { start: anyStart } = fn.sideWindow!(timestamp);
        const starts: Instant[] = [];
        for (let start = timestamp - size + 1; start <= timestamp; start++) if ((start - anyStart) % period === 0) starts.push(start);
        expect(windows).toEqual(starts.map((start) => intervalWindow(start, start + size)));
      }),
    );
  });

  test("there are as many as periods in a size, rounded up or down", () => {
    fc.assert(
      fc.property(anySliding, anyInstant, ({ size, period, fn }, timestamp) => {
        expect([Math.ceil(size / period), Math.floor(size / period)]).toContain(windowsOf(fn, timestamp).length);
      }),
    );
  });
});

describe("calendars", () => {
  test("windows follow one another without gaps", () => {
    fc.assert(
      fc.property(anyCalendar, fc.integer({ min: Date.UTC(1850), max: Date.UTC(2040) }), (fn, timestamp) => {
        const [{ start, end }] = windowsOf(fn, timestamp) as [IntervalWindow];
        expect(end).toBeGreaterThan(start);
        expect(windowsOf(fn, start)[0]!.start).toBe(start);
        expect(windowsOf(fn, start - 1)[0]!.end).toBe(start);
        expect(windowsOf(fn, end)[0]!.start).toBe(end);
        expect(windowsOf(fn, end - 1)[0]!.end).toBe(end);
      }),
    );
  });

  test("a day starts when clocks show it first", () => {
    fc.assert(
      fc.property(anyZone, fc.integer({ min: Date.UTC(1900), max: Date.UTC(2040) }), (timeZone, timestamp) => {
        const [{ start }] = windowsOf(calendarDays(1, { timeZone }), timestamp) as [IntervalWindow];
        const date = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
        // In text, so that it goes by what clocks show and not by the same arithmetic.
        expect(date.format(start) > date.format(start - 1)).toBe(true);
      }),
    );
  });

  test("days, months and years of UTC are those of Date", () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_INSTANT + days(800), max: LAST - days(800) }), (timestamp) => {
        const date = new Date(timestamp);
        const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
        const at = (y: number, m: number, d: number): Instant => new Date(0).setUTCFullYear(y, m, d);
        expect(windowsOf(calendarDays(1), timestamp)).toEqual([intervalWindow(at(year, month, day), at(year, month, day + 1))]);
        expect(windowsOf(calendarMonths(1), timestamp)).toEqual([intervalWindow(at(year, month, 1), at(year, month + 1, 1))]);
        expect(windowsOf(calendarYears(1), timestamp)).toEqual([intervalWindow(at(year, 0, 1), at(year + 1, 0, 1))]);
      }),
    );
  });
});

describe("sessions", () => {
  const merge = sessions(1).merge!;
  const anyWindows = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 9 })).map(([start, gap]) => intervalWindow(start, start + gap)),
    { maxLength: 12 },
  );

  test("what overlaps becomes one, whatever the order, and what stays alone is not named", () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        const merges = merge(windows);
        expect(merges.every(({ from }) => from.length > 1)).toBe(true);
        expect(afterMerging(windows, merges)).toEqual(mergedOneByOne(windows));
        const shuffled = windows.toReversed();
        expect(afterMerging(shuffled, merge(shuffled))).toEqual(mergedOneByOne(windows));
      }),
    );
  });

  test("what was merged has nothing more to merge", () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        expect(merge(mergedOneByOne(windows))).toEqual([]);
      }),
    );
  });
});

const byStart = (a: IntervalWindow, b: IntervalWindow): number => a.start - b.start || a.end - b.end;

/** The windows that are left. */
function afterMerging(windows: readonly IntervalWindow[], merges: ReturnType<NonNullable<WindowFn["merge"]>>): readonly IntervalWindow[] {
  const gone = new Set(merges.flatMap(({ from }) => from));
  return [...windows.filter((window) => !gone.has(window)), ...merges.map(({ into }) => into)].toSorted(byStart);
}

/** The oracle: any two that overlap become one, until no two do. */
function mergedOneByOne(windows: readonly IntervalWindow[]): readonly IntervalWindow[] {
  for (const a of windows) {
    const b = windows.find((other) => other !== a && other.start < a.end && a.start < other.end);
    if (b === undefined) continue;
    const both = intervalWindow(Math.min(a.start, b.start), Math.max(a.end, b.end));
    return mergedOneByOne([...windows.filter((window) => window !== a && window !== b), both]);
  }
  return windows.toSorted(byStart);
}
