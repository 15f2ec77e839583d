import { combineFn, type CombineFn } from "../../../sdk/combine/combine-fn.ts";
import { count } from "../../../sdk/combine/count.ts";
import { mean } from "../../../sdk/combine/mean.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import type { KV, PCollection, Pipeline } from "../../../sdk/pipeline.ts";
import { seconds } from "../../../sdk/time.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { countPerElement } from "../../../sdk/transforms/count-per-element.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { values } from "../../../sdk/transforms/values.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { afterCount, repeatedly } from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindows } from "../../../sdk/windows/global.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { at, createAt, withWindow } from "./support.ts";
import { windowed } from "./windowed.ts";

/** T of the catalogue. */
const table: readonly KV<string, number>[] = [
  ["a", 1],
  ["a", 1],
  ["a", 4],
  ["b", 1],
  ["b", 13],
];

const none: readonly KV<string, number>[] = [];

const copies = (times: number): readonly KV<string, number>[] => Array.from({ length: times }, () => table).flat();

interface Digits {
  text: string;
}

const inOrder = (text: string): string => Array.from(text).sort().join("");

/** D of the catalogue: the digits of all inputs, in order. */
const digits: CombineFn<number, Digits, string> = {
  name: "digits",
  create: () => ({ text: "" }),
  add: ({ text }, input) => ({ text: text + String(input) }),
  merge: (a, b) => ({ text: a.text + b.text }),
  extract: ({ text }) => inOrder(text),
};

/** Uses an accumulator up: whoever looks at it afterwards finds something else. */
function textOnce(accumulator: Digits): string {
  const { text } = accumulator;
  accumulator.text = "an accumulator was used again";
  return text;
}

/** The same, with accumulators that nobody may use again once they were handed over. */
const digitsOnce: CombineFn<number, Digits, string> = {
  ...digits,
  add: (accumulator, input) => ({ text: textOnce(accumulator) + String(input) }),
  merge: (a, b) => ({ text: textOnce(a) + textOnce(b) }),
};

const unique: CombineFn<number, Set<number>, ReadonlySet<number>> = {
  name: "unique",
  create: () => new Set(),
  add: (seen, input) => seen.add(input),
  merge(a, b) {
    for (const each of b) a.add(each);
    return a;
  },
  extract: (seen) => new Set(seen),
};

const product: CombineFn<number, number, number> = {
  name: "product",
  create: () => 1,
  add: (a, b) => a * b,
  merge: (a, b) => a * b,
  extract: (all) => all,
};

/** Numbers from nowhere in particular, the same in every run. */
function* scattered(): Generator<number, never> {
  for (let state = 1; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state;
  }
}

const scatter = scattered();

function sumAndDigits(p: Pipeline, inputs: readonly KV<string, number>[]): Readonly<Record<string, PCollection<unknown>>> {
  const pairs = p.apply(create(inputs));
  return { sum: pairs.apply(values()).apply(combineGlobally(sum())), digits: pairs.apply(combinePerKey(digits)) };
}

function uniques(p: Pipeline, inputs: readonly KV<string, number>[]): Readonly<Record<string, PCollection<unknown>>> {
  const pairs = p.apply(create(inputs));
  return { global: pairs.apply(values()).apply(combineGlobally(unique)), perKey: pairs.apply(combinePerKey(unique)) };
}

/** What the sum of several values of one key is, as a lifted combine and as a grouping. */
const sumsOf = (numbers: PCollection<number>): Readonly<Record<string, PCollection<unknown>>> => ({
  lifted: numbers.apply("Lifted", (input) => input.pipe(withKeys("k"), combinePerKey(sum()), values(), withWindow())),
  unlifted: numbers.apply("Unlifted", (input) =>
    input.pipe(
      withKeys("k"),
      groupByKey(),
      map(([, grouped]) => [...grouped].reduce((a, b) => a + b, 0)),
      withWindow(),
    ),
  ),
});

const bothMeans = [
  ["a", 2],
  ["b", 7],
];

/** Nine numbers, one each second. */
const nineNumbers = () => createAt([4, 9, 2, 3, 5, 7, 8, 1, 6].map((n, i) => at(990 + i * seconds(1), n)));

