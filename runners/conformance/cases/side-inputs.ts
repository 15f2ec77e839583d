import { combineFn } from "../../../sdk/combine/combine-fn.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import { ptransform, type KV, type PCollection, type Pipeline, type PTransform } from "../../../sdk/pipeline.ts";
import { counter } from "../../../sdk/step-metrics.ts";
import type { At } from "../../../sdk/testing/at.ts";
import { MIN_INSTANT, seconds } from "../../../sdk/time.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keys } from "../../../sdk/transforms/keys.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { asIterable, asList, asMap, asMultimap, asSingleton } from "../../../sdk/transforms/side-inputs.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { Window, WindowFn } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindow, globalWindows } from "../../../sdk/windows/global.ts";
import { intervalWindow, intervalWindowCoder } from "../../../sdk/windows/interval.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { at, createAt, sorted, timed, withWindow } from "./support.ts";

type Letters = readonly KV<string, number>[];

const letters: Letters = [
  ["a", 1],
  ["b", 2],
  ["a", 3],
];

/** A collection of values at their times, in fixed windows of 10. */
const inTens = <T>(values: readonly At<T>[]): PTransform<Pipeline, PCollection<T>> =>
  ptransform("InTens", (p: Pipeline) => p.apply(createAt(values)).apply(windowInto(fixedWindows(10))));

/** The values of each key, in order. */
const sortedMap = <K, V>(map: ReadonlyMap<K, Iterable<V>>): Readonly<Record<string, readonly V[]>> =>
  Object.fromEntries([...map].map(([key, values]) => [String(key), sorted(values)]));

const threeSingletons = (p: Pipeline) => ({
  s1: asSingleton(p.apply("S1", create([11]))),
  unread: asSingleton(p.apply("Unread", create([-3333]))),
  s2: asSingleton(p.apply("S2", create([222]))),
});

const three = [3, -42, 666];
const threeWithSides = three.map((n) => `p:${n}: [11, 222]`);

/** One element for each of the main windows, behind the sum of the side input that belongs to it. */
function sumsBeside(p: Pipeline, side: PCollection<number>): PCollection<string> {
  const total = asSingleton(side);
  const main = p.apply("Main", inTens([at(4, "A"), at(15, "B"), at(7, "C")]));
  return main.apply(map((letter, { sideInputs }) => `${letter}${sideInputs.total}`, { sideInputs: { total } }));
}

const twoWindows = [at(1, 1), at(11, 2), at(13, 3)];

/** Each number with the sum of what the side input has beside it. */
const plusSum = (numbers: PCollection<number>, windowFn: WindowFn<number, Window>): PCollection<number> => {
  const side = asIterable(numbers.apply(windowInto(windowFn)));
  return numbers
    .apply(windowInto(fixedWindows(seconds(1))))
    .apply(map((n, { sideInputs }) => n + [...sideInputs.side].reduce((a, b) => a + b, 0), { sideInputs: { side } }));
};

/** The three windows that the value of SI-36 is in; the last one is as long as the global window. */
const threeWindows: WindowFn = {
  name: "three",
  assign: () => [intervalWindow(-500, 0), intervalWindow(MIN_INSTANT, 250), intervalWindow(MIN_INSTANT, globalWindow.maxTimestamp + 1)],
  windowCoder: intervalWindowCoder,
  isCompatible: () => false,
};

const calls = counter("calls");

