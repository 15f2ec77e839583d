import type { Coder } from "../../../sdk/coders/coder.ts";
import { structuralCoder } from "../../../sdk/coders/structural.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { remerge } from "../../../sdk/transforms/remerge.ts";
import { values } from "../../../sdk/transforms/values.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { withWindowing } from "../../../sdk/transforms/with-windowing.ts";
import { kv, type KV } from "../../../sdk/pipeline.ts";
import { minutes } from "../../../sdk/time.ts";
import type { IntervalWindow, TimestampCombiner, WindowFn } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sorted, sortedGroups, withTime, withWindow } from "./support.ts";

const pairs: readonly KV<string, number>[] = [
  ["k1", 3],
  ["k5", 2 ** 31 - 1],
  ["k5", -(2 ** 31)],
  ["k2", 66],
  ["k1", 4],
  ["k2", -33],
  ["k3", 0],
];

const KILOBYTE = 1_024;
const lengths = [10, 100, 1_024].map((kilobytes) => kilobytes * KILOBYTE);

/** Windows of 20 ms, one for even and one for odd times. */
interface ParityWindow extends IntervalWindow {
  readonly isOdd: boolean;
}

const byParity: WindowFn<unknown, ParityWindow> = {
  name: "byParity",
  assign({ timestamp }) {
    const start = Math.floor(timestamp / 20) * 20;
    return [{ ...intervalWindow(start, start + 20), isOdd: timestamp % 2 === 1 }];
  },
  windowCoder: structuralCoder as Coder<ParityWindow>,
  isCompatible: ({ name }) => name === "byParity",
};

