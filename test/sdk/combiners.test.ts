import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decoded } from "../../sdk/coders/coder.ts";
import { allDecoded, encodeAll } from "../../sdk/coders/frames.ts";
import { NO_SIDE_INPUTS as none, type AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { combineFnOf, emptyOf } from "../../sdk/combine/composite.ts";
import { by, combineFn, count, latest, max, mean, min, sample, structuralCoder, sum, top } from "../../sdk/index.ts";
import { byOrd, combineMonoid, combineSemigroup, orNone } from "../../sdk/fp/index.ts";
import * as N from "fp-ts/lib/number.js";
import * as S from "fp-ts/lib/Semigroup.js";
import * as O from "fp-ts/lib/Option.js";

interface Item {
  readonly user: string;
  readonly amount: number;
  readonly at: number;
}
/** Amounts often repeat, and are whole, so that sums do not depend on their order; times differ. */
const items: fc.Arbitrary<readonly Item[]> = fc.uniqueArray(
  fc.record({ user: fc.string({ maxLength: 3 }), amount: fc.integer({ min: -5, max: 5 }), at: fc.integer() }, { noNullPrototype: true }),
  { selector: ({ at }) => at, maxLength: 30 },
);

const amounts = (all: readonly Item[]): readonly number[] => all.map(({ amount }) => amount);
const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const greatest = <T>(all: readonly T[], less: (a: T, b: T) => boolean): T | undefined =>
  all.reduce<T | undefined>((best, each) => (best === undefined || less(best, each) ? each : best), undefined);
/** A combiner as users write them, which changes its accumulators. */
const users = combineFn({
  name: "users",
  create: () => new Set<string>(),
  add: (found: Set<string>, { user }: Item) => found.add(user),
  merge: (a: Set<string>, b: Set<string>) => [...b].reduce((all, user) => all.add(user), a),
  extract: (found: Set<string>) => [...found].toSorted(),
});

/** What each combiner gives, worked out from all inputs at once; `view` leaves open what a combiner leaves open. */
interface Case {
  readonly fn: AnyCombineFn;
  readonly expected: (all: readonly Item[]) => unknown;
  readonly view?: (output: never) => unknown;
}
const amountOf = (item: Item | undefined): number | undefined => item?.amount;
const cases: Readonly<Record<string, Case>> = {
  "count()": { fn: count(), expected: (all) => all.length },
  "sum(field)": { fn: sum("amount"), expected: (all) => total(amounts(all)) },
  "sum(f)": { fn: sum((item: Item) => item.amount * 2), expected: (all) => 2 * total(amounts(all)) },
  "mean(field)": { fn: mean("amount"), expected: (all) => total(amounts(all)) / all.length },
  "max(field)": { fn: max("amount"), expected: (all) => greatest(amounts(all), (a, b) => a < b) },
  "min(field) of texts": {
    fn: min("user"),
    expected: (all) =>
      greatest(
        all.map(({ user }) => user),
        (a, b) => a > b,
      ),
  },
  "max(by)": { fn: max(by((item: Item) => item.amount)), expected: (all) => greatest(amounts(all), (a, b) => a < b), view: amountOf },
  "min(by)": { fn: min(by((item: Item) => item.at)), expected: (all) => greatest(all, (a, b) => a.at > b.at) },
  "top": {
    fn: top(
      3,
      by((item: Item) => item.amount),
    ),
    expected: (all) =>
      amounts(all)
        .toSorted((a, b) => b - a)
        .slice(0, 3),
    view: (best: Item[]) => amounts(best),
  },
  "latest": { fn: latest(), expected: (all) => greatest(all, (a, b) => a.at < b.at) },
  "sample": { fn: sample(4), expected: (all) => Math.min(4, all.length), view: (chosen: Item[]) => new Set(chosen).size },
  "one of a user's own": { fn: users, expected: (all) => [...new Set(all.map(({ user }) => user))].toSorted() },
  "several at once": {
    fn: combineFnOf("test", {
      n: count(),
      avg: mean("amount"),
      users,
      last: latest(),
      tops: top(
        2,
        by((item: Item) => item.at),
      ),
    }),
    expected: (all) => ({
      n: all.length,
      avg: total(amounts(all)) / all.length,
      users: [...new Set(all.map(({ user }) => user))].toSorted(),
      last: greatest(all, (a, b) => a.at < b.at),
      tops: all.toSorted((a, b) => b.at - a.at).slice(0, 2),
    }),
  },
  "several of a user's own at once": {
    fn: combineFnOf("test", { users, again: users, total: sum("amount") }),
    expected(all) {
      const found = [...new Set(all.map(({ user }) => user))].toSorted();
      return { users: found, again: found, total: total(amounts(all)) };
    },
  },
  "combineMonoid": { fn: combineMonoid(N.MonoidSum, ({ amount }: Item) => amount), expected: (all) => total(amounts(all)) },
  "combineSemigroup": {
    fn: combineSemigroup(S.max(N.Ord), ({ amount }: Item) => amount),
    expected: (all) => greatest(amounts(all), (a, b) => a < b),
  },
  "max(byOrd)": { fn: max(byOrd(N.Ord, (item: Item) => item.at)), expected: (all) => greatest(all, (a, b) => a.at < b.at) },
  "orNone": {
    fn: orNone(max("amount")),
    expected: (all) => O.fromNullable(greatest(amounts(all), (a, b) => a < b)),
    view: (option: O.Option<number>) => O.fromNullable(O.toUndefined(option)),
  },
};

const addTo = (fn: AnyCombineFn, accumulator: unknown, item: Item): unknown =>
  fn.addAt === undefined ? fn.add(accumulator, item, none) : fn.addAt(accumulator, item, item.at, none);
const accumulated = (fn: AnyCombineFn, all: readonly Item[]): unknown =>
  all.reduce((accumulator, item) => addTo(fn, accumulator, item), fn.create() as unknown);
const copyOf = (value: unknown): unknown => structuredClone(value);

describe.each(Object.entries(cases))("%s", (_, { fn, expected, view = (output) => output }) => {
  const seen = (accumulator: unknown): unknown => view(fn.extract(accumulator, none) as never);
  test("gives what its inputs say", () => {
    fc.assert(
      fc.property(items, (all) => {
        const output = all.length === 0 ? view(emptyOf(fn, none) as never) : seen(accumulated(fn, all));
        expect(output).toEqual(expected(all));
      }),
    );
  });

  test("adding then merging gives what adding everything in one place gives", () => {
    const split = fc.tuple(items, fc.array(fc.nat(2), { maxLength: 30 }));
    fc.assert(
      fc.property(split, ([all, places]) => {
        const parts = [0, 1, 2].map((part) =>
          accumulated(
            fn,
            all.filter((_item, i) => (places[i] ?? 0) === part),
          ),
        );
        expect(seen(parts.reduce((x, y): unknown => fn.merge(x, y)))).toEqual(seen(accumulated(fn, all)));
      }),
    );
  });

  test("merge is associative and commutative, and an accumulator of nothing changes nothing", () => {
    fc.assert(
      fc.property(threeLists, ([x, y, z]) => {
        const of = (all: readonly Item[]): unknown => accumulated(fn, all);
        const whole = seen(fn.merge(fn.merge(of(x), of(y)), of(z)));
        expect(seen(fn.merge(of(x), fn.merge(of(y), of(z))))).toEqual(whole);
        expect(seen(fn.merge(fn.merge(of(y), of(x)), of(z)))).toEqual(whole);
        expect(seen(fn.merge(fn.create(), of(x)))).toEqual(seen(of(x)));
        expect(seen(fn.merge(of(x), fn.create()))).toEqual(seen(of(x)));
      }),
    );
  });

  test("what was given is not changed by what is added later", () => {
    fc.assert(
      fc.property(items, items, (first, more) => {
        const accumulator = accumulated(fn, first);
        const output: unknown = fn.extract(accumulator, none);
        const before = copyOf(output);
        more.reduce((next, item) => addTo(fn, next, item), accumulator);
        expect(output).toEqual(before);
      }),
    );
  });

  test("its accumulators are data, and come back from bytes", () => {
    fc.assert(
      fc.property(items, (all) => {
        const accumulator = accumulated(fn, all);
        const coders = [
          fn.accumulatorCoder ?? structuralCoder,
          ...(fn.codersFor === undefined ? [] : [fn.codersFor(structuralCoder, true).accumulator]),
        ];
        const column = [accumulator, fn.create(), accumulator];
        for (const coder of coders) {
          expect(seen(decoded(coder, coder.encode(accumulator)))).toEqual(seen(accumulator));
          expect(allDecoded(coder, encodeAll(coder, column)).map(seen)).toEqual(column.map(seen));
        }
      }),
    );
  });
});

/** Three lists whose times differ throughout. */
const threeLists: fc.Arbitrary<readonly [readonly Item[], readonly Item[], readonly Item[]]> = fc
  .tuple(items, items, items)
  .map(([x, y, z]) => {
    const timed = (list: readonly Item[], i: number) => list.map((item) => ({ ...item, at: item.at * 3 + i }));
    return [timed(x, 0), timed(y, 1), timed(z, 2)];
  });

describe("an add that throws has changed nothing", () => {
  /** Throws for every other item, after it has changed its accumulator where it is careless. */
  const picky = combineFn({
    name: "picky",
    create: (): number[] => [],
    add(seen: number[], { amount }: Item) {
      if (amount < 0) throw new Error("negative");
      seen.push(amount);
      return seen;
    },
    merge: (a: number[], b: number[]) => [...a, ...b],
    extract: (seen: number[]) => seen.toSorted((a, b) => a - b),
  });
  const readsAmount = (item: Item): number => {
    if (item.amount < 0) throw new Error("negative");
    return item.amount;
  };
  const byAmount = by(readsAmount);
  const throwing: Readonly<Record<string, AnyCombineFn>> = {
    "mean": mean(readsAmount),
    "max": max(byAmount),
    "top": top(2, byAmount),
    "a throwing part behind others": combineFnOf("test", {
      n: count(),
      users,
      avg: mean("amount"),
      tops: top(
        2,
        by((i: Item) => i.at),
      ),
      last: sum(readsAmount),
    }),
    "a throwing part before others": combineFnOf("test", { picky, n: count(), avg: mean("amount") }),
    "several parts that change their accumulators": combineFnOf("test", { users, picky, again: users, picky2: picky }),
  };

  test.each(Object.entries(throwing))("%s", (_, fn) => {
    let thrown = 0;
    const unchanged: boolean[] = [];
    fc.assert(
      fc.property(items, (all) => {
        let accumulator = fn.create() as unknown;
        for (const item of all) {
          const before = copyOf(accumulator);
          try {
            accumulator = fn.add(accumulator, item, none);
          } catch {
            thrown++;
            unchanged.push(isDeepStrictEqual(accumulator, before));
          }
        }
      }),
    );
    expect(thrown).toBeGreaterThan(20);
    expect(unchanged).not.toContain(false);
  });
});

describe("orders", () => {
  const most = (values: readonly unknown[]): unknown =>
    max().extract(values.reduce((kept, value) => max().add(kept as never, value as never, none), max().create() as unknown) as never, none);

  test("NaN comes after all numbers", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, NaN, -Infinity, Infinity, 7n, 8], { minLength: 1 }), (values) => {
        expect(most(values)).toBe(
          values.some(Number.isNaN) ? NaN : values.includes(Infinity) ? Infinity : values.toSorted((a, b) => (a < b ? -1 : 1)).at(-1),
        );
      }),
    );
  });

  test.each([
    [undefined, 1],
    ["a", NaN],
    [{}, {}],
  ])("%s and %s have no order", (a, b) => {
    expect(() => most([a, b])).toThrow("NO_ORDER");
  });

  test("whole numbers of both kinds are equals", () => {
    expect(most([1, 1n])).toBe(1);
    expect(most([1n, 1])).toBe(1n);
  });

  test("undefined and null can be kept like other elements", () => {
    const order = by((value: string | undefined) => value?.length ?? 9);
    const fn: AnyCombineFn = max(order);
    const kept = ["a", undefined, "bc"].reduce<unknown>((accumulator, value) => fn.add(accumulator, value, none), fn.create());
    expect(fn.extract(kept, none)).toBeUndefined();
    expect(fn.extract(fn.merge(fn.create(), kept), none)).toBeUndefined();
    const best = top(2, order);
    const both = ["a", undefined].reduce((accumulator, value) => best.add(accumulator, value, none), best.create());
    expect(best.extract(both, none)).toEqual([undefined, "a"]);
  });
});

