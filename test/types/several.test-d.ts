import {
  asSingleton,
  coGroupByKey,
  flatten,
  fullJoin,
  groupByKey,
  innerJoin,
  leftJoin,
  partition,
  rightJoin,
  tableJoin,
  splitBy,
  type KV,
  type PCollection,
} from "millrace";
import { byNumber, items, keyed, limit, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<KV<string, { readonly a: Iterable<Item>; readonly b: Iterable<number> }>>>()(coGroupByKey({ a: keyed, b: rates }));
is<PCollection<KV<string, { readonly a: Iterable<Item>; readonly b: Iterable<number> }>>>()(coGroupByKey("N", { a: keyed, b: rates }));
// @ts-expect-error keys differ
coGroupByKey({ a: keyed, b: byNumber });

is<PCollection<KV<string, readonly [Item, number]>>>()(keyed.apply("J", innerJoin(rates)));
is<PCollection<KV<string, readonly [Item, number | undefined]>>>()(keyed.apply("J", leftJoin(rates)));
is<PCollection<KV<string, readonly [Item | undefined, number]>>>()(keyed.apply("J", rightJoin(rates)));
is<PCollection<KV<string, readonly [Item, number] | readonly [Item, undefined] | readonly [undefined, number]>>>()(
  keyed.apply("J", fullJoin(rates)),
);
// @ts-expect-error keys differ
keyed.apply(innerJoin(byNumber));

is<PCollection<KV<string, Iterable<Item>>>>()(keyed.apply(groupByKey()));
// @ts-expect-error nothing to read where it was not asked for
is<unknown>()(keyed.apply(groupByKey()).late);

{
  const { main, tooLate } = keyed.apply("G", groupByKey({ lateTo: "tooLate" }));
  is<PCollection<KV<string, Iterable<Item>>>>()(main);
  is<PCollection<KV<string, Item>>>()(tooLate);
}
// @ts-expect-error main is the other output
keyed.apply(groupByKey({ lateTo: "main" }));
// @ts-expect-error no such output
is<unknown>()(keyed.apply(groupByKey({ lateTo: "late" })).early);
// @ts-expect-error a grouping of several inputs has none
coGroupByKey({ a: keyed, b: rates }, { lateTo: "late" });

is<PCollection<string>>()(flatten([words, words]));
is<PCollection<string | number>>()(flatten([words, limit]));
is<PCollection<string | number>>()(flatten({ a: words, b: limit }));
is<PCollection<string | number>>()(flatten("Both", [words, limit]));

{
  const [even, odd] = words.apply(partition(2, (word) => word.length % 2));
  is<PCollection<string>>()(even);
  is<PCollection<string>>()(odd);
  const parts = words.apply(partition(words.name.length, (word) => word.length));
  is<readonly PCollection<string>[]>()(parts);
}
// @ts-expect-error two parts only
is<unknown>()(words.apply(partition(2, (word) => word.length % 2))[2]);

{
  const { small, big } = items.apply(splitBy(["small", "big"], (item) => (item.amount < 3 ? "small" : "big")));
  is<PCollection<Item>>()(small);
  is<PCollection<Item>>()(big);
}
{
  const sideInputs = { limit: asSingleton(limit) };
  const [low, high] = items.apply(partition(2, (item, ctx) => (item.amount < ctx.sideInputs.limit ? 0 : 1), { sideInputs }));
  is<PCollection<Item>>()(low);
  is<PCollection<Item>>()(high);
  const { small, big } = items.apply(
    splitBy(["small", "big"], (item, ctx) => (item.amount < ctx.sideInputs.limit + ctx.timestamp ? "small" : "big"), { sideInputs }),
  );
  is<PCollection<Item>>()(small);
  is<PCollection<Item>>()(big);
  // @ts-expect-error no such side input
  items.apply(partition(2, (item, ctx) => (item.amount < ctx.sideInputs.most ? 0 : 1), { sideInputs }));
  // @ts-expect-error a side input that was not passed
  items.apply(splitBy(["small", "big"], (item, ctx) => (item.amount < ctx.sideInputs.limit ? "small" : "big")));
}
// @ts-expect-error no such tag
items.apply(splitBy(["small", "big"], (item) => (item.amount < 3 ? "small" : "huge")));

// Joins as they come, and with a table.
is<PCollection<KV<string, readonly [Item, number]>>>()(keyed.apply("J", innerJoin(rates, { emit: "asTheyCome" })));
is<PCollection<KV<string, readonly [Item, number | undefined]>>>()(keyed.apply("J", tableJoin(rates)));
is<PCollection<KV<string, readonly [Item, number | undefined]>>>()(keyed.apply("J", tableJoin(rates, { unmatched: "keep" })));
is<PCollection<KV<string, readonly [Item, number]>>>()(keyed.apply("J", tableJoin(rates, { unmatched: "drop" })));
// @ts-expect-error the keys differ
keyed.apply(tableJoin(byNumber));
// @ts-expect-error there is no such moment
keyed.apply("J", innerJoin(rates, { emit: "never" }));
