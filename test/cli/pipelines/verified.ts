import { isMainThread } from "node:worker_threads";
import {
  afterCount,
  asyncMap,
  combinePerKey,
  count,
  create,
  definePipeline,
  fixedWindows,
  generate,
  groupByKey,
  keyBy,
  map,
  output,
  parDo,
  repeatedly,
  sum,
  wait,
  windowInto,
  withKeys,
  withTimestamps,
} from "millrace";
import { writeText } from "millrace/io/text";
import { fromObservable } from "millrace/runners/rxjs";
import { of } from "rxjs";

/** Goes on from run to run, and begins anew on each thread. */
let calls = 0;

/** Each runner gives other sums: a variable of the module has a part in them. */
export const countsCalls = definePipeline(import.meta.url, { options: { output: { type: "string", required: true } } }, (p, options) => {
  const numbers = p.apply("Numbers", generate({ count: 20 })).apply(
    "When",
    withTimestamps((n) => n * 1_000),
  );
  const keyed = numbers.apply("Windows", windowInto(fixedWindows(10_000))).apply(
    "ByParity",
    keyBy((n) => (n % 2 === 0 ? "even" : "odd")),
  );
  keyed.apply("HowMany", combinePerKey(count()));
  keyed
    .apply(
      "Call",
      map(([key, n]) => [key, key === "odd" ? n + calls++ : n] as const),
    )
    .apply("Sums", combinePerKey(sum()))
    .apply(
      "Format",
      map(([key, total]) => `${key} ${total}`),
    )
    .apply("Write", writeText(options.output));
});

/** The same on each runner, with steps that may have effects, and with one behind a sink. */
export const hasEffects = definePipeline(import.meta.url, { options: { output: { type: "string", required: true } } }, (p, options) => {
  const numbers = p.apply("Numbers", generate({ count: 20 }));
  const doubled = numbers
    .apply(
      "Ask",
      asyncMap((n) => Promise.resolve(n * 2), { concurrency: 4 }),
    )
    .apply("Pass", parDo({ output: output<number>(), process: (n, ctx) => ctx.output(n) }));
  const files = doubled.apply("Format", map(String)).apply("Write", writeText(options.output));
  files.apply("Files", withKeys("written")).apply("ByName", groupByKey());
  numbers
    .apply("AfterWriting", wait(files))
    .apply(
      "ByParity",
      keyBy((n) => n % 2),
    )
    .apply("HowMany", combinePerKey(count()));
});

/** What comes out depends on bundles, all of it. */
export const early = definePipeline(import.meta.url, (p) => {
  p.apply("Numbers", generate({ count: 20 }))
    .apply("Windows", windowInto(fixedWindows(10), { trigger: repeatedly(afterCount(3)), accumulation: "discarding" }))
    .apply("Keys", withKeys("all"))
    .apply("Sums", combinePerKey(sum()));
});

export const givesNothing = definePipeline(import.meta.url, (p) => {
  p.apply("Nothing", create<number>([])).apply("Keys", withKeys("all")).apply("Sums", combinePerKey(sum()));
});

export const endless = definePipeline(import.meta.url, (p) => {
  p.apply("Ticks", generate({ perSecond: 1 }));
});

export const observed = definePipeline(import.meta.url, (p) => {
  p.apply("Taken", fromObservable(of(1, 2)))
    .apply("Keys", withKeys("all"))
    .apply("Sums", combinePerKey(sum()));
});

export const failsOnThreads = definePipeline(import.meta.url, (p) => {
  p.apply("Numbers", generate({ count: 20 }))
    .apply(
      "Here",
      map((n) => (isMainThread ? n : missing(n))),
    )
    .apply("Keys", withKeys("all"))
    .apply("Sums", combinePerKey(sum()));
});

function missing(n: number): number {
  throw new RangeError(`${n} is only on the main thread`);
}
