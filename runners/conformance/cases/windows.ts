import { kv } from "../../../sdk/pipeline.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import type { IntervalWindow } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sortedGroups } from "./support.ts";

const times = [1, 2, 5, 9, 10, 11, 100];

/** Windows: section WIN of the catalogue. */
export const windowCases = caseModule(import.meta.url, {
  "WIN-01": {
    title: "fixed windows",
    build: (p) =>
      p.apply(createAt(times.map((t) => at(t, t)))).pipe(
        windowInto(fixedWindows(10)),
        keyBy(() => "k"),
        groupByKey(),
        sortedGroups(),
        map(([, values]) => values),
      ),
    expected: [[1, 2, 5, 9], [10, 11], [100]],
  },
  "WIN-02": {
    title: "fixed windows with an offset, and a window that reaches before the epoch",
    build: (p) =>
      p.apply(createAt(times.map((t) => at(t, t)))).pipe(
        windowInto(fixedWindows(10, 5)),
        keyBy(() => "k"),
        groupByKey(),
        sortedGroups(),
        map(([, values], ctx) => [(ctx.window as IntervalWindow).start, values]),
      ),
    expected: [
      [-5, [1, 2]],
      [5, [5, 9, 10, 11]],
      [95, [100]],
    ],
  },
  "WIN-28": {
    title: "a group's time is the end of its window",
    build: (p) =>
      p.apply(createAt([at(0, "k"), at(10, "k")])).pipe(
        windowInto(fixedWindows(600_000)),
        keyBy((k) => k),
        groupByKey(),
        map((_, ctx) => ctx.timestamp),
      ),
    expected: [599_999],
  },
  "WIN-30": {
    title: "a function that looks at its window sees the element's own",
    build: (p) =>
      p.apply(createAt([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((t) => at(t, t)))).pipe(
        windowInto(fixedWindows(5)),
        map((n, ctx) => n * (ctx.window as IntervalWindow).start),
      ),
    expected: [0, 0, 0, 0, 0, 25, 30, 35, 40, 45],
  },
  "PANE-37+": {
    title: "a window that fires once has one pane: on time, first and last",
    build: (p) =>
      p.apply(createAt([at(3, "a"), at(17, "a")])).pipe(
        windowInto(fixedWindows(10)),
        keyBy((k) => k),
        groupByKey(),
        map((_, { pane, timestamp }) => kv(timestamp, { ...pane })),
      ),
    expected: [9, 19].map((timestamp) => [timestamp, { timing: "ON_TIME", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true }]),
  },
});