describe("sample", () => {
  const chosen = (n: number, size: number, seed?: number): readonly number[] => {
    const fn = sample<number>(n, seed === undefined ? {} : { seed });
    return fn.extract(
      Array.from({ length: size }, (_, i) => i).reduce((drawn, i) => fn.add(drawn, i, none), fn.create()),
      none,
    );
  };

  test("is the same for the same seed, and another for another", () => {
    expect(chosen(5, 1_000)).toEqual(chosen(5, 1_000));
    expect(chosen(5, 1_000, 1)).toEqual(chosen(5, 1_000, 1));
    expect(chosen(5, 1_000, 1)).not.toEqual(chosen(5, 1_000));
  });

  test("gives each element the same chance, also when parts are merged", () => {
    const fn = sample<number>(2, { seed: 7 });
    const times = Array.from({ length: 10 }, () => 0);
    for (let round = 0; round < 20_000; round++) {
      const of = (...all: readonly number[]) => all.reduce((drawn, i) => fn.add(drawn, i, none), fn.create());
      for (const i of fn.extract(fn.merge(of(0, 1, 2, 3, 4, 5, 6), of(7, 8, 9)), none)) times[i]!++;
    }
    // 4,000 each, with a deviation of 57; five of those are as good as never exceeded.
    for (const n of times) expect(Math.abs(n - 4_000)).toBeLessThan(285);
  });
});

