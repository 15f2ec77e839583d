import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  by,
  coGroupByKey,
  combineFn,
  combineGlobally,
  combinePerKey,
  count,
  countPerElement,
  deduplicate,
  distinct,
  flatten,
  fullJoin,
  groupByKey,
  groupIntoBatches,
  innerJoin,
  keys,
  latest,
  leftJoin,
  map,
  max,
  mean,
  min,
  NEVER,
  rightJoin,
  sample,
  sum,
  tableJoin,
  top,
  values,
  wait,
  type KV,
} from "millrace";
import { inOrder, n, ofLeft, program, several, sorted, type Program } from "./program.ts";

const bits = combineFn({
  name: "bits",
  create: () => 0,
  add: (all: number, value: number) => all | value,
  merge: (a: number, b: number) => a | b,
  extract: (all: number) => all,
});

/** What groups, joins, waits or reads beside, by the name of its export and, where it has several forms, a word for the form. */
export const groupings: Readonly<Record<string, Program>> = {
  "asIterable": program(
    ({ left, right }) =>
      left.apply(
        "Step",
        map((pair, { sideInputs: { side } }) => [pair, sorted([...side].map(n))], { sideInputs: { side: asIterable(right) } }),
      ),
    "ending",
  ),
  "asList": program(
    ({ left, right }) =>
      left.apply(
        "Step",
        map((pair, { sideInputs: { side } }) => [pair, sorted(side.map(n))], { sideInputs: { side: asList(right) } }),
      ),
    "ending",
  ),
  "asMap": program(({ left, right }) => {
    const side = asMap(
      right.apply(
        "Unique",
        map(([key, value]): KV<string, number> => [`${key}${value}`, value]),
      ),
    );
    return left.apply(
      "Step",
      map((pair, { sideInputs }) => [pair, sorted([...sideInputs.side].map(([, value]) => value))], { sideInputs: { side } }),
    );
  }, "ending"),
  "asMultimap": program(
    ({ left, right }) =>
      left.apply(
        "Step",
        map(([key, value], { sideInputs: { side } }) => [key, value, sorted(side.get(key) ?? [])], {
          sideInputs: { side: asMultimap(right) },
        }),
      ),
    "ending",
  ),
  "asSingleton": program(({ left, right }) => {
    const side = asSingleton(right.apply(values()).apply("Sum", combineGlobally(sum(), { defaults: false })), { default: -1 });
    return left.apply(
      "Step",
      map((pair, { sideInputs }) => [pair, sideInputs.side], { sideInputs: { side } }),
    );
  }, "ending"),
  "coGroupByKey": program(({ left, right }) =>
    coGroupByKey("Step", { left, right }).apply(map(([key, sides]) => [key, sorted(sides.left), sorted(sides.right)])),
  ),
  "combineGlobally": program(({ left }) =>
    left.apply(values()).apply("Step", combineGlobally({ n: count(), total: sum() }, { defaults: false })),
  ),
  "combinePerKey": ofLeft(() => combinePerKey({ n: count(), total: sum(), mean: mean() })),
  "combinePerKey/bits": ofLeft(() => combinePerKey(bits)),
  "combinePerKey/count": ofLeft(() => combinePerKey(count())),
  "combinePerKey/fanout": ofLeft(() => combinePerKey(sum(), { fanout: 3 })),
  "combinePerKey/lateTo": several(({ left }) => Object.values(left.apply("Step", combinePerKey(sum(), { lateTo: "tooLate" })))),
  "combinePerKey/latest": program(({ left, happenings }) => {
    // Of two values of one time it is open which one is the latest.
    const times = new Map(happenings.flatMap((each) => ("elements" in each ? each.elements : [])).map(({ value, at }) => [value, at]));
    return left
      .apply("Step", combinePerKey(latest()))
      .apply(map(([key, value]) => [key, value === undefined ? undefined : times.get(value)]));
  }),
  "combinePerKey/max": ofLeft(() => combinePerKey(max())),
  "combinePerKey/mean": ofLeft(() => combinePerKey(mean())),
  "combinePerKey/min": ofLeft(() => combinePerKey(min())),
  "combinePerKey/sample": program(({ left }) =>
    left.apply("Step", combinePerKey(sample(2))).apply(map(([key, drawn]) => [key, drawn.length])),
  ),
  "combinePerKey/sum": ofLeft(() => combinePerKey(sum())),
  "combinePerKey/top": ofLeft(() =>
    combinePerKey(
      top(
        2,
        by((value: number) => value),
      ),
    ),
  ),
  "countPerElement": program(({ left }) => left.apply(keys()).apply("Step", countPerElement())),
  "deduplicate": ofLeft(() => deduplicate({ key: ([key]) => key, within: 5, time: "event" }), "not merging"),
  "distinct": program(({ left }) => left.apply(keys()).apply("Step", distinct())),
  "flatten": program(({ left, right }) => flatten("Step", [left, right])),
  "fullJoin": program(({ left, right }) => left.apply("Step", fullJoin(right))),
  "fullJoin/asTheyCome": program(({ left, right }) => left.apply("Step", fullJoin(right, { emit: "asTheyCome" })), "not merging"),
  "groupByKey": program(({ left }) => left.apply("Step", groupByKey()).apply(inOrder())),
  "groupByKey/lateTo": several(({ left }) => {
    const { main, tooLate } = left.apply("Step", groupByKey({ lateTo: "tooLate" }));
    return [main.apply(inOrder()), tooLate];
  }),
  "groupIntoBatches": program(({ left }) => left.apply("Step", groupIntoBatches({ size: 2 })).apply(inOrder()), "not merging"),
  "innerJoin": program(({ left, right }) => left.apply("Step", innerJoin(right))),
  "leftJoin": program(({ left, right }) => left.apply("Step", leftJoin(right))),
  "rightJoin": program(({ left, right }) => left.apply("Step", rightJoin(right))),
  "tableJoin": program(({ left, right, happenings }) => {
    // Of two rows of one time it is open which one counts.
    const times = new Map(happenings.flatMap((each) => ("elements" in each ? each.elements : [])).map(({ value, at }) => [value, at]));
    return left
      .apply("Step", tableJoin(right, { timeToLive: NEVER }))
      .apply(map(([key, [value, row]]) => [key, value, row === undefined ? undefined : times.get(row)]));
  }, "not merging"),
  "wait": program(({ left, right }) => left.apply("Step", wait(right)), "ending"),
};
