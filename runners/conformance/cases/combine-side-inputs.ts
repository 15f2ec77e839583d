import { combineFn, type CombineContext } from "../../../sdk/combine/combine-fn.ts";
import { count } from "../../../sdk/combine/count.ts";
import { latest } from "../../../sdk/combine/latest.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import { kv, ptransform, type KV, type PCollection, type Pipeline, type PTransform } from "../../../sdk/pipeline.ts";
import { testStream, testStreams } from "../../../sdk/testing/test-stream.ts";
import type { At } from "../../../sdk/testing/at.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { asSingleton } from "../../../sdk/transforms/side-inputs.ts";
import { values } from "../../../sdk/transforms/values.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withWindowing } from "../../../sdk/transforms/with-windowing.ts";
import { afterCount, repeatedly } from "../../../sdk/trigger.ts";
import type { SideInput } from "../../../sdk/side-input.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, mustDrop, withWindow } from "./support.ts";

/** T of the catalogue. */
const table: readonly KV<string, number>[] = [
  ["a", 1],
  ["a", 1],
  ["a", 4],
  ["b", 1],
  ["b", 13],
];

const inOrder = (text: string): string => Array.from(text).sort().join("");

/** D of the catalogue with a context: the side input, and the digits of all inputs in order. */
const digitsBeside = combineFn({
  name: "digitsBeside",
  create: () => "",
  add: (digits: string, input: number) => digits + String(input),
  merge: (a, b) => a + b,
  extract: (digits, ctx: CombineContext<{ total: number }>) => `${ctx.sideInputs.total}:${inOrder(digits)}`,
});

/** The same where `add` reads the side input: it stands once for each element. */
const totalsOf = combineFn({
  name: "totals",
  create: (): readonly number[] => [],
  add: (totals: readonly number[], _: number, ctx: CombineContext<{ total: number }>) => [...totals, ctx.sideInputs.total],
  merge: (a, b) => [...a, ...b],
  extract: (totals) => totals.toSorted((a, b) => a - b).join("+"),
});

/** Adds what the side input says for each element. */
const scaled = combineFn({
  name: "scaled",
  create: () => 0,
  add: (all: number, input: number, ctx: CombineContext<{ factor: number }>) => all + input * ctx.sideInputs.factor,
  merge: (a, b) => a + b,
  extract: (all) => all,
});

/** What both combiners of a case give, per key and for all. */
function beside(pairs: PCollection<KV<string, number>>, total: SideInput<number>): Readonly<Record<string, PCollection<unknown>>> {
  const sideInputs = { total };
  const numbers = pairs.apply(values());
  return {
    perKey: pairs.apply("PerKey", combinePerKey(digitsBeside, { sideInputs })),
    global: numbers.apply("Global", combineGlobally(digitsBeside, { sideInputs, defaults: false })),
    added: pairs.apply("Added", combinePerKey(totalsOf, { sideInputs })),
    spread: pairs.apply("Spread", combinePerKey(digitsBeside, { sideInputs, fanout: 3 })),
    several: pairs
      .apply("Several", combinePerKey({ digits: digitsBeside, last: latest(), n: count() }, { sideInputs }))
      .apply(map(([key, { digits, n }]) => kv(key, `${digits} of ${n}`))),
  };
}

const sumOf = (numbers: PCollection<number>): SideInput<number> =>
  asSingleton(numbers.apply("Sum", combineGlobally(sum(), { defaults: false })), { default: 0 });

const pairsAt = (times: readonly number[]): PTransform<Pipeline, PCollection<KV<string, number>>> =>
  ptransform("Pairs", (p: Pipeline) => p.apply(createAt(table.map((pair, i): At<KV<string, number>> => at(times[i]!, pair)))));