describe("several at once", () => {
  const items = [1, 2, 3].map((amount) => ({ user: `u${amount}`, amount, at: amount }));
  /** How many accumulators there are after all items were added. */
  const createdBy = (made: (counted: AnyCombineFn) => AnyCombineFn): number => {
    let created = 0;
    accumulated(made({ ...users, create: () => (created++, new Set<string>()) }), items);
    return created;
  };

  test("one that changes its accumulators needs no others", () => {
    expect(createdBy((counted) => combineFnOf("test", { counted, n: count(), some: orNone(max("amount")) }))).toBe(1);
    expect(createdBy((counted) => combineFnOf("test", { counted, users }))).toBe(1 + items.length);
  });

  test("what they give for no input is what each gives", () => {
    const described: AnyCombineFn = { ...users, empty: () => "nobody" };
    expect(emptyOf(combineFnOf("test", { described, n: count() }), none)).toEqual({ described: "nobody", n: 0 });
  });
});

test("what no input gives", () => {
  const empties = {
    n: count(),
    total: sum(),
    avg: mean(),
    most: max(),
    least: min(),
    last: latest(),
    tops: top(
      1,
      by((n: number) => n),
    ),
    some: sample(1),
  };
  expect(emptyOf(combineFnOf("test", empties), none)).toEqual({
    n: 0,
    total: 0,
    avg: NaN,
    most: undefined,
    least: undefined,
    last: undefined,
    tops: [],
    some: [],
  });
});

test("latest has to be told the time", () => {
  expect(() => latest().add(latest().create(), 1, none)).toThrow("NOT_SUPPORTED");
});
