import { decoded, right } from "../../../sdk/coders/coder.ts";
import { stringCoder } from "../../../sdk/coders/string.ts";
import { latest } from "../../../sdk/combine/latest.ts";
import { kv, type KV, type PCollection, type Pipeline } from "../../../sdk/pipeline.ts";
import { combineGlobally } from "../../../sdk/transforms/combine-globally.ts";
import { combinePerKey } from "../../../sdk/transforms/combine-per-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { distinct } from "../../../sdk/transforms/distinct.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { fullJoin, innerJoin, leftJoin, rightJoin } from "../../../sdk/transforms/joins.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { mapEither } from "../../../sdk/transforms/map-either.ts";
import { partition } from "../../../sdk/transforms/partition.ts";
import { reify } from "../../../sdk/transforms/reify.ts";
import { reshuffle } from "../../../sdk/transforms/reshuffle.ts";
import { asSingleton } from "../../../sdk/transforms/side-inputs.ts";
import { splitBy } from "../../../sdk/transforms/split-by.ts";
import { at as atTime } from "../../../sdk/testing/at.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { afterCount, afterWatermark } from "../../../sdk/trigger.ts";
import type { WindowFn } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, withWindow } from "./support.ts";

/** A window that is found by its name. */
class NamedWindow {
  readonly maxTimestamp = 1_000;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  nameOf(): string {
    return this.#name;
  }
}

const namedWindows: WindowFn<unknown, NamedWindow> = {
  name: "named",
  assign: ({ timestamp }) => [new NamedWindow(timestamp % 2 === 0 ? "even" : "odd")],
  windowCoder: {
    name: "named",
    deterministic: true,
    encode: (window) => stringCoder.encode(window.nameOf()),
    decode: (bytes) => right(new NamedWindow(decoded(stringCoder, bytes))),
  },
  isCompatible: () => true,
};

const latestOf = (p: Pipeline, words: ReturnType<typeof at<string>>[], pairs: ReturnType<typeof at<KV<string, string>>>[]) => ({
  globally: p.apply("Words", createAt(words)).apply(combineGlobally(latest())),
  perKey: p.apply("Pairs", createAt(pairs)).apply(combinePerKey(latest())),
});

/** An `Either` of fp-ts, made by hand. */
const parsed = (text: string) =>
  /^\d+$/.test(text) ? ({ _tag: "Right", right: Number(text) } as const) : ({ _tag: "Left", left: text } as const);

