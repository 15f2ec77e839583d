import { describe, expect, test } from "vitest";
import {
  asyncMap,
  by,
  coGroupByKey,
  combineGlobally,
  combinePerKey,
  count,
  create,
  distinct,
  emptyCollection,
  filterMap,
  fixedWindows,
  flatten,
  fullJoin,
  generate,
  groupByKey,
  innerJoin,
  keyBy,
  keys,
  latest,
  leftJoin,
  log,
  map,
  mapEither,
  max,
  mean,
  MIN_INSTANT,
  numberCoder,
  output,
  parDo,
  parse,
  partition,
  reify,
  reshuffle,
  rightJoin,
  sample,
  splitBy,
  stringCoder,
  sum,
  swapKv,
  tap,
  top,
  values,
  windowInto,
  withCoder,
  withKeys,
  withTimestamps,
  type Coder,
  type CombineFn,
  type KV,
  type PCollection,
  type Pipeline,
  type StandardSchema,
} from "../../sdk/index.ts";
import { right } from "../../sdk/coders/coder.ts";
import type { Either } from "fp-ts/lib/Either.js";
import { decoded } from "../../sdk/coders/coder.ts";
import { evaluate, valuesOf } from "./support/evaluate.ts";

/** Elements that no coder takes but their own, so that a step that forgets it is found. */
class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
}
const moneyCoder: Coder<Money> = {
  name: "money",
  deterministic: true,
  encode: ({ cents }) => numberCoder.encode(cents),
  decode: (bytes) => right(new Money(decoded(numberCoder, bytes))),
};
const money = (p: Pipeline, ...cents: readonly number[]): PCollection<Money> =>
  p.apply(
    `Money${cents.join("")}`,
    create(
      cents.map((each) => new Money(each)),
      { coder: moneyCoder },
    ),
  );

const orders = (p: Pipeline): PCollection<KV<string, number>> =>
  p.apply("Orders", create<KV<string, number>>([["ann", 1], ["bob", 2], ["ann", 3]])); // prettier-ignore
const users = (p: Pipeline): PCollection<KV<string, string>> =>
  p.apply(
    "Users",
    create<KV<string, string>>([
      ["ann", "Ann"],
      ["cem", "Cem"],
    ]),
  );
/** Whatever the order. */
const sorted = (found: readonly unknown[]): readonly string[] => found.map((each) => JSON.stringify(each)).toSorted();
const sameAs = (...expected: readonly unknown[]): readonly string[] => sorted(expected);

describe("sources", () => {
  test("generate makes whole numbers from 0, in chunks", async () => {
    expect(await valuesOf((p) => p.apply(generate({ count: 5_000 })))).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(await valuesOf((p) => p.apply(generate({ count: 0 })))).toEqual([]);
  });

  test("generate makes values at times of their own", async () => {
    const found = await valuesOf((p) =>
      p
        .apply(generate({ count: 1_030, value: (i) => `n${i}`, timestampOf: (i) => i * 10 }))
        .apply(map((name, ctx) => [name, ctx.timestamp])),
    );
    expect(found[0]).toEqual(["n0", 0]);
    expect(found[1_029]).toEqual(["n1029", 10_290]);
  });

  test("an empty collection has no elements, and a coder", async () => {
    expect(await valuesOf((p) => p.apply(emptyCollection(stringCoder)).apply(map((text) => text.length)))).toEqual([]);
  });
});

