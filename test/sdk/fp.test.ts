import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import type { Eq } from "fp-ts/lib/Eq.js";
import * as N from "fp-ts/lib/number.js";
import * as O from "fp-ts/lib/Option.js";
import * as S from "fp-ts/lib/string.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { expect, test } from "vitest";
import {
  combineGlobally,
  combinePerKey,
  create,
  map,
  max,
  min,
  top,
  withExceptionHandling,
  writeTo,
  type CombineFn,
  type KV,
} from "../../sdk/index.ts";
import {
  byOrd,
  combineMonoid,
  combineSemigroup,
  compact,
  distinctByEq,
  filterMapOption,
  mapTaskEither,
  orNone,
  separate,
  sinkOfTaskEither,
} from "../../sdk/fp/index.ts";
import { NO_SIDE_INPUTS } from "../../sdk/combine/combine-fn.ts";
import { evaluate, valuesOf } from "./support/evaluate.ts";
import { graphOf, linesOf } from "./support/graph.ts";

// The laws of the combiners are with those of all others.

test("a monoid combines elements, or parts of them", async () => {
  const found = await evaluate((p) => ({
    sum: p.apply("A", create([1, 2, 3])).apply("Sum", combineGlobally(combineMonoid(N.MonoidSum))),
    product: p.apply("B", create<KV<string, number>>([["a", 2], ["a", 5]])).apply("Product", combinePerKey(combineMonoid(N.MonoidProduct))),
    lengths: p.apply("C", create(["to", "be"])).apply("Lengths", combineGlobally(combineMonoid(N.MonoidSum, (word) => word.length))),
    longest: p.apply("D", create(["to", "not"])).apply("Longest", combineGlobally(combineSemigroup({ concat: Math.max }, (word) => word.length))),
  })); // prettier-ignore
  expect(found).toEqual({ sum: [6], product: [["a", 10]], lengths: [4], longest: [3] });
});

test("an Ord orders elements, or parts of them, as a sort would", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { minLength: 1 }), (words) => {
      const result = <Acc, Out>({ create: begin, add, extract }: CombineFn<string, Acc, Out, unknown>): Out => {
        const all = words.reduce((kept, word) => add(kept, word, NO_SIDE_INPUTS), begin());
        return extract(all, NO_SIDE_INPUTS);
      };
      const sorted = words.toSorted(S.Ord.compare);
      expect(result(max(byOrd(S.Ord)))).toBe(sorted.at(-1));
      expect(result(min(byOrd(S.Ord)))).toBe(sorted[0]);
      expect(result(top(3, byOrd(S.Ord)))).toEqual(sorted.toReversed().slice(0, 3));
      expect(result(max(byOrd(N.Ord, S.size))).length).toBe(Math.max(...words.map(S.size)));
    }),
  );
});

test("an Eq says which elements are the same, within the key that they have in common", async () => {
  const caseless: Eq<string> = { equals: (a, b) => a.toLowerCase() === b.toLowerCase() };
  const words = ["To", "be", "to", "BE", "or"];
  const found = await evaluate((p) => ({
    all: p.apply("A", create(words)).apply("All", distinctByEq(caseless)),
    byLength: p.apply("B", create(words)).apply("ByLength", distinctByEq(caseless, S.size)),
    byFirst: p.apply("C", create(words)).apply(
      "ByFirst",
      distinctByEq(caseless, (word) => word[0]),
    ),
  }));
  expect(found.all).toEqual(["To", "be", "or"]);
  expect(found.byLength).toEqual(["To", "be", "or"]);
  expect(new Set(found.byFirst)).toEqual(new Set(words));
});

test("filterMapOption leaves out none, and keeps some(undefined)", async () => {
  const given = [1, 2, 3];
  const f = (n: number): O.Option<string | undefined> => (n === 1 ? O.none : O.some(n === 2 ? undefined : "c"));
  expect(await valuesOf((p) => p.apply(create(given)).apply(filterMapOption(f)))).toEqual([undefined, "c"]);
  expect(await valuesOf((p) => p.apply(create(given.map(f))).apply(compact()))).toEqual([undefined, "c"]);
});

test("orNone tells an empty input from a value", async () => {
  expect(await valuesOf((p) => p.apply(create([1, 4])).apply(combineGlobally(orNone(max()))))).toEqual([O.some(4)]);
  expect(orNone(max()).empty?.()).toEqual(O.none);
});

test("separate and mapTaskEither send right and left apart", async () => {
  const half = (n: number): E.Either<string, number> => (n % 2 === 0 ? E.right(n / 2) : E.left(`${n} is odd`));
  const found = await evaluate((p) => p.apply(create([4, 5].map(half))).apply(separate()));
  expect(found).toEqual({ right: [2], left: ["5 is odd"] });
  const run = await evaluate((p) => p.apply(create([4, 5])).apply(mapTaskEither((n) => TE.fromEither(half(n)), { concurrency: 2 })));
  expect(run).toEqual({ right: [2], left: ["5 is odd"] });
});

test("steps of fp have names of their own, and may have a failure policy where they are one step", () => {
  const policy = { then: "skip" } as const;
  const graph = graphOf((p) => {
    const options = p.apply(create<O.Option<number>>([O.some(1)]));
    options.apply(
      withExceptionHandling(
        filterMapOption((option) => option),
        policy,
      ),
    );
    options.apply(withExceptionHandling(compact(), policy));
    options.apply(map((): E.Either<string, number> => E.right(1))).apply(withExceptionHandling(separate(), policy));
  });
  expect(linesOf(graph).map((line) => line.split(" → ")[0])).toEqual([
    "Create: composite ",
    "FilterMapOption: flatMap Create/Read",
    "Compact: flatMap Create/Read",
    "Map: map Create/Read",
    "Separate: route Map",
  ]);
});

test("a sink of tasks opens, writes, finishes and commits", async () => {
  const written: string[] = [];
  const sink = sinkOfTaskEither<string, Error, number>({
    name: "Rows",
    shards: 2,
    open: ({ shard }) =>
      TE.right({
        write: (rows) => TE.fromIO(() => void written.push(...rows)),
        finish: TE.fromIO(() => shard + written.length),
      }),
    commit: (staged) => TE.fromIO(() => void written.push(`committed ${staged.join()}`)),
  });
  const writer = await sink.open({ shard: 1, epoch: 0, signal: new AbortController().signal });
  await writer.write(["a", "b"]);
  await sink.commit([await writer.finish()]);
  expect(written).toEqual(["a", "b", "committed 3"]);
  expect(sink).toMatchObject({ name: "Rows", shards: 2 });
  expect(linesOf(graphOf((p) => void p.apply(create(["a"])).apply(writeTo(sink)))).at(-1)).toBe("Rows: sink Create/Read → Rows");
});

test("what is left of a sink's task is thrown", async () => {
  const failing = (left: unknown) => sinkOfTaskEither({ name: "Rows", open: () => TE.left(left), commit: () => TE.left(left) });
  const full = new Error("disk full");
  await expect(failing(full).commit([])).rejects.toBe(full);
  await expect(failing({ code: 507 }).open({ shard: 0, epoch: 0, signal: new AbortController().signal })).rejects.toMatchObject({
    message: '{"code":507}',
    cause: { code: 507 },
  });
});
