import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collect,
  combinePerKey,
  count,
  create,
  filter,
  fixedWindows,
  flatMap,
  groupByKey,
  keyBy,
  map,
  max,
  PipelineError,
  reshuffle,
  sum,
  windowInto,
  type Collected,
  type IntervalWindow,
  type KV,
  type PCollection,
  type Runner,
} from "millrace";
import { directRunner, type Cut } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { campaign } from "../io/support/campaign.ts";
import { comparableFailure, failureOf, withoutStacks } from "../support/stage-harness.ts";
import { element, type Grouped } from "../support/batches.ts";
import { outcomeOf, type Outcome } from "../support/step-tree-oracle.ts";
import { ROOT, stepTrees, treeElement, type Applied, type StepTree } from "../support/step-trees.ts";

const runners: readonly (readonly [string, (cut: Cut) => Runner])[] = [
  ["directRunner", directRunner],
  ["rxjsRunner", rxjsRunner],
];

const cuts: fc.Arbitrary<Cut> = fc.record(
  { partitions: fc.integer({ min: 1, max: 9 }), elementsPerBundle: fc.integer({ min: 1, max: 7 }), generatesCode: fc.boolean() },
  { requiredKeys: [], noNullPrototype: true },
);

/** A number at a time. */
interface Timed {
  readonly n: number;
  readonly at: number;
}
const input = fc.array(fc.record({ n: fc.nat(20), at: fc.integer({ min: -50, max: 50 }) }), { maxLength: 30 });

/** Links of a chain: what each does to a number, as a step and as a function of a list. */
const links = {
  double: { step: map((n: number) => n * 2), plain: (ns: readonly number[]) => ns.map((n) => n * 2) },
  odd: { step: filter((n: number) => n % 2 === 1), plain: (ns: readonly number[]) => ns.filter((n) => n % 2 === 1) },
  twice: { step: flatMap((n: number) => [n, n + 1]), plain: (ns: readonly number[]) => ns.flatMap((n) => [n, n + 1]) },
  upTo: {
    step: flatMap(function* (n: number) {
      for (let i = 0; i < n % 4; i++) yield i;
    }),
    plain: (ns: readonly number[]) => ns.flatMap((n) => [0, 1, 2].filter((i) => i < n % 4)),
  },
  spread: { step: reshuffle<number>(), plain: (ns: readonly number[]) => ns },
} as const;
const chain = fc.array(fc.constantFrom(...(Object.keys(links) as (keyof typeof links)[])), { maxLength: 4 });

/** What groups are made into: as a step of a pipeline, and by hand. */
const ends = {
  groupByKey: {
    apply: (pairs: PCollection<KV<unknown, number>>) =>
      pairs.apply(groupByKey()).apply(map(([key, values], ctx) => [startOf(ctx.window), key, [...values].toSorted(ascending)])),
    plain: (values: readonly number[]) => values.toSorted(ascending),
  },
  combinePerKey: {
    apply: (pairs: PCollection<KV<unknown, number>>) =>
      pairs
        .apply(combinePerKey({ total: sum(), n: count(), best: max() }))
        .apply(map(([key, { total, n, best }], ctx) => [startOf(ctx.window), key, total, n, best])),
    plain: (values: readonly number[]) => [values.reduce((a, b) => a + b), values.length, Math.max(...values)],
  },
} as const;
const startOf = (window: unknown): number => (window as IntervalWindow).start;
const ascending = (a: number, b: number): number => a - b;

/** Keys of several types, some of which look alike. */
const keyOf = (n: number): unknown => [n % 3, String(n % 3), null, { rest: n % 2 }][n % 4];

