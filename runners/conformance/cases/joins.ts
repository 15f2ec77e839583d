import type { KV, PCollection, Pipeline } from "../../../sdk/pipeline.ts";
import type { At } from "../../../sdk/testing/at.ts";
import { testStreams } from "../../../sdk/testing/test-stream.ts";
import type { Instant } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { fullJoin, innerJoin, leftJoin, rightJoin, type JoinOptions } from "../../../sdk/transforms/joins.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { tableJoin } from "../../../sdk/transforms/table-join.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withTimestamps } from "../../../sdk/transforms/with-timestamps.ts";
import { withWindowing } from "../../../sdk/transforms/with-windowing.ts";
import { afterCount, repeatedly } from "../../../sdk/trigger.ts";
import type { Accumulation, IntervalWindow, WindowFn } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt } from "./support.ts";

type Numbers = PCollection<KV<string, number>>;
type Texts = PCollection<KV<string, string>>;

/** Orders and names: those of `ann` meet, the second order when the window has ended, and one that comes when it has expired. */
const lateStreams = () =>
  testStreams({ orders: output<KV<string, number>>(), names: output<KV<string, string>>() })
    .addElements("orders", at(1, ["ann", 1]), at(2, ["bob", 2]))
    .addElements("names", at(3, ["ann", "Ann"]), at(4, ["cem", "Cem"]))
    .advanceWatermarkTo("orders", 12)
    .advanceWatermarkTo("names", 12)
    .addElements("orders", at(2, ["ann", 3]))
    .addElements("names", at(6, ["bob", "Bob"]))
    .advanceWatermarkTo("orders", 40)
    .advanceWatermarkTo("names", 40)
    .addElements("orders", at(7, ["ann", 4]))
    .advanceWatermarkToInfinity("orders")
    .advanceWatermarkToInfinity("names");

function joinedLate(
  p: Pipeline,
  accumulation: Accumulation,
  options: JoinOptions = {},
  windows: WindowFn<unknown, IntervalWindow> = fixedWindows(10),
) {
  const settings = { trigger: repeatedly(afterCount(1)), accumulation, allowedLateness: 20 };
  const { orders, names } = p.apply(lateStreams());
  const left: Numbers = orders.apply("OrderWindows", windowInto(windows, settings));
  const right: Texts = names.apply("NameWindows", windowInto(windows, settings));
  return {
    inner: left.apply(innerJoin(right, options)).apply("InnerTimes", withTimes()),
    full: left.apply(fullJoin(right, options)).apply("FullTimes", withTimes()),
  };
}

const withTimes = <T>() => map((element: T, { timestamp }) => [element, timestamp]);

const LATE = {
  inner: [
    [["ann", [1, "Ann"]], 3],
    [["ann", [3, "Ann"]], 3],
    [["bob", [2, "Bob"]], 6],
  ],
  full: [
    [["ann", [1, "Ann"]], 3],
    [["ann", [3, "Ann"]], 3],
    [["bob", [2, "Bob"]], 6],
    [["cem", [undefined, "Cem"]], 9],
  ],
};

const atTheEnd = (rows: readonly (readonly unknown[])[], time: Instant) => rows.map(([pair]) => [pair, time]);

/** Those of `ann` from 1 to 12, of `bob` from 2 to 15, of `cem` from 4 to 13; the last order of `ann` is in a session that has expired. */
const LATE_SESSIONS = [
  [["ann", [1, "Ann"]], 12],
  [["ann", [3, "Ann"]], 12],
  [["bob", [2, "Bob"]], 15],
  [["cem", [undefined, "Cem"]], 13],
];

const orders = (p: Pipeline): Numbers =>
  p.apply("Orders", createAt<KV<string, number>>([at(1, ["ann", 1]), at(2, ["ann", 2]), at(13, ["ann", 3]), at(4, ["bob", 4])]));

const names = (p: Pipeline): Texts =>
  p.apply("Names", createAt<KV<string, string>>([at(5, ["ann", "Ann"]), at(6, ["ann", "Anna"]), at(14, ["cem", "Cem"])]));