describe("element by element", () => {
  test("filterMap leaves out what is undefined, and nothing else", async () => {
    const given = [1, undefined, null, NaN, 0, "", { _tag: "None" }];
    expect(await valuesOf((p) => p.apply(create(given)).apply(filterMap((each) => each)))).toEqual([1, null, NaN, 0, "", { _tag: "None" }]);
  });

  test("keys, values and swapKv take pairs apart, with the coders of their parts", async () => {
    const found = await evaluate((p) => {
      const pairs = money(p, 5, 7).apply(keyBy(({ cents }) => `k${cents}`));
      return {
        keys: pairs.apply(keys()),
        values: pairs.apply(values()).apply(map(({ cents }) => cents)),
        swapped: pairs.apply(swapKv()).apply(map(([{ cents }, key]) => [cents, key])),
        same: money(p, 1)
          .apply(withKeys("k"))
          .apply(map(([key, { cents }]) => [key, cents])),
      };
    });
    expect(found).toEqual({ keys: ["k5", "k7"], values: [5, 7], swapped: [[5, "k5"], [7, "k7"]], same: [["k", 1]] }); // prettier-ignore
  });

  test.each([keys(), values(), swapKv(), combinePerKey(count(), { fanout: 2 })])("what is no pair is named", async (transform) => {
    const found = valuesOf((p) => p.apply(create([{ user: "ann" }])).apply(transform as never));
    await expect(found).rejects.toMatchObject({ code: "NOT_A_PAIR", parts: { got: '{"user":"ann"}' } });
    const three = valuesOf((p) => p.apply(create([["a", 1, 2]])).apply(transform as never));
    await expect(three).rejects.toMatchObject({ code: "NOT_A_PAIR" });
  });

  test("tap and log hand elements on", async () => {
    const seen: unknown[] = [];
    const found = await valuesOf((p) =>
      p
        .apply(create(["a", "b"]))
        .apply(withTimestamps((text) => text.length))
        .apply(tap((text) => void seen.push(text)))
        .apply(
          "At",
          tap((text, { timestamp }) => void seen.push(`${text}@${timestamp}`)),
        )
        .apply(log({ label: "word", to: (text) => void seen.push(text) })),
    );
    expect(found).toEqual(["a", "b"]);
    expect(seen).toEqual(["a", "b", "a@1", "b@1", 'word: "a"', 'word: "b"']);
  });

  test("reify puts what is known of an element beside it, also where the element has a coder of its own", async () => {
    const found = await valuesOf((p) =>
      money(p, 3)
        .apply(withTimestamps(({ cents }) => cents))
        .apply(windowInto(fixedWindows(10)))
        .apply(reify())
        .apply(map(({ value, ...known }) => ({ cents: value.cents, ...known }))),
    );
    expect(found).toMatchObject([{ cents: 3, timestamp: 3, window: { start: 0, end: 10, maxTimestamp: 9 }, pane: { timing: "UNKNOWN" } }]);
  });

  test("asyncMap gives what promises give", async () => {
    expect(await valuesOf((p) => p.apply(create([1, 2])).apply(asyncMap(async (n) => n * 2, { concurrency: 2 })))).toEqual([2, 4]);
  });

  test("reshuffle and withCoder change nothing", async () => {
    expect(
      await valuesOf((p) =>
        p
          .apply(create([1, 2]))
          .apply(withCoder(numberCoder))
          .apply(reshuffle()),
      ),
    ).toEqual([1, 2]);
  });
});

