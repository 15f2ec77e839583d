import { count } from "../../../sdk/combine/count.ts";
import type { KV, PCollection, Pipeline, PTransform } from "../../../sdk/pipeline.ts";
import { minutes, type Instant } from "../../../sdk/time.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { values } from "../../../sdk/transforms/values.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { IntervalWindow, WindowFn } from "../../../sdk/windowing.ts";
import { calendarDays, calendarMonths, calendarWeeks, calendarYears } from "../../../sdk/windows/calendar.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { intervalWindow, intervalWindowCoder } from "../../../sdk/windows/interval.ts";
import { dynamicSessions, sessions } from "../../../sdk/windows/sessions.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sortedGroups, withTime, withWindow } from "./support.ts";

const someTimes = [1, 2, 5, 9, 10, 11];

/** What is in each window, in order. */
const byWindow = (): PTransform<PCollection<number>, PCollection<KV<string, readonly number[]>>> => (numbers) =>
  numbers.pipe(withKeys("k"), groupByKey(), sortedGroups(), values(), withWindow());

/** Numbers at the times that they name. */
const numbersAt = (...instants: readonly Instant[]) => createAt(instants.map((t) => at(t, t)));

/** Texts of days or instants of UTC, each at the time that it names. */
const daysAt = (...texts: readonly string[]) => createAt(texts.map((text) => at(Date.parse(text.includes("T") ? `${text}Z` : text), text)));

/** What is in each window, which is written by its days in UTC. */
const byDay = (): PTransform<PCollection<string>, PCollection<KV<string, readonly string[]>>> => (texts) =>
  texts.pipe(
    withKeys("k"),
    groupByKey(),
    sortedGroups(),
    values(),
    map((group, { window }): KV<string, readonly string[]> => {
      const { start, end } = window as IntervalWindow;
      return [[start, end].map((instant) => new Date(instant).toISOString().slice(0, 10)).join(" "), group];
    }),
  );

/** The numbers 0 to 9 in windows, each times the start of each of its windows. */
const timesStart = (windowFn: WindowFn): PTransform<Pipeline, PCollection<number>> => {
  return (p) =>
    p.apply(numbersAt(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)).pipe(
      windowInto(windowFn),
      // A product of 0 and something negative is -0, which is another value.
      parDo({ output: output<number>(), process: (n, ctx) => ctx.output(n * (ctx.window as IntervalWindow).start + 0) }),
    );
};

/** Two tens from the one that the time is in, which become one with others that they share a ten with. */
const tens: WindowFn = {
  name: "tens",
  assign({ timestamp }) {
    const start = Math.floor(timestamp / 10) * 10;
    return [intervalWindow(start, start + 20)];
  },
  merge(windows) {
    const merges: { readonly from: IntervalWindow[]; into: IntervalWindow }[] = [];
    for (const window of windows.toSorted((a, b) => a.start - b.start)) {
      const last = merges.at(-1);
      if (last === undefined || window.start >= last.into.end) merges.push({ from: [window], into: window });
      else {
        last.from.push(window);
        last.into = intervalWindow(last.into.start, Math.max(last.into.end, window.end));
      }
    }
    return merges.filter(({ from }) => from.length > 1);
  },
  windowCoder: intervalWindowCoder,
  isCompatible: ({ name }) => name === "tens",
};

