import {
  boundedSource,
  collect,
  combinePerKey,
  create,
  emptyCollection,
  flatten,
  generate,
  impulse,
  kvCoder,
  map,
  numberCoder,
  stringCoder,
  sum,
  withKeys,
  writeTo,
  type BoundedSource,
  type KV,
  type OffsetRange,
  type Sink,
} from "millrace";
import type { Arriving } from "../../support/grouping-oracle.ts";
import { windowedAs } from "../../support/stream-scenarios.ts";
import { elementsIn, ofSource, program, type Program } from "./program.ts";

/** A list that is read in a part for each element. */
const listOf = (elements: readonly Arriving[]): BoundedSource<Arriving, OffsetRange> => ({
  name: "List",
  restriction: () => ({ from: 0, to: elements.length }),
  split: ({ from, to }) => Array.from({ length: to - from }, (_, i) => ({ from: from + i, to: from + i + 1 })),
  async *read({ from }, tracker) {
    for (let at = from; tracker.tryClaim(at); at++) yield { values: [elements[at]!], timestamps: [elements[at]!.at] };
  },
});

const nowhere: Sink<unknown, string> = {
  name: "Nowhere",
  open: () => ({ write: () => {}, finish: () => Promise.resolve("written") }),
  commit: () => Promise.resolve(),
};

const asPairs = () => map(({ key, value }: Arriving): KV<string, number> => [key, value]);

/** What pipelines begin and end with, by the name of its export. Sources that are not streams are read in any order. */
export const ends: Readonly<Record<string, Program>> = {
  boundedSource: ofSource(({ p, ...scenario }) =>
    p.apply("Step", boundedSource(listOf(elementsIn(scenario)))).pipe(asPairs(), windowedAs(scenario.windowing), combinePerKey(sum())),
  ),
  collect: program(({ left }) => {
    left.apply("Step", collect());
    return left;
  }),
  create: ofSource(({ p, ...scenario }) =>
    p
      .apply("Step", create(elementsIn(scenario), { timestampOf: ({ at }) => at }))
      .pipe(asPairs(), windowedAs(scenario.windowing), combinePerKey(sum())),
  ),
  emptyCollection: program(({ p, left, windowing }) =>
    flatten([
      left,
      p.apply("Step", emptyCollection<KV<string, number>>(kvCoder(stringCoder, numberCoder))).apply("Windows", windowedAs(windowing)),
    ]),
  ),
  generate: ofSource(({ p, ...scenario }) =>
    p.apply("Step", generate({ count: elementsIn(scenario).length })).pipe(withKeys("all"), combinePerKey(sum())),
  ),
  impulse: ofSource(({ p }) => p.apply("Step", impulse())),
  writeTo: program(({ left }) => left.apply("Step", writeTo(nowhere))),
};
