import { describe, expect, test } from "vitest";
import {
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  days,
  dynamicSessions,
  fixedWindows,
  globalWindow,
  intervalWindow,
  sessions,
  slidingWindows,
  type Instant,
  type IntervalWindow,
  type WindowFn,
} from "millrace";
import { codeOf } from "./support/graph.ts";

const text = ({ start, end }: IntervalWindow): string => `[${start},${end})`;
const windowsOf = (fn: WindowFn, timestamp: Instant): readonly string[] =>
  fn.assign({ value: undefined, timestamp, windows: [] }).map(text);

describe("sliding windows", () => {
  const fn = slidingWindows(2_000, 1_000);

  test.each([
    [-1_001, ["[-3000,-1000)", "[-2000,0)"]],
    [-2_500, ["[-4000,-2000)", "[-3000,-1000)"]],
  ])("WIN-33 the windows of %i, which is below zero, are rounded down", (timestamp, windows) => {
    expect(windowsOf(fn, timestamp)).toEqual(windows);
  });

  test.each([
    [intervalWindow(0, 1_000), "[-1000,1000)"],
    [intervalWindow(-1_000, 0), "[-2000,0)"],
    [intervalWindow(-3_000, -2_000), "[-4000,-2000)"],
  ])("WIN-33 the side window of %o is the first that contains its end", ({ maxTimestamp }, window) => {
    expect(text(fn.sideWindow!(maxTimestamp))).toBe(window);
  });

  test("where the period is longer than the size there are gaps, and elements in them are in no window", () => {
    const sparse = slidingWindows(3, 5);
    expect([0, 2, 3, 4, 5].map((t) => windowsOf(sparse, t))).toEqual([["[0,3)"], ["[0,3)"], [], [], ["[5,8)"]]);
    expect([sparse.hasGaps, fn.hasGaps]).toEqual([true, false]);
  });

  test("many windows on one time are made once for the times that share them", () => {
    const dense = slidingWindows(days(1), 1_000);
    const assigned = dense.assignAt!(0);
    expect(assigned).toHaveLength(86_400);
    expect(dense.assignAt!(999)).toBe(assigned);
    expect(Object.isFrozen(assigned) && assigned.every(Object.isFrozen)).toBe(true);
  });
});

describe("sessions", () => {
  const fn = sessions(10);
  const merged = (...instants: readonly Instant[]) =>
    fn.merge!(instants.map((timestamp) => fn.assign({ value: undefined, timestamp, windows: [] })[0]!)).map(
      ({ from, into }) => `${text(into)} of ${from.length}`,
    );

  test("WIN-13 elements less than a gap apart chain to one session", () => {
    expect(merged(1, 2, 5, 9, 100, 101)).toEqual(["[1,19) of 4", "[100,111) of 2"]);
  });

  test("WIN-14 an element that comes later bridges sessions", () => {
    expect(merged(1, 15, 30, 100, 101, 95)).toEqual(["[95,111) of 3"]);
    expect(merged(1, 15, 30, 100, 101, 95, 22, 10)).toEqual(["[1,40) of 5", "[95,111) of 3"]);
  });

  test("windows that only touch stay apart, and equal ones are one", () => {
    expect(merged(0, 10)).toEqual([]);
    expect(merged(0, 9)).toEqual(["[0,19) of 2"]);
    expect(merged(5, 5)).toEqual(["[5,15) of 2"]);
  });

  test("a window that holds the others is what they become", () => {
    const whole = intervalWindow(0, 50);
    const [merge] = fn.merge!([intervalWindow(3, 13), whole, intervalWindow(20, 30)]);
    expect(merge!.into).toBe(whole);
  });

  test("a hundred thousand windows merge at once", () => {
    const windows = Array.from({ length: 100_000 }, (_, i) => intervalWindow((i * 7_919) % 1_000_003, ((i * 7_919) % 1_000_003) + 10));
    const merges = fn.merge!(windows);
    expect(merges.length).toBeGreaterThan(1_000);
    expect(merges.every(({ from }) => from.length > 1)).toBe(true);
  });

  test("the gap may depend on the element, and has to be one", () => {
    const own = dynamicSessions((value: number) => value);
    expect(own.assign({ value: 5, timestamp: 100, windows: [] }).map(text)).toEqual(["[100,105)"]);
    for (const gap of [0, -1, NaN, 0.5, undefined as never]) {
      expect(codeOf(() => own.assign({ value: gap, timestamp: 0, windows: [] }))).toBe("BAD_WINDOW");
    }
  });

  test("a session ends with the global window at the latest", () => {
    const { maxTimestamp } = globalWindow;
    expect(windowsOf(fn, maxTimestamp)).toEqual([`[${maxTimestamp},${maxTimestamp + 1})`]);
  });
});