/** Windows: section WIN of the catalogue. */
export const windowCases = caseModule(import.meta.url, {
  "WIN-01": {
    title: "fixed windows",
    build: (p) => p.apply(numbersAt(...someTimes, 100)).pipe(windowInto(fixedWindows(10)), byWindow()),
    expected: [
      ["[0,10)", [1, 2, 5, 9]],
      ["[10,20)", [10, 11]],
      ["[100,110)", [100]],
    ],
  },
  "WIN-02": {
    title: "fixed windows with an offset, and a window that reaches before the epoch",
    build: (p) => p.apply(numbersAt(...someTimes, 100)).pipe(windowInto(fixedWindows(10, 5)), byWindow()),
    expected: [
      ["[-5,5)", [1, 2]],
      ["[5,15)", [5, 9, 10, 11]],
      ["[95,105)", [100]],
    ],
  },
  "WIN-05": {
    title: "sliding windows that overlap by half",
    build: (p) => p.apply(numbersAt(...someTimes)).pipe(windowInto(slidingWindows(10, 5)), byWindow()),
    expected: [
      ["[-5,5)", [1, 2]],
      ["[0,10)", [1, 2, 5, 9]],
      ["[5,15)", [5, 9, 10, 11]],
      ["[10,20)", [10, 11]],
    ],
  },
  "WIN-06": {
    title: "sliding windows that overlap by less than half",
    build: (p) => p.apply(numbersAt(...someTimes)).pipe(windowInto(slidingWindows(7, 5)), byWindow()),
    expected: [
      ["[-5,2)", [1]],
      ["[0,7)", [1, 2, 5]],
      ["[5,12)", [5, 9, 10, 11]],
      ["[10,17)", [10, 11]],
    ],
  },
  "WIN-07": {
    title: "sliding windows that do not overlap are fixed ones, and steps see each element once",
    build(p) {
      const windowed = p.apply(numbersAt(1, 2, 3, 4, 5, 6, 7)).apply(windowInto(slidingWindows(3, 3)));
      return { groups: windowed.apply("Groups", byWindow()), elements: windowed.apply("Elements", withWindow()) };
    },
    expected: {
      groups: [
        ["[0,3)", [1, 2]],
        ["[3,6)", [3, 4, 5]],
        ["[6,9)", [6, 7]],
      ],
      elements: [
        ["[0,3)", 1],
        ["[0,3)", 2],
        ["[3,6)", 3],
        ["[3,6)", 4],
        ["[3,6)", 5],
        ["[6,9)", 6],
        ["[6,9)", 7],
      ],
    },
  },
  "WIN-09": {
    title: "sliding windows with an offset",
    build: (p) => p.apply(numbersAt(...someTimes)).pipe(windowInto(slidingWindows(10, 5, 2)), byWindow()),
    expected: [
      ["[-8,2)", [1]],
      ["[-3,7)", [1, 2, 5]],
      ["[2,12)", [2, 5, 9, 10, 11]],
      ["[7,17)", [9, 10, 11]],
    ],
  },
  "WIN-13": {
    title: "elements less than a gap apart are one session",
    build: (p) => p.apply(numbersAt(1, 2, 5, 9, 100, 101)).pipe(windowInto(sessions(10)), byWindow()),
    expected: [
      ["[1,19)", [1, 2, 5, 9]],
      ["[100,111)", [100, 101]],
    ],
  },
  "WIN-14": {
    title: "an element that comes later joins sessions to one",
    build: (p) => p.apply(numbersAt(1, 15, 30, 100, 101, 95, 22, 10)).pipe(windowInto(sessions(10)), byWindow()),
    expected: [
      ["[1,40)", [1, 10, 15, 22, 30]],
      ["[95,111)", [95, 100, 101]],
    ],
  },
  "WIN-15": {
    title: "a session may have the time of its first element",
    build: (p) =>
      p.apply(createAt([at(1, "a"), at(5, "a"), at(20, "a")])).pipe(
        windowInto(sessions(10), { timestampCombiner: "earliest" }),
        keyBy((letter) => letter),
        combinePerKey(count()),
        withTime(),
        withWindow(),
      ),
    expected: [
      ["[1,15)", [1, ["a", 2]]],
      ["[20,30)", [20, ["a", 1]]],
    ],
  },
  "WIN-34+": {
    title: "sessions of which each element says how long it waits, and windows of one's own that merge",
    build(p) {
      const numbers = p.apply(numbersAt(1, 3, 4, 12, 30));
      return {
        sessions: numbers.apply("Sessions", windowInto(dynamicSessions((n) => (n === 4 ? 10 : 2)))).apply("InSessions", byWindow()),
        tens: numbers.apply("Tens", windowInto(tens)).apply("InTens", byWindow()),
      };
    },
    expected: {
      sessions: [
        ["[1,3)", [1]],
        ["[3,14)", [3, 4, 12]],
        ["[30,32)", [30]],
      ],
      tens: [
        ["[0,30)", [1, 3, 4, 12]],
        ["[30,50)", [30]],
      ],
    },
  },
  "WIN-17": {
    title: "days of a calendar",
    build: (p) =>
      p
        .apply(
          daysAt("2014-01-01T00:00", "2014-01-01T23:59", "2014-01-02T00:00", "2014-01-02T05:05", "2015-01-01T00:00", "2015-01-01T05:05"),
        )
        .pipe(windowInto(calendarDays(1)), byDay()),
    expected: [
      ["2014-01-01 2014-01-02", ["2014-01-01T00:00", "2014-01-01T23:59"]],
      ["2014-01-02 2014-01-03", ["2014-01-02T00:00", "2014-01-02T05:05"]],
      ["2015-01-01 2015-01-02", ["2015-01-01T00:00", "2015-01-01T05:05"]],
    ],
  },
  "WIN-18": {
    title: "weeks of a calendar, from a day of one's choice",
    build: (p) =>
      p
        .apply(daysAt("2014-01-01", "2014-01-05T05:05", "2014-01-08", "2014-01-12T05:05", "2015-01-01", "2015-01-06T05:05"))
        .pipe(windowInto(calendarWeeks(1, { startDayOfWeek: "wednesday" })), byDay()),
    expected: [
      ["2014-01-01 2014-01-08", ["2014-01-01", "2014-01-05T05:05"]],
      ["2014-01-08 2014-01-15", ["2014-01-08", "2014-01-12T05:05"]],
      ["2014-12-31 2015-01-07", ["2015-01-01", "2015-01-06T05:05"]],
    ],
  },
  "WIN-20": {
    title: "decades of a calendar, from a day of one's choice",
    build: (p) =>
      p
        .apply(daysAt("2000-05-05", "2010-05-04T23:59", "2010-05-05", "2015-03-01", "2052-01-05", "2060-05-04"))
        .pipe(windowInto(calendarYears(10, { startingYear: 2000, monthOfYear: 5, dayOfMonth: 5 })), byDay()),
    expected: [
      ["2000-05-05 2010-05-05", ["2000-05-05", "2010-05-04T23:59"]],
      ["2010-05-05 2020-05-05", ["2010-05-05", "2015-03-01"]],
      ["2050-05-05 2060-05-05", ["2052-01-05", "2060-05-04"]],
    ],
  },
  "WIN-21": {
    title: "months of a calendar",
    build: (p) =>
      p
        .apply(daysAt("2014-01-01", "2014-01-31", "2014-02-01", "2014-02-15", "2015-01-01", "2015-01-31"))
        .pipe(windowInto(calendarMonths(1)), byDay()),
    expected: [
      ["2014-01-01 2014-02-01", ["2014-01-01", "2014-01-31"]],
      ["2014-02-01 2014-03-01", ["2014-02-01", "2014-02-15"]],
      ["2015-01-01 2015-02-01", ["2015-01-01", "2015-01-31"]],
    ],
  },
  "WIN-28": {
    title: "a group's time is the end of its window",
    build: (p) =>
      p.apply(createAt([at(0, "k"), at(10, "k")])).pipe(
        windowInto(fixedWindows(minutes(10))),
        keyBy((k) => k),
        groupByKey(),
        sortedGroups(),
        withTime(),
      ),
    expected: [[599_999, ["k", ["k", "k"]]]],
  },
  "WIN-29": {
    title: "a DoFn that looks at its window runs once for each window of an element",
    build: (p) => p.apply(timesStart(slidingWindows(5, 3))),
    expected: [0, -3, 0, 0, 0, 0, 0, 9, 12, 15, 18, 21, 36, 42, 48, 54, 81],
  },
  "WIN-30": {
    title: "a DoFn that looks at its window sees the element's own",
    build: (p) => p.apply(timesStart(fixedWindows(5))),
    expected: [0, 0, 0, 0, 0, 25, 30, 35, 40, 45],
  },
  "WIN-35+": {
    title: "elements in the gaps between sliding windows go no further, and those in windows do",
    build(p) {
      const numbers = p.apply(numbersAt(0, 1, 2, 3, 4, 5, 6, 7));
      const windowed = numbers.apply(windowInto(slidingWindows(2, 5)));
      return {
        groups: windowed.apply("Groups", byWindow()),
        elements: windowed.apply("Elements", withWindow()),
        plain: windowed.pipe(map((n) => n)),
        atOnce: p.apply("Together", createAt([at(2, "gap"), at(2, "gap too")])).pipe(windowInto(slidingWindows(2, 5))),
      };
    },
    expected: {
      groups: [
        ["[0,2)", [0, 1]],
        ["[5,7)", [5, 6]],
      ],
      elements: [
        ["[0,2)", 0],
        ["[0,2)", 1],
        ["[5,7)", 5],
        ["[5,7)", 6],
      ],
      plain: [0, 1, 5, 6],
      atOnce: [],
    },
  },
});
