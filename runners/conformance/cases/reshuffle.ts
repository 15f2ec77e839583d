import { kv } from "../../../sdk/pipeline.ts";
import { MIN_INSTANT } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { reshuffle } from "../../../sdk/transforms/reshuffle.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sortedGroups, withTime, withWindow } from "./support.ts";

const pairs = [kv("k1", 3), kv("k5", 1), kv("k5", 2), kv("k2", 66), kv("k1", 4), kv("k2", -33), kv("k3", 0)];
const times = [MIN_INSTANT, 0, 33, globalWindow.maxTimestamp];

/** Reshuffling: section RSH of the catalogue. */
export const reshuffleCases = caseModule(import.meta.url, {
  "RSH-01": {
    title: "the elements stay what they are",
    build: (p) => p.apply(create(pairs)).apply(reshuffle()),
    expected: pairs,
  },
  "RSH-02": {
    title: "times are kept",
    build: (p) => p.apply(createAt(times.map((time) => at(time, "x")))).pipe(reshuffle(), withTime()),
    expected: times.map((time) => [time, "x"]),
  },
  "RSH-04/fixed": {
    title: "groups and their windows are kept",
    build: (p) =>
      p
        .apply(createAt([at(1, kv("a", 1)), at(4, kv("a", 4)), at(13, kv("a", 13)), at(3, kv("b", 3))]))
        .pipe(windowInto(fixedWindows(10)), groupByKey(), sortedGroups(), reshuffle(), withWindow()),
    expected: [
      ["[0,10)", ["a", [1, 4]]],
      ["[0,10)", ["b", [3]]],
      ["[10,20)", ["a", [13]]],
    ],
  },
  "RSH-04/sessions": {
    title: "sessions are kept",
    build: (p) =>
      p
        .apply(createAt([at(1, kv("a", 1)), at(4, kv("a", 4)), at(15, kv("a", 15)), at(3, kv("b", 3))]))
        .pipe(windowInto(sessions(10)), groupByKey(), sortedGroups(), reshuffle(), withWindow()),
    expected: [
      ["[1,14)", ["a", [1, 4]]],
      ["[3,13)", ["b", [3]]],
      ["[15,25)", ["a", [15]]],
    ],
  },
  "RSH-06": {
    title: "elements are spread over as many keys as their function gives: a grouping of them has these, and no others",
    build: (p) =>
      p.apply(create(Array.from({ length: 70 }, (_, i) => i))).pipe(
        keyBy((n) => n % 2),
        reshuffle(),
        groupByKey(),
        map(([bucket, values]) => [bucket, [...values].length]),
      ),
    expected: [
      [0, 35],
      [1, 35],
    ],
  },
  "RSH-07": {
    title: "elements without a key can be reshuffled",
    build: (p) => p.apply(create([1, 2, 3])).apply(reshuffle()),
    expected: [1, 2, 3],
  },
});
