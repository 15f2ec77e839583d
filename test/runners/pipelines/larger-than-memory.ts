import {
  coGroupByKey,
  collect,
  combinePerKey,
  count,
  create,
  definePipeline,
  distinct,
  fixedWindows,
  flatMap,
  fullJoin,
  groupByKey,
  innerJoin,
  kvCoder,
  leftJoin,
  map,
  mean,
  slidingWindows,
  sum,
  stringCoder,
  structuralCoder,
  windowInto,
  withCoder,
  withTimestamps,
  type Coder,
  type Collected,
  type KV,
  type PCollection,
} from "millrace";

/** What an element is made of: which key it has, and what it is worth. */
type Row = readonly [key: number, value: number];

/** Keys that a careless engine would take for others, or not find again. */
const keys: readonly unknown[] = [
  "1",
  1,
  1n,
  true,
  "true",
  0,
  -0,
  NaN,
  null,
  undefined,
  "",
  0.1,
  { a: 1, b: [2, "x"] },
  { b: [2, "x"], a: 1 },
  [1],
  ["1"],
  new Date(5),
  "half a pair \ud800",
  "é",
];

const keyAt = (place: number): unknown => (place < keys.length ? keys[place] : `key ${place}`);

/** A key that is equal to others in its own way. */
class Name {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const nameCoder: Coder<Name> = {
  name: "name",
  deterministic: true,
  encode: ({ text }) => stringCoder.encode(text.toLowerCase()),
  decode(bytes) {
    const answer = stringCoder.decode(bytes);
    return answer._tag === "Left" ? answer : { _tag: "Right", right: new Name(answer.right) };
  },
};

type Pairs = PCollection<KV<unknown, number>>;

const sorted = (values: Iterable<number>): readonly number[] => [...values].toSorted((a, b) => a - b);

/** Values twice, so that those who can be gone through only once are found. */
const twice = ([key, values]: KV<unknown, Iterable<number>>): unknown => [key, sorted(values), sorted(values)];

const other = (pairs: Pairs): Pairs =>
  pairs.apply(
    "Other",
    flatMap(([key, n]) => (n % 3 === 0 ? [[key, n + 1] as const] : [])),
  );

/** What is done with pairs, by name; all of it ends in a grouping. */
export const kinds = {
  "groupByKey": (pairs: Pairs) => pairs.apply(groupByKey()).apply(map(twice)),
  "groupByKey, fixed windows": (pairs: Pairs) => pairs.pipe(windowInto(fixedWindows(100)), groupByKey(), map(twice)),
  "groupByKey, sliding windows": (pairs: Pairs) => pairs.pipe(windowInto(slidingWindows(100, 50)), groupByKey(), map(twice)),
  "groupByKey, a key coder of its own": (pairs: Pairs) =>
    pairs.pipe(
      map(([key, n]): KV<Name, number> => [new Name(`${n % 2 === 0 ? "N" : "n"} ${String(key)}`), n]),
      withCoder(kvCoder(nameCoder, structuralCoder)),
      groupByKey(),
      map(([{ text }, values]) => [text.toLowerCase(), sorted(values)]),
    ),
  "coGroupByKey": (pairs: Pairs) =>
    coGroupByKey({ a: pairs, b: other(pairs) }).apply(map(([key, { a, b }]) => [key, sorted(a), sorted(b)] as unknown)),
  "innerJoin": (pairs: Pairs) => pairs.apply(innerJoin(other(pairs))).apply(map((pair): unknown => pair)),
  "leftJoin": (pairs: Pairs) => pairs.apply(leftJoin(other(pairs))).apply(map((pair): unknown => pair)),
  "fullJoin": (pairs: Pairs) =>
    other(pairs)
      .apply(fullJoin(pairs))
      .apply(map((pair): unknown => pair)),
  "distinct": (pairs: Pairs) =>
    pairs.pipe(
      map(([key, n]) => [key, n % 5] as unknown),
      distinct(),
    ),
  "count": (pairs: Pairs) =>
    pairs.pipe(
      combinePerKey(count()),
      map((pair): unknown => pair),
    ),
  "sum, sliding windows": (pairs: Pairs) =>
    pairs.pipe(
      windowInto(slidingWindows(100, 50)),
      combinePerKey(sum()),
      map((pair): unknown => pair),
    ),
  "mean": (pairs: Pairs) =>
    pairs.pipe(
      combinePerKey(mean()),
      map((pair): unknown => pair),
    ),
} satisfies Record<string, (pairs: Pairs) => PCollection<unknown>>;

let handle: Collected<unknown> | undefined;

/** What the build of this thread collects. */
export const collectedAtLast = (): Collected<unknown> => handle!;

/** Something that ends in a grouping, of the rows that are given. */
export default definePipeline(
  import.meta.url,
  { options: { kind: { type: "string", required: true }, rows: { type: "string", required: true } } },
  (p, { kind, rows }) => {
    const elements = p.apply(create(JSON.parse(rows) as readonly Row[]));
    const pairs: Pairs = elements.pipe(
      withTimestamps(([, n]) => n),
      map(([place, n]): KV<unknown, number> => [keyAt(place), n]),
    );
    handle = kinds[kind as keyof typeof kinds](pairs).apply(collect());
  },
);