describe.each(runners)("under random cuts %s", (_, runner) => {
  test.each(Object.keys(ends) as (keyof typeof ends)[])("gives by %s what is worked out from scratch", async (end) => {
    await fc.assert(
      fc.asyncProperty(input, chain, fc.integer({ min: 1, max: 40 }), fc.boolean(), cuts, async (timed, names, size, keysFirst, cut) => {
        let results!: Collected<unknown>;
        const result = await runner(cut).run((p) => {
          let numbers: PCollection<number> = p
            .apply("Timed", create(timed, { timestampOf: ({ at }) => at }))
            .apply(map(({ n }: Timed) => n));
          for (const name of names) numbers = numbers.apply(links[name].step);
          const windows = fixedWindows(size);
          const pairs: PCollection<KV<unknown, number>> = keysFirst
            ? numbers.apply(keyBy(keyOf)).apply(windowInto(windows))
            : numbers.apply(windowInto(windows)).apply(keyBy(keyOf));
          results = ends[end].apply(pairs).apply(collect());
        });
        expect(result.state).toBe("DONE");

        const groups = new Map<string, { readonly start: number; readonly key: unknown; readonly values: number[] }>();
        for (const { n, at } of timed) {
          const start = Math.floor(at / size) * size;
          for (const value of names.reduce<readonly number[]>((ns, name) => links[name].plain(ns), [n])) {
            const key = keyOf(value);
            const name = JSON.stringify([start, key]);
            groups.set(name, { start, key, values: [...(groups.get(name)?.values ?? []), value] });
          }
        }
        const expected = [...groups.values()].map(({ start, key, values }) => [
          start,
          key,
          ...(end === "groupByKey" ? [ends[end].plain(values)] : ends[end].plain(values)),
        ]);
        expect(texts(result.collected(results))).toEqual(texts(expected));
      }),
      campaign(120),
    );
  });

  test("groups what groups have given, and none of it is late", async () => {
    await fc.assert(
      fc.asyncProperty(input, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 }), cuts, async (timed, small, large, cut) => {
        let results!: Collected<unknown>;
        const result = await runner(cut).run((p) => {
          const counts = p
            .apply("Timed", create(timed, { timestampOf: ({ at }) => at }))
            .apply("Small", windowInto(fixedWindows(small)))
            .apply(
              "SmallKey",
              keyBy(({ n }) => n % 2),
            )
            .apply("Count", combinePerKey(count()));
          results = counts
            .apply("Large", windowInto(fixedWindows(large)))
            .apply(
              "LargeKey",
              keyBy(() => "all"),
            )
            .apply("Group", groupByKey())
            .apply(map(([, values], ctx) => [startOf(ctx.window), [...values].map(([, n]) => n).toSorted(ascending)]))
            .apply(collect());
        });

        const counts = new Map<string, { readonly end: number; n: number }>();
        for (const { n, at } of timed) {
          const end = Math.floor(at / small) * small + small - 1;
          const name = `${end} ${n % 2}`;
          counts.set(name, { end, n: (counts.get(name)?.n ?? 0) + 1 });
        }
        const byWindow = new Map<number, number[]>();
        for (const { end, n } of counts.values()) {
          const start = Math.floor(end / large) * large;
          byWindow.set(start, [...(byWindow.get(start) ?? []), n]);
        }
        expect(texts(result.collected(results))).toEqual(texts([...byWindow].map(([start, ns]) => [start, ns.toSorted(ascending)])));
        expect(result.metrics({ name: "dropped_late" }).filter(({ committed }) => committed !== 0)).toEqual([]);
      }),
      campaign(100),
    );
  });

  test("gives for a tree of steps what the tree means, or fails where it fails", async () => {
    const timed = fc.array(fc.record({ value: treeElement, at: fc.nat(30) }), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(stepTrees(), timed, cuts, async (tree, values, cut) => {
        // One by one, since which of several that fail comes first depends on the cut; and none at all.
        const each = [outcomeOf(tree, []), ...values.map(({ value, at }) => outcomeOf(tree, [element(value, at)]))];
        const expected = each.flatMap(({ failed }) => failed ?? []);
        const found = await resultOf(runner(cut), tree, values);
        const isOrdered = (cut.partitions ?? 1) === 1;
        const whole = () => ({ collected: union(each, "collected"), grouped: union(each, "grouped", groups) });
        // Where several elements fail, several partitions may come upon any of them first.
        const possible = expected.length === 0 ? [whole()] : (isOrdered ? expected.slice(0, 1) : expected).map(comparableFailure);
        expect(possible).toContainEqual(found);
      }),
      campaign(120),
    );
  });
});

/** What a run of a tree leaves: what was collected, by name, as texts; or why it failed. */
async function resultOf(
  runner: Runner,
  tree: StepTree,
  values: readonly { readonly value: unknown; readonly at: number }[],
): Promise<unknown> {
  let applied!: Applied;
  try {
    const result = await runner.run((p) => {
      const timed = p.apply("Timed", create(values, { timestampOf: ({ at }) => at }));
      applied = tree.apply(
        timed.apply(
          ROOT,
          map(({ value }) => value),
        ),
      );
    });
    return {
      collected: mapValues(applied.collected, (handle) => texts(result.collected(handle))),
      grouped: mapValues(applied.grouped, (handle) => texts(result.collected(handle).map(([key, list]) => [key, texts([...list])]))),
    };
  } catch (error) {
    if (error instanceof PipelineError) return comparableFailure(failureOf(error));
    throw error;
  }
}

/** What all elements leave together. */
function union(
  outcomes: readonly Outcome[],
  kind: "collected" | "grouped",
  of: (elements: readonly Grouped[]) => readonly unknown[] = valuesOf,
): Record<string, readonly string[]> {
  const names = Object.keys(outcomes[0]![kind]);
  return Object.fromEntries(names.map((name) => [name, texts(of(outcomes.flatMap((outcome) => outcome[kind][name]!)))]));
}

const valuesOf = (elements: readonly Grouped[]): readonly unknown[] => elements.map(({ value }) => value);

function groups(elements: readonly Grouped[]): readonly unknown[] {
  const found = new Map<string, { readonly key: unknown; readonly values: unknown[] }>();
  for (const { value, windows } of elements) {
    const [key, own] = value as readonly [unknown, unknown];
    for (const window of windows) {
      const name = JSON.stringify([window, key]);
      const group = found.get(name) ?? { key, values: [] };
      group.values.push(own);
      found.set(name, group);
    }
  }
  return [...found.values()].map(({ key, values }) => [key, texts(values)]);
}

/** Values in an order that does not depend on how they came; `undefined` is told from `null`. */
const texts = (values: readonly unknown[]): readonly string[] =>
  values.map((value) => JSON.stringify(withoutStacks(value), (_, part: unknown) => (part === undefined ? "undefined" : part))).toSorted();

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