/** Transforms that are made of others: section LIB of the catalogue. */
export const libraryCases = caseModule(import.meta.url, {
  "LIB-01": {
    title: "each element is in the part that its function names",
    build(p) {
      const byTwo = p.apply("Many", create([591, 11789, 1257, 24578, 24799, 307])).apply(
        "ByTwo",
        partition(2, (n) => n % 2),
      );
      const byThree = p.apply("Few", create([1, 2, 4, 5])).apply(
        "ByThree",
        partition(3, (n) => n % 3),
      );
      return { even: byTwo[0], odd: byTwo[1], zero: byThree[0], one: byThree[1], two: byThree[2] };
    },
    expected: { even: [24578], odd: [591, 11789, 1257, 24799, 307], zero: [], one: [1, 4], two: [2, 5] },
  },
  "LIB-02": {
    title: "a part that is not there fails the run, and the error names it and those that are",
    build: (p) => p.apply(create([1])).apply(partition(5, () => -1))[0],
    fails: /^BAD_PARTITION.*\bfrom 0 up to 4\b[^]*-1\b/,
  },
  "LIB-03": {
    title: "a part may depend on a side input",
    build(p) {
      const limit = asSingleton(p.apply("Limit", create([50])));
      const [low, high] = p
        .apply(create([5, 45, 90, 29, 55, 65]))
        .apply(partition(2, (n, ctx) => (n < ctx.sideInputs.limit ? 0 : 1), { sideInputs: { limit } }));
      return { low, high };
    },
    expected: { low: [5, 29, 45], high: [55, 65, 90] },
  },
  "LIB-03/tags": {
    title: "an output with a name may depend on a side input",
    build(p) {
      const limit = asSingleton(p.apply("Limit", create([50])));
      return p
        .apply(create([5, 45, 90, 29, 55, 65]))
        .apply(splitBy(["low", "high"], (n, ctx) => (n < ctx.sideInputs.limit ? "low" : "high"), { sideInputs: { limit } }));
    },
    expected: { low: [5, 29, 45], high: [55, 65, 90] },
  },
  "LIB-16+": {
    title: "an element of several windows may be in another part in each",
    build(p) {
      const [first, second] = p.apply(createAt([at(7, "a")])).pipe(
        windowInto(slidingWindows(10, 5)),
        partition(2, (_, { window }) => (window.maxTimestamp === 9 ? 0 : 1)),
      );
      return { first: first.apply("First", withWindow()), second: second.apply("Second", withWindow()) };
    },
    expected: { first: [["[0,10)", "a"]], second: [["[5,15)", "a"]] },
  },
  "LIB-04": {
    title: "a part may be left unused",
    build(p) {
      const [, ...rest] = p.apply(create([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).apply(partition(3, (n) => n % 3));
      return flatten(rest);
    },
    expected: [2, 4, 5, 7, 8, 10, 11],
  },
  "LIB-11": {
    title: "the latest element, of all and per key",
    build: (p) =>
      latestOf(
        p,
        [at(100, "foo"), at(300, "bar"), at(200, "baz")],
        [at(100, kv("A", "foo")), at(300, kv("B", "bar")), at(200, kv("A", "baz"))],
      ),
    expected: {
      globally: ["bar"],
      perKey: [
        ["A", "baz"],
        ["B", "bar"],
      ],
    },
  },
  "LIB-11/empty": {
    title: "the latest of nothing is undefined, and per key there is none",
    build: (p) => latestOf(p, [], []),
    expected: { globally: [undefined], perKey: [] },
  },
  "LIB-29+": {
    title: "elements are put beside their windows, also where those are no plain data",
    build: (p) =>
      p.apply(createAt([at(1, "a"), at(12, "b")])).pipe(
        windowInto(namedWindows),
        reify(),
        reshuffle(),
        map(({ value, timestamp, window, pane }) => [value, timestamp, (window as NamedWindow).nameOf(), pane.timing]),
      ),
    expected: [
      ["a", 1, "odd", "UNKNOWN"],
      ["b", 12, "even", "UNKNOWN"],
    ],
  },
  "LIB-12+": {
    title: "one of each group of equal elements is left",
    build: (p) => p.apply(create([{ a: 1, b: [2] }, { b: [2], a: 1 }, 1, "1", 1])).apply(distinct()),
    expected: [{ a: 1, b: [2] }, 1, "1"],
  },
  "LIB-15+": {
    title: "where windows have several panes, one of each group of equal elements is left in the first pane that has it",
    build: (p) =>
      p
        .apply(
          testStream<string>().addElements(atTime(1, "a")).addElements(atTime(2, "a")).addElements(atTime(3, "b")).advanceWatermarkTo(50),
        )
        .pipe(
          windowInto(fixedWindows(10), { trigger: afterWatermark({ early: afterCount(1) }), accumulation: "accumulating" }),
          distinct(),
        ),
    expected: ["a", "b"],
  },
  "LIB-13+": {
    title: "what goes right and what goes wrong are two collections",
    build: (p) => {
      const { right, left } = p.apply(create(["1", "x", "22"])).apply(mapEither(parsed));
      return { right, left };
    },
    expected: { right: [1, 22], left: ["x"] },
  },
  "LIB-14+": {
    title: "joins pair the values of equal keys, and those without a partner where it says so",
    build(p) {
      const orders: PCollection<KV<string, number>> = p.apply("Orders", create([kv("ann", 1), kv("ann", 2), kv("bob", 3)]));
      const users: PCollection<KV<string, string>> = p.apply("Users", create([kv("ann", "Ann"), kv("cem", "Cem")]));
      return {
        inner: orders.apply(innerJoin(users)),
        left: orders.apply(leftJoin(users)),
        right: orders.apply(rightJoin(users)),
        full: orders.apply(fullJoin(users)),
      };
    },
    expected: joined(),
  },
});

function joined(): Readonly<Record<string, readonly unknown[]>> {
  const inner = [kv("ann", [1, "Ann"]), kv("ann", [2, "Ann"])];
  const onlyLeft = kv("bob", [3, undefined]);
  const onlyRight = kv("cem", [undefined, "Cem"]);
  return { inner, left: [...inner, onlyLeft], right: [...inner, onlyRight], full: [...inner, onlyLeft, onlyRight] };
}