describe("several outputs", () => {
  test("OUT-01 a DoFn writes to its outputs, in any order, and may leave some out", async () => {
    const found = await evaluate((p) => {
      const { main, t1, t2, t3, unused } = p.apply(create([3, -42, 666])).apply(
        parDo({
          output: output<string>(),
          outputs: { t3: output<string>(), t1: output<string>(), unused: output<string>(), t2: output<string>() },
          process(n: number, ctx) {
            ctx.output(`p:${n}`);
            for (const tag of ["t1", "t2", "t3"] as const) ctx.outputs[tag](`${tag}: p:${n}`);
          },
        }),
      );
      return { main, t1, t2, t3, unused };
    });
    expect(found.main).toEqual(["p:3", "p:-42", "p:666"]);
    expect(found.t2).toEqual(["t2: p:3", "t2: p:-42", "t2: p:666"]);
    expect(found.unused).toEqual([]);
  });

  test("LIB-01 partition", async () => {
    const found = await evaluate((p) => {
      const [even, odd] = p.apply("A", create([591, 11_789, 1_257, 24_578, 24_799, 307])).apply(
        "Two",
        partition(2, (n) => n % 2),
      );
      const [zero, one, two] = p.apply("B", create([1, 2, 4, 5])).apply(
        "Three",
        partition(3, (n) => n % 3),
      );
      return { even, odd, zero, one, two };
    });
    expect(found).toEqual({ even: [24_578], odd: [591, 11_789, 1_257, 24_799, 307], zero: [], one: [1, 4], two: [2, 5] });
  });

  test.each([-1, 5, 0.5, NaN, "1"])("LIB-02 %s is none of five parts", async (part) => {
    const found = valuesOf((p) => p.apply(create([7])).apply(partition(5, () => part as number))[0]);
    await expect(found).rejects.toMatchObject({ code: "BAD_PARTITION", parts: { what: expect.stringContaining("from 0 up to 4") } });
    await expect(found).rejects.toThrow(`${typeof part === "string" ? '"1"' : part} for 7`);
  });

  test("splitBy sends each element to the tag that it is given", async () => {
    const split = (p: Pipeline, tag: string) =>
      money(p, 1, 20).apply(splitBy(["small", "big"], ({ cents }) => (cents < 10 ? "small" : (tag as "big"))));
    const found = await evaluate((p) => split(p, "big"));
    expect(found).toEqual({ small: [new Money(1)], big: [new Money(20)] });
    await expect(evaluate((p) => split(p, "huge"))).rejects.toMatchObject({
      code: "BAD_PARTITION",
      parts: { got: '"huge" for {"cents":20}' },
    });
  });

  test("parse keeps the coder of what is not valid, and says of it what can be sent anywhere", async () => {
    const issues = [{ message: "no", path: [{ key: Symbol("s") }, 1, "a"], schema: () => 1 }];
    const validate = (value: unknown) => (Number(value) > 1 ? { value: Number(value) } : { issues });
    const schema: StandardSchema<number> = { "~standard": { version: 1, vendor: "test", validate } };
    const found = await evaluate((p) => p.apply(create(["1", "2"], { coder: stringCoder })).apply(parse(schema)));
    expect(found).toEqual({ valid: [2], invalid: [{ element: "1", issues: [{ message: "no", path: ["Symbol(s)", 1, "a"] }] }] });
  });

  test.each([undefined, {}, () => true])("%s is no schema", (schema) => {
    expect(() => parse(schema as unknown as StandardSchema)).toThrow("BAD_ARGUMENT: parse takes a schema");
  });

  test("mapEither sends what went right and what went wrong apart", async () => {
    const parse = (text: string): Either<{ text: string }, number> =>
      text === "x" ? { _tag: "Left", left: { text } } : { _tag: "Right", right: Number(text) };
    const found = await evaluate((p) => p.apply(create(["1", "x", "2"])).apply(mapEither(parse)));
    expect(found).toEqual({ right: [1, 2], left: [{ text: "x" }] });
  });

  test.each([undefined, null, 3, { _tag: "Some", value: 3 }])("%s is no Either", async (value) => {
    const found = valuesOf((p) => p.apply(create([1])).apply(mapEither(() => value as never)).right);
    await expect(found).rejects.toMatchObject({ code: "NOT_AN_EITHER" });
  });
});