function allJoins(p: Pipeline, options: JoinOptions) {
  const left = orders(p).apply("OrderWindows", windowInto(fixedWindows(10)));
  const right = names(p).apply("NameWindows", windowInto(fixedWindows(10)));
  return {
    inner: left.apply(innerJoin(right, options)),
    left: left.apply(leftJoin(right, options)),
    right: left.apply(rightJoin(right, options)),
    full: left.apply(fullJoin(right, options)),
  };
}

const pairs = [
  ["ann", [1, "Ann"]],
  ["ann", [1, "Anna"]],
  ["ann", [2, "Ann"]],
  ["ann", [2, "Anna"]],
];
const onlyLeft = [
  ["ann", [3, undefined]],
  ["bob", [4, undefined]],
];
const onlyRight = [["cem", [undefined, "Cem"]]];
const IN_WINDOWS = {
  inner: pairs,
  left: [...pairs, ...onlyLeft],
  right: [...pairs, ...onlyRight],
  full: [...pairs, ...onlyLeft, ...onlyRight],
};

/** Prices that change, and orders that come in another order than they were made in. */
const priceStreams = () =>
  testStreams({ orders: output<KV<string, string>>(), prices: output<KV<string, number>>() })
    .addElements("orders", at(9, ["tea", "at 9"]), at(20, ["tea", "at 20"]), at(5, ["milk", "at 5"]))
    .addElements("prices", at(20, ["tea", 4]))
    .addElements("prices", at(7, ["tea", 3]), at(30, ["tea", 5]))
    .advanceWatermarkTo("orders", 25)
    .advanceWatermarkTo("prices", 25)
    .addElements("orders", at(29, ["tea", "at 29"]), at(31, ["tea", "at 31"]))
    .addElements("orders", at(3, ["tea", "late, at 3"]))
    .advanceWatermarkToInfinity("orders")
    .advanceWatermarkToInfinity("prices");

const ALLOWING_TEN = { allowedLateness: 10, accumulation: "discarding" } as const;

/** Joins with a table whose rows live for 5 ms, where elements may be late by 10. */
function joinedLater(p: Pipeline, rows: readonly At<KV<string, string | undefined>>[], values: readonly At<KV<string, string>>[]) {
  const table = p.apply("Rows", createAt(rows)).apply("RowsLate", withWindowing(ALLOWING_TEN));
  return p
    .apply("Values", createAt(values))
    .apply("ValuesLate", withWindowing(ALLOWING_TEN))
    .apply(tableJoin(table, { timeToLive: 5 }));
}

const PRICED = [
  [["tea", ["at 9", 3]], 9],
  [["tea", ["at 20", 4]], 20],
  [["tea", ["at 29", 4]], 29],
  [["tea", ["at 31", 5]], 31],
];

