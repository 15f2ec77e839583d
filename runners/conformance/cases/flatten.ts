import { right, type Coder } from "../../../sdk/coders/coder.ts";
import { kvCoder } from "../../../sdk/coders/kv.ts";
import { stringCoder } from "../../../sdk/coders/string.ts";
import { count } from "../../../sdk/combine/count.ts";
import type { KV, PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { emptyCollection } from "../../../sdk/transforms/empty-collection.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { splitBy } from "../../../sdk/transforms/split-by.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withCoder } from "../../../sdk/transforms/with-coder.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, refusingCoder, withTime, withWindow } from "./support.ts";

const some = ["AA", "BBB", "CC"];
const others = ["DDDD", "BBB"];

const items = <T>(): PTransform<PCollection<Iterable<T>>, PCollection<T>> => flatMap((each) => each);

/** Pairs as a text: nobody can tell that they have a key. */
const opaqueCoder: Coder<KV<string, string>> = {
  name: "opaque",
  encode: (pair) => new TextEncoder().encode(JSON.stringify(pair)),
  decode: (bytes) => right(JSON.parse(new TextDecoder().decode(bytes)) as KV<string, string>),
};

/** Lines under one key, in a coder that no grouping could use. */
const underOneKey: PTransform<PCollection<string>, PCollection<KV<string, string>>> = (lines) =>
  lines.apply(map((line): KV<string, string> => ["a", line])).apply(withCoder(opaqueCoder));

/** Putting collections together: section FLT of the catalogue. */
export const flattenCases = caseModule(import.meta.url, {
  "FLT-01": {
    title: "all elements of all inputs, also where some are empty and some alike",
    build: (p) => flatten([some, [], others, [], some, []].map((elements) => p.apply(create<string>(elements)))),
    expected: [...some, ...others, ...some],
  },
  "FLT-02": {
    title: "one input gives its elements, as another collection",
    build(p) {
      const input = p.apply(create(some));
      const flattened = flatten([input]);
      if ((flattened as unknown) === input || flattened.name === input.name) throw new Error("flatten gave back its input");
      return flattened;
    },
    expected: some,
  },
  "FLT-03": {
    title: "an input without elements gives none, whatever its coder",
    build: (p) =>
      flatten([p.apply(emptyCollection<string>(refusingCoder()))]).apply(
        parDo({ output: output<string>(), process: (element, ctx) => ctx.output(element) }),
      ),
    expected: [],
  },
  "FLT-04": {
    title: "an input that is given twice comes twice",
    build(p) {
      const a = p.apply("A", create([0, 1, 2, 3, 4]));
      const b = p.apply("B", create([10, 11, 12, 13, 14]));
      const letters = p.apply("Letters", create(["a", "b"]));
      return { numbers: flatten("Numbers", [a, a, b]), letters: flatten("Thrice", [letters, letters, letters]) };
    },
    expected: {
      numbers: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 10, 11, 12, 13, 14],
      letters: ["a", "b", "a", "b", "a", "b"],
    },
  },
  "FLT-06": {
    title: "elements that are lists, sets and other iterables come apart",
    build: (p) => ({
      list: p.apply("List", create([some])).apply("ListItems", items()),
      set: p.apply("Set", create([new Set(some)])).apply("SetItems", items()),
      iterable: p.apply("Map", create([new Map([["k", "v"]])])).apply("Entries", items()),
      empty: p.apply("Empty", create<Iterable<string>>([[]])).apply("NoItems", items()),
    }),
    expected: { list: some, set: some, iterable: [["k", "v"]], empty: [] },
  },
  "FLT-07": {
    title: "the inputs can be used beside what they were put together to",
    build(p) {
      const { even, odd } = p.apply(create(some)).apply(splitBy(["even", "odd"], ({ length }) => (length % 2 === 0 ? "even" : "odd")));
      return { even, odd, merged: flatten([even, odd]) };
    },
    expected: { even: ["AA", "CC"], odd: ["BBB"], merged: some },
  },
  "FLT-08": {
    title: "what is put together may be given another coder, and be grouped",
    build: (p) =>
      flatten([
        p.apply("Some", create(some)).apply("UnderOne", underOneKey),
        p.apply("Others", create(others)).apply("UnderOther", underOneKey),
      ])
        .apply(withCoder(kvCoder(stringCoder, stringCoder)))
        .pipe(
          groupByKey(),
          flatMap(([, lines]) => lines),
        ),
    expected: [...some, ...others],
  },
  "FLT-10": {
    title: "elements keep their windows and times",
    build(p) {
      const [left, right] = [
        [at(1, "a"), at(2, "b")],
        [at(3, "a"), at(4, "b")],
      ].map((elements) => p.apply(createAt(elements)).apply(windowInto(fixedWindows(5), { timestampCombiner: "earliest" })));
      const both = flatten([left!, right!]);
      return {
        elements: both.apply(withTime()).apply("ElementWindow", withWindow()),
        counts: both.pipe(
          keyBy((letter) => letter),
          combinePerKey(count()),
          withTime(),
          (timed) => timed.apply("CountWindow", withWindow()),
        ),
      };
    },
    expected: {
      elements: [
        ["[0,5)", [1, "a"]],
        ["[0,5)", [2, "b"]],
        ["[0,5)", [3, "a"]],
        ["[0,5)", [4, "b"]],
      ],
      counts: [
        ["[0,5)", [1, ["a", 2]]],
        ["[0,5)", [2, ["b", 2]]],
      ],
    },
  },
});