describe("several inputs", () => {
  test("FLT-04 a collection that is given twice comes twice", async () => {
    const found = await valuesOf((p) => {
      const [a, b] = [p.apply("A", create([0, 1])), p.apply("B", create([10]))];
      return flatten([a, a, b]);
    });
    expect(found).toEqual([0, 1, 0, 1, 10]);
  });

  test("flatten takes an object, and inputs of different kinds", async () => {
    expect(
      await valuesOf((p) => flatten({ a: p.apply("A", create([1], { coder: numberCoder })), b: p.apply("B", create(["x"])) })),
    ).toEqual([1, "x"]);
    const kinds = await valuesOf((p) =>
      flatten([money(p, 1).apply(withKeys("a")), money(p, 2).apply("B", withKeys("b"))]).apply(map(([key, { cents }]) => [key, cents])),
    );
    expect(kinds).toEqual([["a", 1], ["b", 2]]); // prettier-ignore
  });

  test("COG-01 keys of either input come, each with the values of both", async () => {
    const found = await valuesOf((p) => {
      const c1 = p.apply("C1", create<KV<number, string>>([[1, "p"], [2, "q"]])); // prettier-ignore
      const c2 = p.apply("C2", create<KV<number, string>>([[2, "r"], [3, "s"]])); // prettier-ignore
      return coGroupByKey({ c1, c2 });
    });
    expect(sorted(found)).toEqual(sameAs([1, { c1: ["p"], c2: [] }], [2, { c1: ["q"], c2: ["r"] }], [3, { c1: [], c2: ["s"] }]));
  });

  test("a tag or a field may have any name", async () => {
    const found = await evaluate((p) => {
      const pairs = p.apply(create<KV<string, number>>([["a", 1]]));
      return {
        grouped: coGroupByKey({ ["__proto__"]: pairs }),
        combined: pairs.apply(combinePerKey({ ["__proto__"]: sum(), n: count() })),
      };
    });
    expect(JSON.stringify(found.grouped)).toBe('[["a",{"__proto__":[1]}]]');
    expect(JSON.stringify(found.combined)).toBe('[["a",{"__proto__":1,"n":1}]]');
  });

  test("values of a key can be gone through again, and have the coders of their inputs", async () => {
    const found = await valuesOf((p) =>
      coGroupByKey("Both", {
        money: money(p, 1, 2).apply(withKeys("a")),
        numbers: p.apply(create([7], { coder: numberCoder })).apply("N", withKeys("a")),
      }).apply(map(([key, { money: found, numbers }]) => [key, [...found, ...found].map(({ cents }) => cents), [...numbers]])),
    );
    expect(found).toEqual([["a", [1, 2, 1, 2], [7]]]);
  });

  test("joins pair the values of a key, and fill up the sides that may lack it", async () => {
    const found = await evaluate((p) => {
      const [l, r] = [orders(p), users(p)];
      return { inner: l.apply(innerJoin(r)), left: l.apply(leftJoin(r)), right: l.apply(rightJoin(r)), full: l.apply(fullJoin(r)) };
    });
    const both = [["ann", [1, "Ann"]], ["ann", [3, "Ann"]]] as const; // prettier-ignore
    const [onlyLeft, onlyRight] = [["bob", [2, undefined]], ["cem", [undefined, "Cem"]]] as const; // prettier-ignore
    expect(sorted(found.inner)).toEqual(sameAs(...both));
    expect(sorted(found.left)).toEqual(sameAs(...both, onlyLeft));
    expect(sorted(found.right)).toEqual(sameAs(...both, onlyRight));
    expect(sorted(found.full)).toEqual(sameAs(...both, onlyLeft, onlyRight));
  });

  test("joined elements keep the coders of both sides", async () => {
    const found = await valuesOf((p) => {
      const [a, b] = [
        money(p, 1).apply(withKeys("a")),
        money(p, 2, 3).apply(
          "B",
          keyBy(({ cents }): string => (cents === 2 ? "a" : "b")),
        ),
      ];
      return a.apply(fullJoin(b)).apply(map(([key, [l, r]]) => [key, l?.cents ?? "none", r?.cents ?? "none"]));
    });
    expect(sorted(found)).toEqual(sameAs(["a", 1, 2], ["b", "none", 3]));
  });

  test("every pair of a key comes once, and none is made of keys that differ", async () => {
    const found = await valuesOf((p) => {
      const a = p.apply("A", generate({ count: 30 })).apply(
        "KA",
        keyBy((n) => n % 3),
      );
      const b = p.apply("B", generate({ count: 20 })).apply(
        "KB",
        keyBy((n) => n % 4),
      );
      return a.apply(innerJoin(b));
    });
    const expected: unknown[] = [];
    for (let a = 0; a < 30; a++) for (let b = 0; b < 20; b++) if (a % 3 === b % 4) expected.push([a % 3, [a, b]]);
    expect(sorted(found)).toEqual(sameAs(...expected));
  });
});

