import * as E from "fp-ts/lib/Either.js";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  asyncMap,
  combineGlobally,
  countPerElement,
  create,
  distinct,
  filter,
  filterMap,
  flatMap,
  generate,
  groupByKey,
  keyBy,
  keys,
  log,
  map,
  mapEither,
  numberCoder,
  ptransform,
  reify,
  reshuffle,
  sum,
  swapKv,
  tap,
  values,
  withKeys,
  withTimestamps,
  type ElementContext,
  type KV,
  type PCollection,
} from "millrace";
import { items, keyed, p, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<number>>()(words.apply(map((word) => word.length)));
is<PCollection<number>>()(
  words.apply(
    "L",
    map((word) => word.length),
  ),
);
is<PCollection<number>>()(
  words.pipe(
    map((word) => word.trim()),
    filter((word) => word !== ""),
    map((word) => word.length),
  ),
);
is<PCollection<number>>()(
  pipe(
    words,
    map((word) => word.trim()),
    filter((word) => word !== ""),
    map((word) => word.length),
  ),
);
const lengths = flow(
  map((word: string) => word.trim()),
  map((word) => word.length),
);
is<PCollection<number>>()(words.apply(lengths));
const found = words
  .apply(
    "a",
    flatMap((line) => line.match(/x/g) ?? []),
  )
  .apply("b", countPerElement());
is<PCollection<KV<string, number>>>()(found);
is<PCollection<string>>()(found.apply(map(([word, n]) => `${word} ${n.toFixed()}`)));

// The context comes with the element.
is<PCollection<number>>()(items.apply(map((item, ctx) => item.amount + ctx.timestamp)));
is<PCollection<number>>()(words.apply(map((word, ctx) => word.length + ctx.processingTime + (ctx.pane.isLast ? 1 : 0))));
is<PCollection<Item>>()(items.apply(filter((item, ctx) => item.at < ctx.window.maxTimestamp)));
is<PCollection<number>>()(items.apply(flatMap((item, ctx) => [item.amount, ctx.timestamp])));
words.apply(tap((word, ctx) => (is<string>()(word), is<ElementContext>()(ctx))));
words.apply(map((_, ctx) => is<unknown>()(ctx.options["input"])));

is<PCollection<"a">>()(words.apply(filter((word): word is "a" => word === "a")));
is<PCollection<number>>()(words.apply(filterMap((word) => (word === "" ? undefined : word.length))));
is<PCollection<number>>()(words.apply(asyncMap(async (word) => word.length, { concurrency: 4 })));
is<PCollection<number>>()(
  words.apply(
    asyncMap(async (word, { signal }) => (is<AbortSignal>()(signal), word.length), { concurrency: 4, timeout: 5, ordered: true }),
  ),
);
is<PCollection<KV<string, Item>>>()(items.apply(keyBy((item) => item.user)));
is<PCollection<KV<number, Item>>>()(items.apply(withKeys(3)));
is<PCollection<Item>>()(items.apply(withTimestamps((item) => item.at)));
is<PCollection<Item>>()(items.apply(withTimestamps((item) => item.at, { allowedSkew: 5 })));
is<PCollection<string>>()(
  items.apply(reify()).apply(map((reified) => reified.value.user + reified.window.maxTimestamp + reified.pane.index)),
);
is<PCollection<KV<Item, string>>>()(keyed.apply(swapKv()));
is<PCollection<Item>>()(keyed.apply(values()));
is<PCollection<string>>()(keyed.apply(keys()));
is<PCollection<number>>()(
  keyed.pipe(
    values(),
    map((item) => item.amount),
  ),
);
is<PCollection<number>>()(
  keyed.pipe(
    reshuffle(),
    groupByKey(),
    map(([, group]) => [...group].length),
  ),
);
is<PCollection<Item>>()(items.apply(distinct()));
is<PCollection<Item>>()(items.apply(distinct((item) => item.user)));
is<PCollection<number>>()(
  words.pipe(
    tap((word) => word.trim()),
    log({ textOf: (word) => word.trim() }),
    map((word) => word.length),
  ),
);
is<PCollection<number>>()(p.apply(generate({ count: 3 })));
is<PCollection<string>>()(p.apply("G", generate({ count: 3, value: (i) => i.toFixed(), timestampOf: (i) => i })));
is<PCollection<1 | 2>>()(p.apply(create<1 | 2>([1, 2])));
{
  const { right, left } = words.apply(mapEither((word) => (word === "" ? E.left({ bad: word }) : E.right(word.length))));
  is<PCollection<number>>()(right);
  is<PCollection<{ bad: string }>>()(left);
}

// @ts-expect-error a promise from map
words.apply(map(async (word) => word.length));
// @ts-expect-error wrong wiring
items.apply(map((word: string) => word.length));
// @ts-expect-error no pairs
words.apply(keys());
const amountOf = (item: Item) => item.amount;
const lengthOf = (word: string) => word.length;
// @ts-expect-error wrong wiring
items.pipe(map(amountOf), map(lengthOf));
// @ts-expect-error wrong wiring
pipe(items, map(amountOf), map(lengthOf));
// @ts-expect-error wrong wiring
items.apply(combineGlobally(sum((x: number) => x)));
// @ts-expect-error asyncMap has to be told how much at once
words.apply(asyncMap(async (word) => word.length));
// @ts-expect-error a count of another type
p.apply(generate({ count: "3" }));
// @ts-expect-error a coder of other elements
p.apply(generate({ count: 3, value: (i) => i.toFixed(), coder: numberCoder }));

export const countWords = ptransform("CountWords", (lines: PCollection<string>) =>
  lines
    .apply(
      "S",
      flatMap((line) => line.split(" ")),
    )
    .apply(countPerElement()),
);
is<PCollection<KV<string, number>>>()(words.apply(countWords));
export const takesLess = (elements: PCollection<{ readonly amount: number }>) => elements.apply(map((element) => element.amount));
is<PCollection<number>>()(items.apply(takesLess));