/** Joins of streams, and of a stream with a table. */
export const joinCases = caseModule(import.meta.url, {
  "LIB-31+": {
    title: "a join whose windows fire early and take late elements gives each pair once, and who has no partner at the expiry (discarding)",
    build: (p) => joinedLate(p, "discarding"),
    expected: LATE,
  },
  "LIB-31+/accumulating": {
    title: "the same where panes repeat what they held",
    build: (p) => joinedLate(p, "accumulating"),
    expected: LATE,
  },
  "LIB-31+/close": {
    title: "the same where pairs are to leave when the window closes: they wait until it expires",
    build: (p) => joinedLate(p, "accumulating", { emit: "atWindowClose" }),
    expected: { inner: atTheEnd(LATE.inner, 9), full: atTheEnd(LATE.full, 9) },
  },
  "LIB-31+/sessions": {
    title: "the same where windows merge: pairs leave when the session expires that they are in",
    build: (p) => joinedLate(p, "accumulating", {}, sessions(10)),
    expected: { inner: LATE_SESSIONS.slice(0, 3), full: LATE_SESSIONS },
  },
  "LIB-32+": {
    title: "pairs may leave as they come: they are those that leave when the window closes",
    build: (p) => allJoins(p, { emit: "asTheyCome" }),
    expected: IN_WINDOWS,
  },
  "LIB-32+/close": {
    title: "pairs leave when the window closes, where that happens once",
    build: (p) => allJoins(p, {}),
    expected: IN_WINDOWS,
  },
  "LIB-33+": {
    title: "a value meets the row that was valid at its time, whatever came first; a row of the same time counts",
    build(p) {
      const { orders: stream, prices } = p.apply(priceStreams());
      return {
        kept: stream.apply(tableJoin(prices)).apply("KeptTimes", withTimes()),
        dropped: stream.apply("Matched", tableJoin(prices, { unmatched: "drop" })).apply("DroppedTimes", withTimes()),
      };
    },
    expected: { kept: [[["milk", ["at 5", undefined]], 5], ...PRICED], dropped: PRICED },
  },
  "LIB-33+/lateness": {
    title: "a row that is late but allowed counts for values that wait for it",
    build(p) {
      const { orders: stream, prices } = p.apply(
        testStreams({ orders: output<KV<string, string>>(), prices: output<KV<string, number>>() })
          .addElements("prices", at(0, ["tea", 1]))
          .addElements("orders", at(10, ["tea", "at 10"]))
          .advanceWatermarkTo("orders", 12)
          .advanceWatermarkTo("prices", 12)
          .addElements("prices", at(10, ["tea", 2]))
          .advanceWatermarkToInfinity("orders")
          .advanceWatermarkToInfinity("prices"),
      );
      const settings = { allowedLateness: 5, accumulation: "discarding" } as const;
      const table = prices.apply("LatePrices", withWindowing(settings));
      return stream.apply("LateOrders", withWindowing(settings)).apply(tableJoin(table));
    },
    expected: [["tea", ["at 10", 2]]],
  },
  "LIB-33+/time-to-live": {
    title: "a row that nothing came for is forgotten, but not while values wait for the allowed lateness",
    build: (p) =>
      joinedLater(p, [at(1, ["a", "A"]), at(1, ["b", "B"])], [at(6, ["a", "at 6"]), at(7, ["b", "at 7"]), at(40, ["a", "at 40"])]),
    expected: [
      ["a", ["at 6", "A"]],
      ["b", ["at 7", undefined]],
      ["a", ["at 40", undefined]],
    ],
  },
  "LIB-33+/removed": {
    title: "a row that is undefined says that the key has none from then on",
    build: (p) => joinedLater(p, [at(1, ["a", "A"]), at(3, ["a", undefined])], [at(2, ["a", "at 2"]), at(3, ["a", "at 3"])]),
    expected: [
      ["a", ["at 2", "A"]],
      ["a", ["at 3", undefined]],
    ],
  },
  "LIB-33+/table": {
    title: "settings that only the table has change nothing: those of the stream count",
    build: (p) =>
      p
        .apply("Stream", createAt<KV<string, string>>([at(3, ["a", "at 3"])]))
        .apply(
          tableJoin(
            p
              .apply("Table", createAt<KV<string, string>>([at(3, ["a", "A"])]))
              .apply("Late", withWindowing<KV<string, string>>(ALLOWING_TEN)),
          ),
        ),
    expected: [["a", ["at 3", "A"]]],
  },
  "LIB-33+/beyond": {
    title: "a value that has been moved beyond the end of its window meets the row that is valid then",
    build(p) {
      const windowed = (name: string, element: At<KV<string, string>>) =>
        p.apply(name, createAt([element])).apply(`${name} windows`, windowInto(fixedWindows(10)));
      const moved = windowed("Values", at(3, ["a", "at 3"])).apply(withTimestamps(() => 25));
      return moved.apply(tableJoin(windowed("Rows", at(4, ["a", "A"])))).apply("Times", withTimes());
    },
    expected: [[["a", ["at 3", "A"]], 25]],
  },
  "LIB-33+/end": {
    title: "rows and values at the end of time keep their order, where all that waits is due at once",
    build: (p) =>
      joinedLater(
        p,
        [at(globalWindow.maxTimestamp - 3, ["a", "first"]), at(globalWindow.maxTimestamp - 1, ["a", "last"])],
        [at(globalWindow.maxTimestamp - 2, ["a", "before"]), at(globalWindow.maxTimestamp, ["a", "after"])],
      ),
    expected: [
      ["a", ["before", "first"]],
      ["a", ["after", "last"]],
    ],
  },
  "LIB-33+/batch": {
    title: "a bounded stream is joined with a bounded table",
    build: (p) =>
      p
        .apply("Stream", create([["a", 1]] as readonly KV<string, number>[]))
        .apply(tableJoin(p.apply("Table", create([["a", "A"]] as readonly KV<string, string>[])))),
    expected: [["a", [1, "A"]]],
  },
});