describe("combining", () => {
  test("several at once give an object for each key", async () => {
    const found = await valuesOf((p) => orders(p).apply(combinePerKey({ total: sum(), n: count(), avg: mean() })));
    expect(sorted(found)).toEqual(sameAs(["ann", { total: 4, n: 2, avg: 2 }], ["bob", { total: 2, n: 1, avg: 2 }]));
  });

  test("CMB-06 a fan-out does not change results", async () => {
    const random = () => (Math.random() < 0.5 ? 3 : 0);
    const pairs: readonly KV<string, number>[] = [["a", 1], ["a", 1], ["a", 4], ["b", 1], ["b", 13]] as const; // prettier-ignore
    for (const fanout of [0, 1, 5, (key: string) => (key === "a" ? 3 : 0), random]) {
      const found = await valuesOf((p) =>
        p.apply(create(Array(10).fill(pairs).flat() as KV<string, number>[])).apply(combinePerKey(mean(), { fanout })),
      );
      expect(sorted(found)).toEqual(sameAs(["a", 2], ["b", 7]));
    }
  });

  test("a fan-out spreads values over accumulators and keeps the coder of keys", async () => {
    let created = 0;
    const counting: CombineFn<unknown, number, number> = { ...count(), create: () => (created++, 0) };
    const found = await valuesOf((p) =>
      money(p, ...Array<number>(12).fill(1))
        .apply(withKeys("value"))
        .apply(swapKv())
        .apply(combinePerKey(counting, { fanout: 4 }))
        .apply(map(([{ cents }, n]) => [cents, n])),
    );
    expect(found).toEqual([[1, 12]]);
    expect(created).toBe(4 + 1);
  });

  test("combineGlobally is one output for all elements", async () => {
    expect(await valuesOf((p) => p.apply(create([1, 2, 3])).apply(combineGlobally(sum(), { fanout: 3 })))).toEqual([6]);
    expect(await valuesOf((p) => p.apply(create<number>([])).apply(combineGlobally(sum(), { defaults: false })))).toEqual([]);
  });

  test("combineGlobally per window", async () => {
    const found = await valuesOf((p) =>
      p
        .apply(create([1, 4, 12], { timestampOf: (n) => n }))
        .apply(windowInto(fixedWindows(10)))
        .apply(combineGlobally(sum(), { defaults: false })),
    );
    expect(found).toEqual([5, 12]);
  });

  test("LIB-11 latest, alone and with others", async () => {
    const timed = (p: Pipeline) =>
      p
        .apply(create([["A", "foo", 100], ["B", "bar", 300], ["A", "baz", 200]] as const, { timestampOf: ([, , at]) => at }))
        .apply(map(([key, word]): KV<string, string> => [key, word])); // prettier-ignore
    const found = await evaluate((p) => ({
      all: timed(p).apply(values()).apply(combineGlobally(latest())),
      each: timed(p).apply(combinePerKey(latest())),
      both: timed(p).apply("Both", combinePerKey({ last: latest(), n: count() }, { fanout: 2 })),
    }));
    expect(found.all).toEqual(["bar"]);
    expect(sorted(found.each)).toEqual(sameAs(["A", "baz"], ["B", "bar"]));
    expect(sorted(found.both)).toEqual(sameAs(["A", { last: "baz", n: 2 }], ["B", { last: "bar", n: 1 }]));
  });

  test("distinct leaves one of each, by the whole element or by a part of it", async () => {
    const found = await evaluate((p) => ({
      whole: p.apply("A", create([1, 2, 1, "1"])).apply(distinct()),
      byPart: p
        .apply("B", create(["to", "be", "not"]))
        .apply(
          "Lengths",
          distinct((word) => word.length),
        )
        .apply(map((word) => word.length)),
      own: money(p, 1, 1, 2)
        .apply("Own", distinct())
        .apply(
          "Cents",
          map(({ cents }) => cents),
        ),
      missing: p.apply("C", create([undefined, null, undefined])).apply("Missing", distinct()),
    }));
    expect(sorted(found.whole)).toEqual(sameAs(1, 2, "1"));
    expect(sorted(found.byPart)).toEqual(sameAs(2, 3));
    expect(sorted(found.own)).toEqual(sameAs(1, 2));
    expect(sorted(found.missing)).toEqual(sameAs(undefined, null));
  });

  test("elements that only their own coder takes are grouped, and kept by combiners", async () => {
    const order = by(({ cents }: Money) => cents);
    const combiner = { most: max(order), tops: top(2, order), some: sample<Money>(1), last: latest<Money>(), n: count() };
    const centsOf = (each: Iterable<Money>) => [...each].map(({ cents }) => cents);
    const found = await evaluate((p) => {
      const keyed = money(p, 1, 2, 3).apply(withKeys("a"));
      const textOf = map(([key, { most, tops, some, last, n }]: KV<string, { most: Money; tops: readonly Money[]; some: readonly Money[]; last: Money; n: number }>) =>
        [key, most.cents, centsOf(tops), centsOf(some).length, typeof last.cents, n]); // prettier-ignore
      return {
        grouped: keyed.apply(groupByKey()).apply(
          "Cents",
          map(([key, each]) => [key, centsOf(each)]),
        ),
        combined: keyed.apply("Once", combinePerKey(combiner)).apply("Text", textOf),
        spread: keyed.apply("Spread", combinePerKey(combiner, { fanout: 3 })).apply("SpreadText", textOf),
        most: keyed
          .apply(values())
          .apply(combineGlobally(max(order)))
          .apply(
            "MostCents",
            map((most) => most?.cents),
          ),
      };
    });
    expect(found.grouped).toEqual([["a", [1, 2, 3]]]);
    expect(found.combined).toEqual([["a", 3, [3, 2], 1, "number", 3]]);
    expect(found.spread).toEqual(found.combined);
    expect(found.most).toEqual([3]);
  });

  test("elements without a time are at the beginning of time", async () => {
    expect(await valuesOf((p) => p.apply(create(["a"])).apply(map((_, { timestamp }) => timestamp)))).toEqual([MIN_INSTANT]);
  });
});