/** Grouping by key: section GBK of the catalogue, as far as the default trigger goes. */
export const groupByKeyCases = caseModule(import.meta.url, {
  "GBK-01": {
    title: "values of equal keys meet",
    build: (p) => p.apply(create(pairs)).pipe(groupByKey(), sortedGroups(), withWindow()),
    expected: [
      ["global", ["k1", [3, 4]]],
      ["global", ["k5", [-(2 ** 31), 2 ** 31 - 1]]],
      ["global", ["k2", [-33, 66]]],
      ["global", ["k3", [0]]],
    ],
  },
  "GBK-02": {
    title: "no elements give no groups",
    build: (p) => p.apply(create<KV<string, number>>([])).apply(groupByKey()),
    expected: [],
  },
  "GBK-03": {
    title: "fixed windows are grouped apart",
    build: (p) =>
      p
        .apply(createAt(pairs.map((pair, i) => at(i + 1, pair))))
        .pipe(windowInto(fixedWindows(5)), groupByKey(), sortedGroups(), withWindow()),
    expected: [
      ["[0,5)", ["k1", [3]]],
      ["[0,5)", ["k5", [-(2 ** 31), 2 ** 31 - 1]]],
      ["[0,5)", ["k2", [66]]],
      ["[5,10)", ["k1", [4]]],
      ["[5,10)", ["k2", [-33]]],
      ["[5,10)", ["k3", [0]]],
    ],
  },
  "GBK-04": {
    title: "a value is in the group of each of its sliding windows",
    build: (p) =>
      p
        .apply(createAt([at(1, kv("foo", 1)), at(4, kv("foo", 4)), at(3, kv("bar", 3))]))
        .pipe(windowInto(slidingWindows(5, 3)), groupByKey(), sortedGroups(), withWindow()),
    expected: [
      ["[-3,2)", ["foo", [1]]],
      ["[0,5)", ["foo", [1, 4]]],
      ["[0,5)", ["bar", [3]]],
      ["[3,8)", ["foo", [4]]],
      ["[3,8)", ["bar", [3]]],
    ],
  },
  "GBK-05": {
    title: "sessions of one key do not touch those of another",
    build: (p) =>
      p
        .apply(createAt([at(1, kv("foo", 1)), at(4, kv("foo", 4)), at(3, kv("bar", 3)), at(9, kv("foo", 9))]))
        .pipe(windowInto(sessions(4)), groupByKey(), sortedGroups(), withWindow()),
    expected: [
      ["[1,8)", ["foo", [1, 4]]],
      ["[3,7)", ["bar", [3]]],
      ["[9,13)", ["foo", [9]]],
    ],
  },
  "GBK-07": {
    title: "keys of any length",
    build: (p) =>
      p.apply(create(["a", "a", "b"])).pipe(
        flatMap((letter) => lengths.map((length) => kv(letter.repeat(length), 1))),
        groupByKey(),
        map(([key, ones]) => kv(`${key[0]}${key.length}`, [...ones].length)),
      ),
    expected: lengths.flatMap((length) => [
      [`a${length}`, 2],
      [`b${length}`, 1],
    ]),
  },
  "GBK-12": {
    title: "a group's time is the end of its window, or that of its first or its last element",
    build(p) {
      const pairsAt = p.apply(createAt([at(0, kv("k", 1)), at(10, kv("k", 2))])).apply(windowInto(fixedWindows(minutes(10))));
      const timeBy = (name: string, timestampCombiner?: TimestampCombiner) =>
        pairsAt
          .apply(`${name}Settings`, withWindowing(timestampCombiner === undefined ? {} : { timestampCombiner }))
          .apply(`${name}Groups`, groupByKey())
          .apply(`${name}Sorted`, sortedGroups())
          .apply(`${name}Times`, withTime());
      return {
        default: timeBy("Default"),
        endOfWindow: timeBy("End", "endOfWindow"),
        earliest: timeBy("Earliest", "earliest"),
        latest: timeBy("Latest", "latest"),
      };
    },
    expected: {
      default: [[599_999, ["k", [1, 2]]]],
      endOfWindow: [[599_999, ["k", [1, 2]]]],
      earliest: [[0, ["k", [1, 2]]]],
      latest: [[10, ["k", [1, 2]]]],
    },
  },
  "GBK-14/fixed": {
    title: "what a grouping gives is in the windows that it grouped by",
    build: (p) =>
      p.apply(createAt([at(1, kv("a", 1)), at(1, kv("a", 5)), at(5, kv("b", 10)), at(12, kv("b", 20))])).pipe(
        windowInto(fixedWindows(10)),
        groupByKey(),
        map(([, numbers]) => [...numbers].reduce((sum, n) => sum + n, 0)),
        withKeys("all"),
        groupByKey(),
        (groups) => groups.pipe(sortedGroups(), values(), withWindow()),
      ),
    expected: [
      ["[0,10)", [6, 10]],
      ["[10,20)", [20]],
    ],
  },
  "GBK-14/sessions": {
    title: "windows that a grouping has merged are carried along, and merged once more only where that is said",
    build(p) {
      const totals = p.apply(createAt([at(1, kv("a", 1)), at(5, kv("a", 5)), at(10, kv("b", 10))])).pipe(
        // With the time of its first element a session holds back what comes after it, until later ones can be merged with it.
        windowInto(sessions(10), { timestampCombiner: "earliest" }),
        groupByKey(),
        map(([, numbers]) => sorted(numbers).reduce((total, n) => total + n, 0)),
        withKeys("all"),
      );
      const grouped = (name: string, input: typeof totals) =>
        input.apply(`${name}Groups`, groupByKey()).apply(`${name}Sorted`, sortedGroups()).apply(`${name}Windows`, withWindow());
      return { carried: grouped("Carried", totals), merged: grouped("Merged", totals.apply(remerge())) };
    },
    expected: {
      carried: [
        ["[1,15)", ["all", [6]]],
        ["[10,20)", ["all", [10]]],
      ],
      merged: [["[1,20)", ["all", [6, 10]]]],
    },
  },
  "GBK-15": {
    title: "sessions hold what came less than a gap apart",
    build: (p) =>
      p
        .apply(createAt([1, 2, 100, 101, 102].map((n) => at(n, kv("k", n)))))
        .pipe(windowInto(sessions(10)), groupByKey(), sortedGroups(), values()),
    expected: [
      [1, 2],
      [100, 101, 102],
    ],
  },
  "GBK-17": {
    title: "windows of a kind of one's own are told apart by their coder",
    build: (p) =>
      p
        .apply(createAt([1, 2, 100, 101, 102].map((n) => at(n, kv("k", n)))))
        .pipe(windowInto(byParity), groupByKey(), sortedGroups(), values()),
    expected: [[1], [2], [101], [100, 102]],
  },
  "GBK-19+": {
    title: "keys are equal when they are built alike, and only then",
    build: (p) =>
      p
        .apply(
          create<KV<unknown, number>>([
            [1, 1],
            ["1", 2],
            [1n, 3],
            [true, 4],
            ["true", 5],
            [null, 6],
            [undefined, 7],
            [{ a: 1, b: 2 }, 8],
            [{ b: 2, a: 1 }, 9],
            [[1, 2], 10],
            [-0, 11],
            [0, 12],
            [NaN, 13],
            [NaN, 14],
            ["__proto__", 15],
            [new Date(5), 16],
            [new Date(5), 17],
          ]),
        )
        .pipe(
          groupByKey(),
          sortedGroups(),
          map(([, numbers]) => numbers),
        ),
    expected: [[1], [2], [3], [4], [5], [6], [7], [8, 9], [10], [11, 12], [13, 14], [15], [16, 17]],
  },
});