describe("calendars", () => {
  const spanOf = (fn: WindowFn, instant: string): readonly string[] => {
    const [{ start, end }] = fn.assign({ value: undefined, timestamp: Date.parse(instant), windows: [] }) as [IntervalWindow];
    return [start, end].map((each) => new Date(each).toISOString().replace(/:00\.000Z$/, ""));
  };

  test.each([
    ["spring is an hour shorter", "Europe/Berlin", "2024-03-31T12:00Z", ["2024-03-30T23:00", "2024-03-31T22:00"]],
    ["autumn is an hour longer", "America/New_York", "2024-11-03T12:00Z", ["2024-11-03T04:00", "2024-11-04T05:00"]],
    [
      "half an hour is what some clocks are changed by",
      "Australia/Lord_Howe",
      "2024-04-07T00:00Z",
      ["2024-04-06T13:00", "2024-04-07T13:30"],
    ],
    ["a day starts at one where midnight is skipped", "America/Sao_Paulo", "2018-11-04T12:00Z", ["2018-11-04T03:00", "2018-11-05T02:00"]],
    ["the first midnight counts where there are two", "America/St_Johns", "2010-11-07T03:00Z", ["2010-11-07T02:30", "2010-11-08T03:30"]],
    ["a day that was left out has no window", "Pacific/Apia", "2011-12-30T10:00Z", ["2011-12-30T10:00", "2011-12-31T10:00"]],
    ["it ended where the day after next began", "Pacific/Apia", "2011-12-30T09:59Z", ["2011-12-29T10:00", "2011-12-30T10:00"]],
  ])("%s", (_, timeZone, instant, span) => {
    expect(spanOf(calendarDays(1, { timeZone }), instant)).toEqual(span);
  });

  test("weeks start on Mondays, and are counted from that of the epoch", () => {
    expect(spanOf(calendarWeeks(1), "1970-01-01T00:00Z")).toEqual(["1969-12-29T00:00", "1970-01-05T00:00"]);
    expect(spanOf(calendarWeeks(2, { startDayOfWeek: "sunday" }), "1970-01-01T00:00Z")).toEqual(["1969-12-21T00:00", "1970-01-04T00:00"]);
  });

  test("days are counted from one of one's choice, also before it", () => {
    const fn = calendarDays(10, { startingDay: "2024-02-29" });
    expect(spanOf(fn, "2024-03-09T23:59Z")).toEqual(["2024-02-29T00:00", "2024-03-10T00:00"]);
    expect(spanOf(fn, "2024-02-28T00:00Z")).toEqual(["2024-02-19T00:00", "2024-02-29T00:00"]);
  });

  test("months and years start on a day of one's choice", () => {
    const quarters = calendarMonths(3, { startingMonth: "2024-02", dayOfMonth: 5 });
    expect(spanOf(quarters, "1960-02-04T23:59Z")).toEqual(["1959-11-05T00:00", "1960-02-05T00:00"]);
    const taxYears = calendarYears(1, { monthOfYear: 4, dayOfMonth: 6, timeZone: "Europe/London" });
    expect(spanOf(taxYears, "2024-04-05T23:00Z")).toEqual(["2024-04-05T23:00", "2025-04-05T23:00"]);
  });

  test("a name says what differs from the default", () => {
    const names = [
      calendarDays(1),
      calendarDays(2, { startingDay: "2024-02-29", timeZone: "Asia/Tokyo" }),
      calendarWeeks(1),
      calendarMonths(1),
      calendarMonths(6, { dayOfMonth: 5 }),
      calendarYears(1),
      calendarYears(10, { startingYear: 2000, monthOfYear: 5, dayOfMonth: 5 }),
      sessions(5),
      fixedWindows(5, 1),
      slidingWindows(5, 2, 1),
    ].map(({ name }) => name);
    expect(names).toEqual([
      "calendarDays(1)",
      "calendarDays(2,2024-02-29,Asia/Tokyo)",
      "calendarWeeks(1,monday)",
      "calendarMonths(1)",
      "calendarMonths(6,1970-01-05)",
      "calendarYears(1)",
      "calendarYears(10,2000-05-05)",
      "sessions(5)",
      "fixed(5,1)",
      "sliding(5/2,1)",
    ]);
  });
});
