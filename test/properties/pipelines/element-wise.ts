import { left as leftOf, right as rightOf } from "fp-ts/lib/Either.js";
import {
  asyncMap,
  filter,
  filterMap,
  flatMap,
  keyBy,
  keys,
  kvCoder,
  log,
  map,
  mapEither,
  numberCoder,
  output,
  parDo,
  parse,
  partition,
  reify,
  remerge,
  reshuffle,
  splitBy,
  splittable,
  stringCoder,
  swapKv,
  tap,
  values,
  valueState,
  eventTimer,
  windowInto,
  withCoder,
  withExceptionHandling,
  withKeys,
  withTimestamps,
  withWindowing,
  groupByKey,
  fixedWindows,
  type KV,
} from "millrace";
import { inOrder, n, ofLeft, program, several, type Program } from "./program.ts";

/** Refuses multiples of three. */
const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) =>
      n(value as KV<string, number>) % 3 === 0 ? { issues: [{ message: "a multiple of three" }] } : { value: { pair: value } },
  },
};

function refusing(pair: KV<string, number>): number {
  if (n(pair) % 3 === 0) throw new RangeError("a multiple of three");
  return n(pair);
}

/** What works element by element, by the name of its export. */
export const elementWise: Readonly<Record<string, Program>> = {
  "asyncMap": ofLeft(() => asyncMap((pair) => Promise.resolve(n(pair) * 2), { concurrency: 3 })),
  "filter": ofLeft(() => filter((pair) => n(pair) % 2 === 0)),
  "filterMap": ofLeft(() => filterMap((pair) => (n(pair) % 2 === 0 ? n(pair) : undefined))),
  "flatMap": ofLeft(() => flatMap((pair) => [n(pair), -n(pair)])),
  "keyBy": ofLeft(() => keyBy((pair) => n(pair) % 2)),
  "keys": ofLeft(() => keys()),
  "log": ofLeft(() => log({ to: () => {} })),
  "map": ofLeft(() => map(([key, value], { window, pane }) => [key, value, window.maxTimestamp, pane.timing])),
  "mapEither": several(({ left }) =>
    Object.values(
      left.apply(
        "Step",
        mapEither((pair) => (n(pair) % 2 === 0 ? rightOf(n(pair)) : leftOf({ odd: n(pair) }))),
      ),
    ),
  ),
  "parDo": several(({ left }) =>
    Object.values(
      left.apply(
        "Step",
        parDo({
          output: output<number>(),
          outputs: { odd: output<string>() },
          process(pair: KV<string, number>, ctx) {
            if (n(pair) % 2 === 0) ctx.output(n(pair), { timestamp: ctx.timestamp + 1 });
            else ctx.outputs.odd(pair[0]);
          },
        }),
      ),
    ),
  ),
  "parDo/state": ofLeft(
    () =>
      parDo({
        state: { total: valueState(numberCoder) },
        timers: { end: eventTimer() },
        output: output<unknown>(),
        process(pair: KV<string, number>, { state, timers, window, timestamp }) {
          state.total.write((state.total.read() ?? 0) + n(pair));
          timers.end.set(Math.min(timestamp + 3, window.maxTimestamp));
        },
        onTimer: { end: ({ key, state, output: emit }) => emit([key, state.total.read()]) },
      }),
    "not merging",
  ),
  "parse": several(({ left }) => Object.values(left.apply("Step", parse(schema)))),
  "partition": several(({ left }) =>
    Object.values(
      left.apply(
        "Step",
        partition(3, (pair) => n(pair) % 3),
      ),
    ),
  ),
  "reify": ofLeft(() => reify()),
  "remerge": program(({ left }) =>
    left
      .apply("First", groupByKey())
      .pipe(withKeys("all"), remerge(), groupByKey())
      .apply(map(([key, all]) => [key, [...all].length])),
  ),
  "reshuffle": ofLeft(() => reshuffle()),
  "splitBy": several(({ left }) =>
    Object.values(
      left.apply(
        "Step",
        splitBy(["even", "odd"], (pair) => (n(pair) % 2 === 0 ? "even" : "odd")),
      ),
    ),
  ),
  "splittable": ofLeft(() =>
    splittable({
      output: output<string>(),
      restriction: (pair: KV<string, number>) => ({ from: 0, to: n(pair) % 4 }),
      process(pair, { restriction, tracker, output: emit }) {
        for (let i = restriction.from; tracker.tryClaim(i); i++) emit(`${n(pair)} ${i}`);
      },
    }),
  ),
  "swapKv": ofLeft(() => swapKv()),
  "tap": ofLeft(() => tap(() => {})),
  "values": ofLeft(() => values()),
  "windowInto": program(({ left }) =>
    left.apply("Step", windowInto(fixedWindows(5), { accumulation: "discarding", allowedLateness: 3 })).pipe(groupByKey(), inOrder()),
  ),
  "withCoder": ofLeft(() => withCoder(kvCoder(stringCoder, numberCoder))),
  "withExceptionHandling": several(({ left }) => {
    const { main, failed } = left.apply("Step", withExceptionHandling(map(refusing), { attempts: 2, then: "deadLetter" }));
    return [main, failed.apply(map(({ element, error, attempts }) => [element, error.message, attempts]))];
  }),
  "withKeys": ofLeft(() => withKeys("all")),
  "withTimestamps": ofLeft(() => withTimestamps((pair) => n(pair), { allowedSkew: 1_000 })),
  "withWindowing": program(({ left }) =>
    left.apply("Step", withWindowing({ accumulation: "accumulating", allowedLateness: 2 })).pipe(groupByKey(), inOrder()),
  ),
};