/** Collections that steps of others read: section SI of the catalogue, where nothing has to be waited for. */
export const sideInputCases = caseModule(import.meta.url, {
  "SI-01": {
    title: "singletons are read by name; one that is declared and not read does no harm",
    build(p) {
      const sideInputs = threeSingletons(p);
      return p.apply(create(three)).apply(map((n, ctx) => `p:${n}: [${ctx.sideInputs.s1}, ${ctx.sideInputs.s2}]`, { sideInputs }));
    },
    expected: threeWithSides,
  },
  "SI-02": {
    title: "side inputs that are declared one after the other are there together",
    build(p) {
      const { s1, unread, s2 } = threeSingletons(p);
      const [first, second] = [{ s1 }, { unread }];
      const sideInputs = { ...first, ...second, s2 };
      return p.apply(create(three)).apply(map((n, ctx) => `p:${n}: [${ctx.sideInputs.s1}, ${ctx.sideInputs.s2}]`, { sideInputs }));
    },
    expected: threeWithSides,
  },
  "SI-02/tags": {
    title: "a DoFn with several outputs reads them too",
    build(p) {
      const sideInputs = threeSingletons(p);
      return p.apply(create(three)).apply(
        parDo({
          sideInputs,
          output: output<string>(),
          outputs: { sums: output<number>() },
          process(n: number, ctx) {
            ctx.output(`p:${n}: [${ctx.sideInputs.s1}, ${ctx.sideInputs.s2}]`);
            ctx.outputs.sums(ctx.sideInputs.s1 + ctx.sideInputs.s2);
          },
        }),
      );
    },
    expected: { main: threeWithSides, sums: [233, 233, 233] },
  },
  "SI-04": {
    title: "a list has a length, and the same element at a place each time it is read",
    build(p) {
      const side = asList(p.apply("Side", create([11, 13, 17, 23])));
      return p.apply("Main", create([29, 31])).apply(
        flatMap(
          (_, { sideInputs }) => {
            mustEqual(sideInputs.side.length, 4, "the length of the list");
            mustEqual(sideInputs.side[0], sideInputs.side[0], "the first element");
            return sideInputs.side;
          },
          { sideInputs: { side } },
        ),
      );
    },
    expected: [11, 11, 13, 13, 17, 17, 23, 23],
  },
  "SI-05": {
    title: "side inputs without elements are empty",
    build(p) {
      const pairs = p.apply("Side", create<KV<string, number>>([]));
      const sideInputs = { list: asList(pairs), map: asMap(pairs), multimap: asMultimap(pairs), iterable: asIterable(pairs) };
      return p.apply("Main", create([1])).apply(
        map(
          (n, { sideInputs: { list, map: byKey, multimap, iterable } }) => {
            mustEqual([list.length, byKey.size, multimap.size], [0, 0, 0], "the sizes");
            mustEqual(
              [list, byKey, multimap, iterable].map((each) => each[Symbol.iterator]().next().done),
              [true, true, true, true],
              "whether there is nothing to go through",
            );
            return n;
          },
          { sideInputs },
        ),
      );
    },
    expected: [1],
  },
  "SI-07": {
    title: "a singleton without elements and without a default fails the run when it is read",
    build(p) {
      const side = asSingleton(p.apply("Side", create<number>([])));
      return p.apply("Main", create([1, 2, 3])).apply(map((n, ctx) => n + ctx.sideInputs.side, { sideInputs: { side } }));
    },
    fails: /the side input "side" .* a singleton has no element and no default/,
  },
  "SI-08": {
    title: "a singleton of several elements fails the run",
    build(p) {
      const side = asSingleton(p.apply("Side", create([1, 2, 3])));
      return p.apply("Main", create([1, 2, 3])).apply(map((n, ctx) => n + ctx.sideInputs.side, { sideInputs: { side } }));
    },
    fails: /the side input "side" .* a singleton has more than one element/,
  },
  "SI-10": {
    title: "a map is looked up by key, and gone through",
    build(p) {
      const side = asMap(p.apply("Side", create<KV<string, number>>([letters[0]!, ["b", 3]])));
      return p.apply("Main", create(["apple", "banana", "blackberry"])).apply(
        map(
          (word, { sideInputs }): KV<string, number> => {
            mustEqual([sideInputs.side.size, [...sideInputs.side.entries()].length], [2, 2], "the number of entries");
            return [word, sideInputs.side.get(word[0]!)!];
          },
          { sideInputs: { side } },
        ),
      );
    },
    expected: [
      ["apple", 1],
      ["banana", 3],
      ["blackberry", 3],
    ],
  },
  "SI-12": {
    title: "a multimap has all values of a key",
    build(p) {
      const side = asMultimap(p.apply("Side", create(letters)));
      return p
        .apply("Main", create(["a", "b"]))
        .apply(map((key, ctx): KV<string, readonly number[]> => [key, sorted(ctx.sideInputs.side.get(key)!)], { sideInputs: { side } }));
    },
    expected: [
      ["a", [1, 3]],
      ["b", [2]],
    ],
  },
  "SI-14": {
    title: "a map of what was combined by key",
    build(p) {
      const sums = p.apply(
        "Side",
        create<KV<string, number>>([
          ["a", 1],
          ["a", 20],
          ["b", 3],
        ]),
      );
      const side = asMap(sums.apply(combinePerKey(sum())));
      return p
        .apply("Main", create(["apple", "banana", "blackberry"]))
        .apply(map((word, ctx): KV<string, number> => [word, ctx.sideInputs.side.get(word[0]!)!], { sideInputs: { side } }));
    },
    expected: [
      ["apple", 21],
      ["banana", 3],
      ["blackberry", 3],
    ],
  },
  "SI-15": {
    title: "one collection is read in two forms, by two steps in a row",
    build(p) {
      const side = p.apply("Side", create(letters));
      const sideInputs = { byKey: asMultimap(side), all: asList(side) };
      const read = map(
        (key: string, ctx): string =>
          `${key} ${sorted(ctx.sideInputs.byKey.get(key[0]!)!).join()} ${sorted(ctx.sideInputs.all.map(([, n]) => n)).join()}`,
        { sideInputs },
      );
      return p
        .apply("Main", create(["a", "b"]))
        .apply("First", read)
        .apply("Second", read);
    },
    expected: ["a 1,3 1,2,3 1,3 1,2,3", "b 2 1,2,3 2 1,2,3"],
  },
  "SI-16": {
    title: "a collection is its own side input",
    build(p) {
      const words = p.apply(create(["a", "b"]));
      const pairsWith = (all: PCollection<string>) =>
        flatMap((word: string, ctx): Iterable<string> => ctx.sideInputs.all.map((other) => word + other), {
          sideInputs: { all: asList(all) },
        });
      const different = flatten([words]).pipe(
        withKeys(null),
        map(([, word]): KV<string, null> => [word, null]),
        groupByKey(),
        keys(),
      );
      return { itself: words.apply("Itself", pairsWith(words)), keys: words.apply("Keys", pairsWith(different)) };
    },
    expected: { itself: ["aa", "ab", "ba", "bb"], keys: ["aa", "ab", "ba", "bb"] },
  },
  "SI-17": {
    title: "flattened and grouped collections are read as others are",
    build(p) {
      const [a, b] = [p.apply("A", create([letters[0]!])), p.apply("B", create([letters[1]!]))];
      const sideInputs = { flat: asMap(flatten([a, b])), grouped: asMap(a.apply(groupByKey())) };
      return p
        .apply("Main", create(["x"]))
        .apply(map((_, ctx) => [Object.fromEntries(ctx.sideInputs.flat), sortedMap(ctx.sideInputs.grouped)], { sideInputs }));
    },
    expected: [[{ a: 1, b: 2 }, { a: [1] }]],
  },
  "SI-18": {
    title: "a flatten of collections without elements has none",
    build(p) {
      const nothing = flatten([p.apply("Nothing", create<number>([]))]);
      return p
        .apply("Main", create([1]))
        .apply(flatMap((_, ctx): Iterable<number> => ctx.sideInputs.all, { sideInputs: { all: asIterable(nothing) } }));
    },
    expected: [],
  },
  "SI-20": {
    title: "a singleton may be null",
    build(p) {
      const nothing = combineFn<number, null, null>({
        name: "nothing",
        create: () => null,
        add: () => null,
        merge: () => null,
        extract: () => null,
      });
      const side = asSingleton(p.apply("Side", create([1])).apply(combineGlobally(nothing)));
      return p.apply("Main", create([""])).apply(map((text, ctx) => text + String(ctx.sideInputs.side), { sideInputs: { side } }));
    },
    expected: ["null"],
  },
  "SI-21": {
    title: "a singleton is that of the window",
    build(p) {
      const side = asSingleton(p.apply("Side", inTens([at(1, 47), at(11, 48)])));
      return p.apply("Main", inTens([at(4, 1), at(8, 2), at(12, 3)])).apply(map((_, ctx) => ctx.sideInputs.side, { sideInputs: { side } }));
    },
    expected: [47, 47, 48],
  },
  "SI-22": {
    title: "a list is that of the window",
    build(p) {
      const side = asList(p.apply("Side", inTens([...[11, 13, 17, 23].map((n) => at(1, n)), ...[31, 33, 37, 43].map((n) => at(11, n))])));
      return p.apply("Main", inTens([at(1, 29), at(11, 35)])).apply(
        flatMap(
          (_, { sideInputs }) => {
            mustEqual(sideInputs.side.length, 4, "the length of the list");
            return sideInputs.side;
          },
          { sideInputs: { side } },
        ),
      );
    },
    expected: [11, 13, 17, 23, 31, 33, 37, 43],
  },
  "SI-23": {
    title: "a map is that of the window",
    build(p) {
      const pairs: readonly At<KV<string, number>>[] = [at(1, ["a", 1]), at(4, ["b", 2]), at(18, ["b", 3])];
      const side = asMap(p.apply("Side", inTens(pairs)));
      return p
        .apply("Main", inTens([at(5, "apple"), at(4, "banana"), at(16, "blackberry")]))
        .apply(map((word, ctx) => [word, ctx.sideInputs.side.get(word[0]!), ctx.sideInputs.side.size], { sideInputs: { side } }));
    },
    expected: [
      ["apple", 1, 2],
      ["banana", 2, 2],
      ["blackberry", 3, 1],
    ],
  },
  "SI-24": {
    title: "what was combined by window is read by window",
    build: (p) => sumsBeside(p, p.apply("Side", inTens(twoWindows)).apply(combineGlobally(sum(), { defaults: false }))),
    expected: ["A1", "B5", "C1"],
  },
  "SI-25": {
    title: "a side input in the global window is the same for all windows",
    build: (p) => sumsBeside(p, p.apply("Side", createAt(twoWindows)).apply(combineGlobally(sum()))),
    expected: ["A6", "B6", "C6"],
  },
  "SI-26": {
    title: "the default is that of each window without elements",
    build(p) {
      const sums = p.apply("Side", inTens(twoWindows.slice(1))).apply(combineGlobally(sum(), { defaults: false }));
      const side = asSingleton(sums, { default: 0 });
      return p
        .apply("Main", inTens([at(4, "A"), at(15, "B"), at(7, "C")]))
        .apply(map((letter, ctx) => `${letter}${ctx.sideInputs.side}`, { sideInputs: { side } }));
    },
    expected: ["A0", "B5", "C0"],
  },
  "SI-27": {
    title: "where windows are no parts of each other, the end of the main window decides",
    build(p) {
      const numbers = p.apply(createAt(timed(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)));
      const side = asList(numbers.apply("Sevens", windowInto(fixedWindows(7))));
      return numbers
        .apply("Fives", windowInto(fixedWindows(5)))
        .apply(map((n, ctx): KV<number, readonly number[]> => [n, sorted(ctx.sideInputs.side)], { sideInputs: { side } }));
    },
    expected: [...[0, 1, 2, 3, 4].map((n) => [n, [0, 1, 2, 3, 4, 5, 6]]), ...[5, 6, 7, 8, 9].map((n) => [n, [7, 8, 9]])],
  },
  "SI-28": {
    title: "side inputs in the global window, in windows like the main ones, and in longer ones",
    build(p) {
      const numbers = p.apply(createAt([at(990, 1), at(1_990, 2), at(2_990, 3)]));
      return {
        global: numbers.apply("Global", (each) => plusSum(each, globalWindows())),
        same: numbers.apply("Same", (each) => plusSum(each, fixedWindows(seconds(1)) as unknown as WindowFn<number, Window>)),
        longer: numbers.apply("Longer", (each) => plusSum(each, fixedWindows(seconds(10)) as unknown as WindowFn<number, Window>)),
      };
    },
    expected: { global: [7, 8, 9], same: [2, 4, 6], longer: [7, 8, 9] },
  },
  "SI-33": {
    title: "an element in several windows is worked on once in each",
    build(p) {
      const side = asSingleton(p.apply("Side", create([1])));
      return p
        .apply("Main", createAt([at(seconds(7) + 300, "a")]))
        .apply(windowInto(slidingWindows(seconds(5), seconds(1))))
        .apply(
          "Read",
          map((letter, ctx) => `${letter}:${ctx.sideInputs.side}`, { sideInputs: { side } }),
        )
        .apply(withWindow());
    },
    expected: ["[3000,8000)", "[4000,9000)", "[5000,10000)", "[6000,11000)", "[7000,12000)"].map((window) => [window, "a:1"]),
  },
  "SI-36": {
    title: "a step without side inputs takes a value in several windows whole",
    build: (p) =>
      p
        .apply(createAt([at(-2, 2)]))
        .apply(windowInto(threeWindows))
        .apply(
          map((n) => {
            calls.inc();
            return n;
          }),
        )
        .apply(
          "Windows",
          map((n, { window }) => [n, window.maxTimestamp]),
        ),
    expected: [-1, 249, globalWindow.maxTimestamp].map((end) => [2, end]),
    check: (_, result) => mustEqual(result.metrics({ name: "calls", kind: "counter" })[0]?.committed, 1, "how often it was called"),
  },
  "SI-55/unread": {
    title: "a singleton without elements that nobody reads does no harm",
    build(p) {
      const side = asSingleton(p.apply("Side", create<number>([])));
      return p.apply("Main", create([1, 2])).apply(map((n) => n, { sideInputs: { side } }));
    },
    expected: [1, 2],
  },
  "SI-55/read": {
    title: "a singleton without an element in the window that it is read in fails the run",
    build(p) {
      const side = asSingleton(p.apply("Side", inTens([at(1, 47)])));
      return p.apply("Main", inTens([at(15, 1)])).apply(map((n, ctx) => n + ctx.sideInputs.side, { sideInputs: { side } }));
    },
    fails: /in the window that ends at 19: a singleton has no element/,
  },
});
