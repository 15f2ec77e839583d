/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  by,
  combineFn,
  combineGlobally,
  combinePerKey,
  combiningState,
  count,
  filter,
  flatMap,
  map,
  max,
  output,
  parDo,
  sum,
  withExceptionHandling,
  type CombineContext,
  type CombineFn,
  type KV,
  type PCollection,
  type SideInput,
} from "millrace";
import { items, keyed, limit, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

// What a collection is read as.
is<SideInput<number>>()(asSingleton(limit));
is<SideInput<number>>()(asSingleton(limit, { default: 0 }));
is<SideInput<number | undefined>>()(asSingleton<number | undefined>(limit, { default: undefined }));
is<SideInput<Iterable<string>>>()(asIterable(words));
is<SideInput<readonly string[]>>()(asList(words));
is<SideInput<ReadonlyMap<string, number>>>()(asMap(rates));
is<SideInput<ReadonlyMap<string, Iterable<number>>>>()(asMultimap(rates));
// @ts-expect-error no pairs
asMap(words);
// @ts-expect-error no pairs
asMultimap(items);
// @ts-expect-error a default of another type
asSingleton(limit, { default: "0" });

// Steps of elements.
is<PCollection<number>>()(
  items.apply(
    map((i, { sideInputs }) => i.amount * (sideInputs.rates.get(i.user) ?? 1) + sideInputs.limit, {
      sideInputs: { rates: asMap(rates), limit: asSingleton(limit) },
    }),
  ),
);
is<PCollection<Item>>()(
  items.apply(filter((i, { sideInputs }) => i.amount < sideInputs.limit, { sideInputs: { limit: asSingleton(limit) } })),
);
is<PCollection<string>>()(items.apply(flatMap((_, { sideInputs }) => sideInputs.all, { sideInputs: { all: asList(words) } })));
is<PCollection<number>>()(
  items.apply(
    withExceptionHandling(
      map((i, { sideInputs }) => i.amount + sideInputs.limit, { sideInputs: { limit: asSingleton(limit) } }),
      { then: "skip" },
    ),
  ),
);
is<PCollection<KV<string, number>>>()(
  keyed.apply(
    parDo({
      sideInputs: { rates: asMap(rates), limit: asSingleton(limit), all: asIterable(words) },
      process([user, item], ctx) {
        is<number>()(ctx.sideInputs.limit);
        is<ReadonlyMap<string, number>>()(ctx.sideInputs.rates);
        is<Iterable<string>>()(ctx.sideInputs.all);
        ctx.output([user, item.amount]);
        // @ts-expect-error no such side input
        void ctx.sideInputs.nothing;
      },
      output: output<KV<string, number>>(),
    }),
  ),
);
// @ts-expect-error no such side input
items.apply(map((i, ctx) => ctx.sideInputs.other, { sideInputs: { limit: asSingleton(limit) } }));
// @ts-expect-error a side input that is not passed
items.apply(map((i, ctx) => i.amount + ctx.sideInputs.limit));
// @ts-expect-error a collection is no side input
items.apply(map((i) => i.amount, { sideInputs: { limit } }));

// Combiners.
is<PCollection<KV<string, number>>>()(
  keyed.apply(
    combinePerKey(
      {
        name: "C",
        create: () => 0,
        add: (total: number, item, ctx) => total + item.amount * ctx.sideInputs.limit,
        merge: (a, b) => a + b,
        extract: (total: number) => total,
      },
      { sideInputs: { limit: asSingleton(limit) } },
    ),
  ),
);
is<PCollection<number>>()(
  items.apply(
    combineGlobally(
      {
        name: "C",
        create: () => 0,
        add: (total: number, item) => total + item.amount,
        merge: (a, b) => a + b,
        extract: (total: number, ctx) => total / ctx.sideInputs.limit,
      },
      { sideInputs: { limit: asSingleton(limit) }, fanout: 3 },
    ),
  ),
);
is<PCollection<KV<string, { l: number }>>>()(
  keyed.apply(
    combinePerKey(
      {
        l: combineFn({
          name: "L",
          create: () => 0,
          add: (total, item, ctx: CombineContext<{ limit: number }>) => total + item.amount * ctx.sideInputs.limit,
          merge: (a, b) => a + b,
          extract: (total) => total,
        }),
      },
      { sideInputs: { limit: asSingleton(limit) } },
    ),
  ),
);
is<CombineFn<Item, number, number, number, { limit: number }>>()(
  combineFn({
    name: "L",
    create: () => 0,
    add: (total: number, item: Item, ctx: CombineContext<{ limit: number }>) => total + item.amount * ctx.sideInputs.limit,
    merge: (a, b) => a + b,
    extract: (total) => total,
  }),
);
// One that reads nothing goes with those that do.
is<PCollection<{ n: number; best: Item }>>()(
  items.apply(
    combineGlobally({ n: count(), best: max(by((i) => i.amount)) }, { sideInputs: { limit: asSingleton(limit) }, defaults: false }),
  ),
);
is<PCollection<KV<string, number>>>()(
  keyed.apply(
    combinePerKey(
      sum((i) => i.amount),
      { sideInputs: { limit: asSingleton(limit) } },
    ),
  ),
);
{
  const { main, late } = keyed.apply(combinePerKey(count(), { lateTo: "late", sideInputs: { limit: asSingleton(limit) } }));
  is<PCollection<KV<string, number>>>()(main);
  is<PCollection<KV<string, Item>>>()(late);
}
declare const limited: CombineFn<Item, number, number, number, { limit: number }>;
// @ts-expect-error a side input that is not passed
keyed.apply(combinePerKey(limited));
// @ts-expect-error another one is passed
keyed.apply(combinePerKey(limited, { sideInputs: { other: asSingleton(limit) } }));
// @ts-expect-error one of another type is passed
keyed.apply(combinePerKey(limited, { sideInputs: { limit: asList(limit) } }));
// @ts-expect-error a state has no side inputs
combiningState(limited);
keyed.apply(
  combinePerKey({
    name: "C",
    create: () => 0,
    // @ts-expect-error a side input that is not passed
    add: (total: number, _, ctx) => total + ctx.sideInputs.limit,
    merge: (a, b) => a + b,
    extract: (total: number) => total,
  }),
);
// @ts-expect-error the same in an object
keyed.apply(combinePerKey({ limited }));