/** Combining with a context: what section CMB of the catalogue has of it. */
export const combineSideInputCases = caseModule(import.meta.url, {
  "CMB-05": {
    title: "a combiner reads a side input",
    build(p) {
      const pairs = p.apply(create(table));
      return beside(pairs, sumOf(pairs.apply(values())));
    },
    expected: {
      perKey: [
        ["a", "20:114"],
        ["b", "20:113"],
      ],
      global: ["20:111134"],
      added: [
        ["a", "20+20+20"],
        ["b", "20+20"],
      ],
      spread: [
        ["a", "20:114"],
        ["b", "20:113"],
      ],
      several: [
        ["a", "20:114 of 3"],
        ["b", "20:113 of 2"],
      ],
    },
  },
  "CMB-05/empty": {
    title: "no elements give nothing, without defaults",
    build(p) {
      const pairs = p.apply(create<KV<string, number>>([]));
      return beside(pairs, sumOf(pairs.apply(values())));
    },
    expected: { perKey: [], global: [], added: [], spread: [], several: [] },
  },
  "CMB-05/default": {
    title: "what no elements give waits for the side input too",
    build(p) {
      const main = p.apply("Main", create<number>([]));
      const side = p
        .apply("Side", testStream<number>().addElements(7).advanceWatermarkToInfinity())
        .apply("SideWindows", withWindowing({ trigger: repeatedly(afterCount(1)), accumulation: "discarding" }));
      const sideInputs = { total: asSingleton(side) };
      return {
        one: main.apply("One", combineGlobally(digitsBeside, { sideInputs })),
        spread: main.apply("Spread", combineGlobally(digitsBeside, { sideInputs, fanout: 3 })),
        several: main.apply("Several", combineGlobally({ digits: digitsBeside, n: count() }, { sideInputs })),
      };
    },
    expected: { one: ["7:"], spread: ["7:"], several: [{ digits: "7:", n: 0 }] },
  },
  "CMB-13": {
    title: "a combiner reads the side input of the window",
    build(p) {
      const pairs = p.apply(pairsAt([0, 1, 6, 7, 8])).apply(windowInto(fixedWindows(2)));
      return beside(pairs, sumOf(pairs.apply(values())));
    },
    expected: {
      perKey: [
        ["a", "2:11"],
        ["a", "5:4"],
        ["b", "5:1"],
        ["b", "13:13"],
      ],
      global: ["2:11", "5:14", "13:13"],
      added: [
        ["a", "2+2"],
        ["a", "5"],
        ["b", "5"],
        ["b", "13"],
      ],
      spread: [
        ["a", "2:11"],
        ["a", "5:4"],
        ["b", "5:1"],
        ["b", "13:13"],
      ],
      several: [
        ["a", "2:11 of 2"],
        ["a", "5:4 of 1"],
        ["b", "5:1 of 1"],
        ["b", "13:13 of 1"],
      ],
    },
  },
  "CMB-13/sliding": {
    title: "an element that is in several windows is combined with the side input of each",
    build(p) {
      const factors = p.apply("Factors", createAt([at(0, 10), at(2, 100)])).apply("FactorWindows", windowInto(fixedWindows(2)));
      return p
        .apply("Numbers", createAt([at(1, 1), at(3, 2)]))
        .apply(windowInto(slidingWindows(4, 2)))
        .apply(combineGlobally(scaled, { defaults: false, sideInputs: { factor: asSingleton(factors, { default: 1 }) } }))
        .apply(withWindow());
    },
    // The window of a side input is that in which the main window ends.
    expected: [
      ["[-2,2)", 10],
      ["[0,4)", 300],
      ["[2,6)", 2],
    ],
  },
  "CMB-13/sessions": {
    title: "in windows that merge the side input is that of the merged window",
    build(p) {
      const totals = p.apply("Totals", createAt([at(1, 1), at(11, 2), at(21, 3)])).apply("TotalWindows", windowInto(fixedWindows(10)));
      const pairs = p.apply(pairsAt([0, 4, 7, 10, 16])).apply(windowInto(sessions(5)));
      return beside(pairs, asSingleton(totals));
    },
    // a: [0,12); b: [10,15) and [16,21); all: [0,15) and [16,21).
    expected: {
      perKey: [
        ["a", "2:114"],
        ["b", "2:1"],
        ["b", "3:13"],
      ],
      global: ["2:1114", "3:13"],
      added: [
        ["a", "2+2+2"],
        ["b", "2"],
        ["b", "3"],
      ],
      spread: [
        ["a", "2:114"],
        ["b", "2:1"],
        ["b", "3:13"],
      ],
      several: [
        ["a", "2:114 of 3"],
        ["b", "2:1 of 1"],
        ["b", "3:13 of 1"],
      ],
    },
  },
  "CMB-19": {
    title: "a combine of no elements is read as what it gives for them",
    build(p) {
      const side = asSingleton(p.apply("Side", create<number>([])).apply(combineGlobally(sum())));
      return p.apply("Main", create(["x"])).apply(map((_, ctx) => ctx.sideInputs.side, { sideInputs: { side } }));
    },
    expected: [0],
  },
  "CMB-30+": {
    title:
      "a combiner with a trigger reads the side input as it is when elements come, and elements that come too late are given as they came",
    build(p) {
      const { main, side } = p.apply(
        testStreams({ main: output<KV<string, number>>(), side: output<number>() })
          .advanceWatermarkTo("main", 0)
          .addElements("main", at(1, kv("a", 1)))
          .addElements("side", at(1, 10))
          .addElements("main", at(2, kv("a", 2)))
          .addElements("side", at(2, 100))
          .addElements("main", at(3, kv("a", 3)))
          .advanceWatermarkTo("main", 20)
          .addElements("main", at(4, kv("a", 4)))
          .advanceWatermarkToInfinity("main")
          .advanceWatermarkToInfinity("side"),
      );
      const trigger = repeatedly(afterCount(1));
      const factors = side.apply("SideWindows", windowInto(fixedWindows(10), { trigger, accumulation: "accumulating" }));
      const factor = asSingleton(factors.apply(combineGlobally(sum(), { defaults: false })));
      const { main: totals, late } = main
        .apply("MainWindows", windowInto(fixedWindows(10), { trigger, accumulation: "accumulating" }))
        .apply(combinePerKey(scaled, { sideInputs: { factor }, lateTo: "late" }));
      return { totals: totals.apply(values()), late };
    },
    // 1 and 2 times 10, as the side input was then, and 3 times 110; the last pane has nothing new.
    expected: { totals: [10, 30, 360, 360], late: [["a", 4]] },
    check: (_, result) => mustDrop(result, { late: 1, closed: 0 }),
  },
});
