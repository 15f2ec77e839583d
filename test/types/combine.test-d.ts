import { pipe } from "fp-ts/lib/function.js";
import {
  by,
  combineFn,
  combineGlobally,
  combinePerKey,
  count,
  filterMap,
  latest,
  map,
  max,
  mean,
  min,
  numberCoder,
  sample,
  stringCoder,
  sum,
  top,
  type CombineFn,
  type KV,
  type Order,
  type PCollection,
} from "millrace";
import { items, keyed, limit, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

// Several at once, their lambdas inferred.
is<PCollection<KV<string, { total: number; n: number; best: Item; avg: number; t: number; tops: readonly Item[] }>>>()(
  keyed.apply(
    "C",
    combinePerKey({
      total: sum((o) => o.amount),
      n: count(),
      best: max(by((o) => o.amount)),
      avg: mean((o) => o.amount),
      t: sum("amount"),
      tops: top(
        3,
        by((o) => o.at),
      ),
    }),
  ),
);
is<PCollection<KV<string, { most: number; who: string; first: Item; avg: number; last: Item }>>>()(
  keyed.apply(combinePerKey({ most: max("amount"), who: max("user"), first: min(by((o) => o.at)), avg: mean("amount"), last: latest() })),
);
is<PCollection<{ a: number; b: number }>>()(items.apply(combineGlobally({ a: count(), b: sum((o) => o.amount) })));
is<PCollection<number>>()(
  pipe(
    keyed,
    combinePerKey({ total: sum((o) => o.amount), n: count() }),
    map(([, { total, n }]) => total / n),
  ),
);

// One for each key, where there is always an input.
is<PCollection<KV<string, number>>>()(keyed.apply(combinePerKey(count())));
is<PCollection<KV<string, number>>>()(keyed.apply(combinePerKey(sum((o) => o.amount))));
is<PCollection<KV<string, number>>>()(rates.apply(combinePerKey(sum())));
is<PCollection<KV<string, number>>>()(rates.apply(combinePerKey(max())));
is<PCollection<KV<string, number>>>()(rates.apply(combinePerKey(mean())));
is<PCollection<KV<string, readonly Item[]>>>()(keyed.apply(combinePerKey(sample(3, { seed: 1 }))));
is<PCollection<KV<string, Item>>>()(keyed.apply(combinePerKey(max(by((o) => o.amount)), { fanout: (key) => key.length })));
is<PCollection<KV<string, number>>>()(keyed.apply(combinePerKey(max("amount"), { fanout: 3 })));

// Late elements under a name of one's own.
{
  const { main, late } = keyed.apply(combinePerKey({ n: count(), best: max(by((o) => o.amount)) }, { lateTo: "late" }));
  is<PCollection<KV<string, { n: number; best: Item }>>>()(main);
  is<PCollection<KV<string, Item>>>()(late);
  const spread = keyed.apply(combinePerKey(count(), { lateTo: "tooLate", fanout: 3 }));
  is<PCollection<KV<string, number>>>()(spread.main);
  is<PCollection<KV<string, Item>>>()(spread.tooLate);
}
// @ts-expect-error main is the other output
keyed.apply(combinePerKey(count(), { lateTo: "main" }));
// @ts-expect-error no such output
is<unknown>()(keyed.apply(combinePerKey(count(), { lateTo: "late" })).early);

// For all, where there may be none.
is<PCollection<Item | undefined>>()(items.apply(combineGlobally(max(by((o) => o.amount)))));
is<PCollection<Item>>()(items.apply("M", combineGlobally(max(by((o) => o.amount)), { defaults: false, fanout: 4 })));
is<PCollection<number | undefined>>()(items.apply(combineGlobally(max("amount"))));
is<PCollection<number | undefined>>()(limit.apply(combineGlobally(min())));
is<PCollection<Item | undefined>>()(items.apply(combineGlobally(latest())));
is<PCollection<number>>()(items.apply(combineGlobally(mean("amount"))));
is<PCollection<number>>()(limit.apply(combineGlobally(mean())));
is<PCollection<readonly Item[]>>()(
  items.apply(
    combineGlobally(
      top(
        3,
        by((o) => o.at),
      ),
    ),
  ),
);
is<PCollection<readonly Item[]>>()(items.apply(combineGlobally(sample(3))));
is<PCollection<{ best: Item | undefined; n: number; low: string | undefined }>>()(
  items.apply(combineGlobally({ best: max(by((o) => o.amount)), n: count(), low: min("user") })),
);
is<PCollection<{ best: Item; n: number; low: string }>>()(
  items.apply(combineGlobally({ best: max(by((o) => o.amount)), n: count(), low: min("user") }, { defaults: false })),
);
is<PCollection<number>>()(items.apply(combineGlobally(max("amount"))).apply(filterMap((n) => n)));

// Combiners of one's own.
const longest: CombineFn<string, number, number> = {
  name: "Longest",
  create: () => 0,
  add: (length, word) => Math.max(length, word.length),
  merge: Math.max,
  extract: (length) => length,
  accumulatorCoder: numberCoder,
};
is<PCollection<number>>()(words.apply(combineGlobally(longest)));
is<PCollection<{ l: number }>>()(words.apply(combineGlobally({ l: longest })));
is<PCollection<number>>()(
  words.apply(
    combineGlobally({
      name: "L",
      create: () => 0,
      add: (length: number, word) => Math.max(length, word.length),
      merge: (a, b) => a + b,
      extract: (length: number) => length,
    }),
  ),
);
is<PCollection<KV<string, number>>>()(
  keyed.apply(
    combinePerKey({
      name: "L",
      create: () => 0,
      add: (total: number, item) => total + item.amount,
      merge: (a, b) => a + b,
      extract: (total: number) => total,
    }),
  ),
);
is<PCollection<{ l: string | undefined; n: number }>>()(
  items.apply(
    combineGlobally({
      l: combineFn({
        name: "L",
        create: () => ({ n: 0 }),
        add: (total, item) => ({ n: total.n + item.amount }),
        merge: (a, b) => ({ n: a.n + b.n }),
        extract: (total) => String(total.n),
        empty: () => undefined,
      }),
      n: count(),
    }),
  ),
);
is<PCollection<number>>()(
  items.apply(
    combineGlobally(
      combineFn({
        name: "L",
        extract: (total) => total,
        add: (total, item) => total + item.amount,
        merge: (a, b) => a + b,
        create: () => 0,
      }),
    ),
  ),
);
is<PCollection<{ l: number; n: number }>>()(
  items.apply(
    combineGlobally({
      l: combineFn({
        name: "L",
        create: () => 0,
        add: (total, item) => total + item.amount,
        merge: (a, b) => a + b,
        extract: (total) => total,
      }),
      n: count(),
    }),
  ),
);
is<PCollection<{ first: number; n: number }>>()(
  items.apply(
    combineGlobally({
      first: combineFn({
        name: "F",
        create: () => Infinity,
        add: (first: number) => first,
        addAt: (first: number, _: Item, timestamp) => Math.min(first, timestamp),
        merge: Math.min,
        extract: (first: number) => first,
      }),
      n: count(),
    }),
  ),
);
const richest = <T>(order: Order<T>): CombineFn<T, T | undefined, T, undefined> => ({
  name: "R",
  create: () => undefined,
  add: (best, element) => (best !== undefined && order.compare(best, element) > 0 ? best : element),
  merge: (a, b) => a ?? b,
  extract: (best) => best as T,
});
is<PCollection<{ r: Item | undefined }>>()(items.apply(combineGlobally({ r: richest(by((o) => o.at)) })));
is<PCollection<KV<string, Item>>>()(keyed.apply(combinePerKey(richest(by((o) => o.at)))));

// @ts-expect-error a function that was not called
keyed.apply(combinePerKey(count));
// @ts-expect-error a function that was not called
items.apply(combineGlobally(count));
// @ts-expect-error a function
items.apply(combineGlobally(() => 3));
// @ts-expect-error a function that was not called
keyed.apply(combinePerKey({ n: count }));
// @ts-expect-error no such field
keyed.apply(combinePerKey(max("nothing")));
// @ts-expect-error an object has no order
items.apply(combineGlobally(max()));
// @ts-expect-error on empty input there is none
items.apply(combineGlobally(max(by((o) => o.amount)))).apply(map((o) => o.amount));
// @ts-expect-error defaults are for the global form
keyed.apply(combinePerKey(count(), { defaults: false }));
// @ts-expect-error a coder of other accumulators
({ ...longest, accumulatorCoder: stringCoder }) satisfies CombineFn<string, number, number>;
// @ts-expect-error no number
keyed.apply(combinePerKey({ t: sum("user") }));
// @ts-expect-error no such field
keyed.apply(combinePerKey({ t: sum((o) => o.amont) }));
// @ts-expect-error an object is no number
keyed.apply(combinePerKey(sum()));
// @ts-expect-error a key has no such method
keyed.apply(combinePerKey(count(), { fanout: (key) => key.toFixed() }));