/** The same sums by windows, whether they are combined before a shuffle or not. */
const liftedOrNot = (...sums: readonly KV<string, number>[]) => ({ lifted: sums, unlifted: sums });

/** Combining: section CMB of the catalogue. */
export const combineCases = caseModule(import.meta.url, {
  "CMB-01": {
    title: "values are combined globally, and per key",
    build: (p) => sumAndDigits(p, table),
    expected: {
      sum: [20],
      digits: [
        ["a", "114"],
        ["b", "113"],
      ],
    },
  },
  "CMB-02": {
    title: "no elements give the default globally, and nothing per key",
    build: (p) => sumAndDigits(p, none),
    expected: { sum: [0], digits: [] },
  },
  "CMB-03": {
    title: "accumulators may be sets",
    build: (p) => uniques(p, table),
    expected: {
      global: [new Set([1, 4, 13])],
      perKey: [
        ["a", new Set([1, 4])],
        ["b", new Set([1, 13])],
      ],
    },
  },
  "CMB-03/empty": {
    title: "no elements give one empty set globally, and none per key",
    build: (p) => uniques(p, none),
    expected: { global: [new Set()], perKey: [] },
  },
  "CMB-04": {
    title: "means",
    build(p) {
      const pairs = p.apply(create(table));
      return { global: pairs.apply(values()).apply(combineGlobally(mean())), perKey: pairs.apply(combinePerKey(mean())) };
    },
    expected: { global: [4], perKey: bothMeans },
  },
  "CMB-06": {
    title: "spreading a key over shards does not change what comes out",
    build(p) {
      const pairs = p.apply(create(copies(10)));
      return {
        none: pairs.apply("None", combinePerKey(mean(), { fanout: 0 })),
        five: pairs.apply("Five", combinePerKey(mean(), { fanout: 5 })),
        some: pairs.apply("Some", combinePerKey(mean(), { fanout: (key) => (key === "a" ? 3 : 0) })),
        random: pairs.apply("Random", combinePerKey(mean(), { fanout: () => (scatter.next().value % 2 === 0 ? 0 : 3) })),
      };
    },
    expected: { none: bothMeans, five: bothMeans, some: bothMeans, random: bothMeans },
  },
  "CMB-08": {
    title: "products",
    build: (p) => p.apply(create(copies(2))).apply(combinePerKey(product)),
    expected: [
      ["a", 16],
      ["b", 169],
    ],
  },
  "CMB-10": {
    title: "an accumulator is not used again once it was handed over",
    build(p) {
      const pairs = p.apply(create(table));
      return {
        global: pairs.apply(values()).apply(combineGlobally(digitsOnce)),
        perKey: pairs.apply(combinePerKey(digitsOnce)),
        spread: pairs.apply(combinePerKey(digitsOnce, { fanout: 3 })),
      };
    },
    expected: {
      global: ["111134"],
      perKey: [
        ["a", "114"],
        ["b", "113"],
      ],
      spread: [
        ["a", "114"],
        ["b", "113"],
      ],
    },
  },
  "CMB-12": {
    title: "fixed windows are combined apart",
    build(p) {
      const pairs = p.apply(createAt(table.map((pair, i) => at([0, 1, 6, 7, 8][i]!, pair)))).apply(windowInto(fixedWindows(2)));
      return {
        sum: pairs.apply(values()).apply(combineGlobally(sum(), { defaults: false })),
        digits: pairs.apply(combinePerKey(digits)),
      };
    },
    expected: {
      sum: [2, 5, 13],
      digits: [
        ["a", "11"],
        ["a", "4"],
        ["b", "1"],
        ["b", "13"],
      ],
    },
  },
  "CMB-15": {
    title: "sessions of each key are combined apart, also where their values are spread first",
    build(p) {
      const pairs = p.apply(createAt(table.map((pair, i) => at([0, 4, 7, 10, 16][i]!, pair)))).apply(windowInto(sessions(5)));
      return {
        sum: pairs.apply(values()).apply(combineGlobally(sum(), { defaults: false })),
        digits: pairs.apply("Once", combinePerKey(digits)),
        spread: pairs.apply("Spread", combinePerKey(digits, { fanout: 3 })),
      };
    },
    expected: {
      sum: [7, 13],
      digits: [
        ["a", "114"],
        ["b", "1"],
        ["b", "13"],
      ],
      spread: [
        ["a", "114"],
        ["b", "1"],
        ["b", "13"],
      ],
    },
  },
  "CMB-17": {
    title: "windows without elements give nothing, without defaults",
    build: (p) =>
      p
        .apply(createAt<number>([]))
        .apply(windowInto(fixedWindows(1)))
        .apply(combineGlobally(mean(), { defaults: false })),
    expected: [],
  },
  "CMB-18": {
    title: "with a trigger the last pane has everything, and says that it is the last",
    build: (p) =>
      p.apply(create([1, 1])).pipe(
        windowed(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: "accumulating", closing: "always" }),
        combineGlobally(sum()),
        map((total, { pane }) => `${total}:${pane.isLast}`),
      ),
    check: ({ main = [] }) => mustEqual(main.includes("2:true"), true, `whether there is 2:true among ${main.join(", ")}`),
  },
  "CMB-22/fixed": {
    title: "combining before a shuffle gives what grouping and folding gives, in fixed windows",
    build: (p) => sumsOf(p.apply(nineNumbers()).apply(windowInto(fixedWindows(seconds(3))))),
    expected: liftedOrNot(["[0,3000)", 15], ["[3000,6000)", 15], ["[6000,9000)", 15]),
  },
  "CMB-22/sliding": {
    title: "combining before a shuffle gives what grouping and folding gives, in sliding windows",
    build: (p) => sumsOf(p.apply(nineNumbers()).apply(windowInto(slidingWindows(seconds(9), seconds(3))))),
    expected: liftedOrNot(["[-6000,3000)", 15], ["[-3000,6000)", 30], ["[0,9000)", 45], ["[3000,12000)", 30], ["[6000,15000)", 15]),
  },
  "CMB-22/same": {
    title: "combining before a shuffle gives what grouping and folding gives, in sliding windows that do not overlap",
    build: (p) => sumsOf(p.apply(nineNumbers()).apply(windowInto(slidingWindows(seconds(3), seconds(3))))),
    expected: liftedOrNot(["[0,3000)", 15], ["[3000,6000)", 15], ["[6000,9000)", 15]),
  },
  "CMB-22/sessions": {
    title: "combining before a shuffle gives what grouping and folding gives, in sessions",
    build: (p) => sumsOf(p.apply(nineNumbers()).apply(windowInto(sessions(seconds(3))))),
    expected: liftedOrNot(["[990,11990)", 45]),
  },
  "CMB-24": {
    title: "means per key of few values",
    build: (p) =>
      p
        .apply(
          create<KV<string, number>>([
            ["a", 1],
            ["a", 2],
            ["b", 3],
          ]),
        )
        .apply(combinePerKey(mean())),
    expected: [
      ["a", 1.5],
      ["b", 3],
    ],
  },
  "CMB-25": {
    title: "combiners made of plain functions",
    build: (p) => ({
      perKey: p
        .apply(
          "Pairs",
          create<KV<string, number>>([
            ["a", 1],
            ["b", 2],
            ["a", 3],
            ["c", 4],
          ]),
        )
        .apply(combinePerKey(sum((n: number) => n))),
      global: p.apply("Numbers", create([1, 2, 3, 4])).apply(
        combineGlobally(
          combineFn({
            name: "plus",
            create: () => 0,
            add: (a, b: number) => a + b,
            merge: (a, b) => a + b,
            extract: (total) => total,
          }),
        ),
      ),
    }),
    expected: {
      perKey: [
        ["a", 4],
        ["b", 2],
        ["c", 4],
      ],
      global: [10],
    },
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
  "CMB-29+": {
    title: "several combiners in one pass give a field each",
    build: (p) => p.apply(create(table)).apply(combinePerKey({ total: sum(), n: count(), average: mean() })),
    expected: [
      ["a", { total: 6, n: 3, average: 2 }],
      ["b", { total: 14, n: 2, average: 7 }],
    ],
  },
});
