import type { KV, PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { coGroupByKey } from "../../../sdk/transforms/co-group-by-key.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { caseModule } from "../case-module.ts";
import { sorted } from "./support.ts";

type Sides = Readonly<Record<string, Iterable<string>>>;

/** The values of each tag in order, so that they can be compared. */
const sortedSides = <S extends Sides>(): PTransform<PCollection<KV<number, S>>, PCollection<KV<number, Sides>>> =>
  map(([key, sides]): KV<number, Sides> => [key, Object.fromEntries(Object.entries(sides).map(([tag, each]) => [tag, sorted(each)]))]);

const pairs = (...given: readonly KV<number, string>[]): readonly KV<number, string>[] => given;

/** Grouping several collections by key: section COG of the catalogue. */
export const coGroupByKeyCases = caseModule(import.meta.url, {
  "COG-01": {
    title: "two collections whose keys overlap",
    build: (p) =>
      coGroupByKey({
        c1: p.apply("C1", create(pairs([1, "p"], [2, "q"]))),
        c2: p.apply("C2", create(pairs([2, "r"], [3, "s"]))),
      }).apply(sortedSides()),
    expected: [
      [1, { c1: ["p"], c2: [] }],
      [2, { c1: ["q"], c2: ["r"] }],
      [3, { c1: [], c2: ["s"] }],
    ],
  },
  "COG-02": {
    title: "one row for each key of any of three collections, with all its values",
    build: (p) =>
      coGroupByKey({
        orders: p.apply(
          "Orders",
          create(
            pairs(
              [1, "o1a"],
              [2, "o2a"],
              [3, "o3a"],
              [8, "o8a"],
              [1, "o1b"],
              [2, "o2b"],
              [3, "o3b"],
              [8, "o8b"],
              [4, "o4"],
              [10, "o10"],
              [11, "o11"],
              [14, "o14"],
            ),
          ),
        ),
        addresses: p.apply("Addresses", create(pairs([2, "a2"], [3, "a3"], [8, "a8"], [10, "a10"], [20, "a20"]))),
        names: p.apply("Names", create(pairs([1, "n1"], [2, "n2"], [8, "n8"], [20, "n20"]))),
      }).apply(sortedSides()),
    expected: [
      [1, { orders: ["o1a", "o1b"], addresses: [], names: ["n1"] }],
      [2, { orders: ["o2a", "o2b"], addresses: ["a2"], names: ["n2"] }],
      [3, { orders: ["o3a", "o3b"], addresses: ["a3"], names: [] }],
      [4, { orders: ["o4"], addresses: [], names: [] }],
      [8, { orders: ["o8a", "o8b"], addresses: ["a8"], names: ["n8"] }],
      [10, { orders: ["o10"], addresses: ["a10"], names: [] }],
      [11, { orders: ["o11"], addresses: [], names: [] }],
      [14, { orders: ["o14"], addresses: [], names: [] }],
      [20, { orders: [], addresses: ["a20"], names: ["n20"] }],
    ],
  },
});
