import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { kv, type KV } from "../../../sdk/pipeline.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sortedGroups } from "./support.ts";

const pairs: readonly KV<string, number>[] = [
  ["k1", 3],
  ["k5", 2 ** 31 - 1],
  ["k5", -(2 ** 31)],
  ["k2", 66],
  ["k1", 4],
  ["k2", -33],
  ["k3", 0],
];

/** Grouping by key: section GBK of the catalogue, as far as the default trigger goes. */
export const groupByKeyCases = caseModule(import.meta.url, {
  "GBK-01": {
    title: "values of equal keys meet",
    build: (p) => p.apply(create(pairs)).pipe(groupByKey(), sortedGroups()),
    expected: [
      ["k1", [3, 4]],
      ["k5", [-(2 ** 31), 2 ** 31 - 1]],
      ["k2", [-33, 66]],
      ["k3", [0]],
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
      p.apply(createAt(pairs.map((pair, i) => at(i + 1, pair)))).pipe(windowInto(fixedWindows(5)), groupByKey(), sortedGroups()),
    expected: [
      ["k1", [3]],
      ["k5", [-(2 ** 31), 2 ** 31 - 1]],
      ["k2", [66]],
      ["k1", [4]],
      ["k2", [-33]],
      ["k3", [0]],
    ],
  },
  "GBK-07": {
    title: "keys of any length",
    build: (p) =>
      p.apply(create(["a", "a", "b"])).pipe(
        flatMap((letter) => [10, 100, 1000].map((kilobytes): KV<string, number> => [letter.repeat(kilobytes * 1024), 1])),
        groupByKey(),
        map(([key, ones]) => kv(`${key[0]}${key.length}`, [...ones].length)),
      ),
    expected: [10_240, 102_400, 1_024_000].flatMap((length) => [
      [`a${length}`, 2],
      [`b${length}`, 1],
    ]),
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
          map(([, values]) => values),
        ),
    expected: [[1], [2], [3], [4], [5], [6], [7], [8, 9], [10], [11, 12], [13, 14], [15], [16, 17]],
  },
});
