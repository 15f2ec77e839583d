import { count } from "../../../sdk/combine/count.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { countPerElement } from "../../../sdk/transforms/count-per-element.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt } from "./support.ts";

const table: readonly KV<string, number>[] = [
  ["a", 1],
  ["a", 1],
  ["a", 4],
  ["b", 1],
  ["b", 13],
];

/** Combining: section CMB of the catalogue. */
export const combineCases = caseModule(import.meta.url, {
  "CMB-25": {
    title: "sums per key",
    build: (p) => p.apply(create(table)).apply(combinePerKey(sum())),
    expected: [
      ["a", 6],
      ["b", 14],
    ],
  },
  "CMB-12": {
    title: "sums per key and window",
    build: (p) =>
      p.apply(createAt(table.map((pair, i) => at([0, 1, 6, 7, 8][i]!, pair)))).pipe(windowInto(fixedWindows(2)), combinePerKey(sum())),
    expected: [
      ["a", 2],
      ["a", 4],
      ["b", 1],
      ["b", 13],
    ],
  },
  "CMB-26+": {
    title: "counts beyond 2^31 stay exact",
    build: (p) =>
      p
        .apply(
          create<KV<string, number>>([
            ["a", 2 ** 31],
            ["a", 2 ** 40],
            ["a", 1],
          ]),
        )
        .apply(combinePerKey(sum())),
    expected: [["a", 2 ** 31 + 2 ** 40 + 1]],
  },
  "CMB-27+": {
    title: "each different element is counted",
    build: (p) => p.apply(create(["a", "b", "a", "a"])).apply(countPerElement()),
    expected: [
      ["a", 3],
      ["b", 1],
    ],
  },
  "CMB-28+": {
    title: "no elements give no counts",
    build: (p) => p.apply(create<KV<string, number>>([])).apply(combinePerKey(count())),
    expected: [],
  },
});
