/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { setImmediate } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  collect,
  combineGlobally,
  combinePerKey,
  count,
  create,
  definePipeline,
  filter,
  fixedWindows,
  flatMap,
  generate,
  groupByKey,
  keyBy,
  kv,
  map,
  output,
  parDo,
  reshuffle,
  slidingWindows,
  sum,
  values,
  valueState,
  windowInto,
  withExceptionHandling,
  withKeys,
  type Collected,
  type IntervalWindow,
  type KV,
  type PCollection,
  type Pipeline,
} from "millrace";
import { readText } from "millrace/io/text";
import { at, testStreams } from "millrace/testing";
import { createAt } from "../../../runners/conformance/cases/support.ts";

let handles: Readonly<Record<string, Collected<unknown>>> = {};

/** What the scenario that was built last on this thread collects, by name. */
export const collected = (): Readonly<Record<string, Collected<unknown>>> => handles;

/** Steps that read other collections, each kind by its name. They lie in a module, so that threads find them. */
export default definePipeline(
  import.meta.url,
  { options: { scenario: { type: "string", required: true }, path: { type: "string", default: "" } } },
  (p, { scenario, path }) => {
    const outputs = scenarios[scenario]!(p, path);
    handles = Object.fromEntries(Object.entries(outputs).map(([name, each]) => [name, each.apply(`Collect ${name}`, collect())]));
  },
);

/** More than what may wait in a run before it reads no more. */
export const MANY = 300_000;

const nameOf = (window: unknown): string => {
  const { start, end } = window as IntervalWindow;
  return `[${start},${end})`;
};

const streams = () => testStreams({ main: output<string>(), side: output<number>(), other: output<number>() });

const inTens = fixedWindows(10);

/** How many elements there are beside each one, as a sum over all of them. */
const besideItself = <T>(all: PCollection<T>): PCollection<number> => {
  const side = asList(all);
  return all
    .apply(
      "Read",
      map((_, ctx) => ctx.sideInputs.side.length, { sideInputs: { side } }),
    )
    .apply(combineGlobally(sum()));
};

type Outputs = Readonly<Record<string, PCollection<unknown>>>;

const scenarios: Readonly<Record<string, (p: Pipeline, path: string) => Outputs>> = {
  "its own side input": (p) => ({ main: besideItself(p.apply(create([1, 2, 3]))) }),
  "its own side input, and many": (p) => ({ main: besideItself(p.apply(generate({ count: MANY }))) }),
  "its own side input, from a file": (p, path) => ({ main: besideItself(p.apply(readText(path))) }),
  "many beside many from another source": (p) => {
    const side = asSingleton(p.apply("Side", generate({ count: MANY })).apply(combineGlobally(count())));
    return {
      main: p.apply("Main", generate({ count: MANY })).apply(
        "Read",
        filter((n, ctx) => n % 100_000 === 0 && ctx.sideInputs.side === MANY, { sideInputs: { side } }),
      ),
    };
  },
  "main and side from one source": (p) => {
    const numbers = p.apply(generate({ count: 1_000 }));
    const squares = asMap(
      numbers
        .apply(
          "Even",
          filter((n) => n % 2 === 0),
        )
        .apply(
          "Square",
          map((n) => kv(n, n * n)),
        ),
    );
    return {
      main: numbers
        .apply(
          "Odd",
          filter((n) => n % 2 === 1),
        )
        .apply(
          "Read",
          map((n, ctx) => ctx.sideInputs.squares.get(n - 1)!, { sideInputs: { squares } }),
        )
        .apply(combineGlobally(sum())),
    };
  },
  "a chain": (p) => {
    const next = (name: string, side: PCollection<number>): PCollection<number> => {
      const all = asIterable(side);
      return p.apply(name, create([1, 2])).apply(
        `${name}Read`,
        map((n, ctx) => n + [...ctx.sideInputs.all].reduce((a, b) => a + b, 0), { sideInputs: { all } }),
      );
    };
    const first = p.apply("First", create([1, 2]));
    return { main: next("Fourth", next("Third", next("Second", first))) };
  },
  "two steps read one view": (p) => {
    const total = asSingleton(p.apply("Side", create([1, 2, 3])).apply(combineGlobally(sum())));
    const main = p.apply("Main", create([10, 20]));
    const plus = (n: number, { sideInputs }: { readonly sideInputs: { readonly total: number } }): number => n + sideInputs.total;
    const once = main.apply("Once", map(plus, { sideInputs: { total } }));
    return {
      once,
      twice: once.apply("Twice", map(plus, { sideInputs: { total } })),
      apart: main.apply(reshuffle()).apply("Apart", map(plus, { sideInputs: { total } })),
    };
  },
  "sliding windows that become ready one by one": (p) => {
    const { main, side } = p.apply(
      streams()
        .addElements("main", at(12, "x"))
        .addElements("side", at(1, 1), at(11, 2), at(21, 3))
        .advanceWatermarkTo("side", 20)
        .advanceWatermarkTo("main", 13)
        .advanceWatermarkTo("side", 30),
    );
    const total = asList(side.apply("SideWindows", windowInto(inTens)));
    return {
      main: main.apply("MainWindows", windowInto(slidingWindows(20, 10))).apply(
        "Read",
        map((name, ctx) => `${name} ${nameOf(ctx.window)} ${ctx.sideInputs.total.join()}`, { sideInputs: { total } }),
      ),
    };
  },
  "several views that are not ready": (p) => {
    const { main, side, other } = p.apply(
      streams()
        .addElements("main", at(1, "x"), at(11, "y"))
        .addElements("other", at(2, 20))
        .advanceWatermarkTo("other", 10)
        .addElements("side", at(1, 1), at(12, 2))
        .advanceWatermarkTo("side", 20)
        .addElements("other", at(13, 30)),
    );
    const sideInputs = {
      side: asSingleton(side.apply("SideWindows", windowInto(inTens))),
      other: asSingleton(other.apply("OtherWindows", windowInto(inTens))),
    };
    return {
      main: main.apply("MainWindows", windowInto(inTens)).apply(
        "Read",
        map((name, ctx) => `${name} ${ctx.sideInputs.side} ${ctx.sideInputs.other}`, { sideInputs }),
      ),
    };
  },
  "what waits holds the watermark": (p) => {
    const { main, side } = p.apply(
      streams()
        .addElements("main", at(5, "early"))
        .advanceWatermarkTo("main", 100)
        .addElements("main", at(105, "later"))
        .addElements("side", at(3, 1))
        .advanceWatermarkTo("side", 200),
    );
    const total = asList(side.apply("SideWindows", windowInto(inTens)));
    return {
      main: main
        .apply("MainWindows", windowInto(inTens))
        .apply(
          "Read",
          map((name, ctx) => `${name} ${ctx.sideInputs.total.join()}`, { sideInputs: { total } }),
        )
        .pipe(withKeys("k"), groupByKey())
        .apply(
          "Panes",
          map(([, names], ctx) => `${[...names].join()} ${nameOf(ctx.window)} ${ctx.pane.timing}`),
        ),
    };
  },
  "an async DoFn": (p) => {
    const rates = asMap(p.apply("Side", create([kv("a", 2), kv("b", 3)])));
    return {
      main: p.apply("Main", create([kv("a", 10), kv("b", 10), kv("a", 1)])).apply(
        "Read",
        parDo({
          async: true,
          concurrency: 2,
          sideInputs: { rates },
          output: output<number>(),
          async process([key, n], ctx) {
            await setImmediate();
            ctx.output(n * ctx.sideInputs.rates.get(key)!);
          },
        }),
      ),
    };
  },
  "an async DoFn in windows": (p) => {
    const side = asSingleton(p.apply("Side", createAt([at(1, 1), at(11, 2)])).apply("SideWindows", windowInto(inTens)));
    return {
      main: p
        .apply("Main", createAt([at(12, "x")]))
        .apply("MainWindows", windowInto(slidingWindows(20, 10)))
        .apply(
          "Read",
          parDo({
            async: true,
            sideInputs: { side },
            output: output<string>(),
            async process(name, ctx) {
              await setImmediate();
              if (ctx.window.maxTimestamp < 20) ctx.output(`${name} ${nameOf(ctx.window)} ${ctx.sideInputs.side}`);
            },
          }),
        ),
    };
  },
  "a step that is tried again": (p) => {
    const limit = asSingleton(p.apply("Side", create([2])));
    let calls = 0;
    const read = map(
      (n: number, ctx: { readonly sideInputs: { readonly limit: number } }): number => {
        if (calls++ % 2 === 0) throw new Error("not yet");
        return n * ctx.sideInputs.limit;
      },
      { sideInputs: { limit } },
    );
    return {
      main: p
        .apply("Main", create([1, 2, 3]))
        .apply("Read", withExceptionHandling(read, { attempts: 2, backoff: { first: 1 }, then: "fail" })),
    };
  },
  "a step with dead letters": (p) => {
    const limit = asSingleton(p.apply("Side", create([2])));
    const read = map(
      (n: number, ctx: { readonly sideInputs: { readonly limit: number } }): number => {
        if (n > ctx.sideInputs.limit) throw new Error("too much");
        return n;
      },
      { sideInputs: { limit } },
    );
    const { main, failed } = p.apply("Main", create([1, 2, 3])).apply("Read", withExceptionHandling(read, { then: "deadLetter" }));
    return { main, failed: failed.apply(map(({ element, error }) => `${element} ${error.message}`)) };
  },
  "a DoFn with state": (p) => {
    const steps = asMap(p.apply("Side", create([kv("a", 1), kv("b", 100)])));
    return {
      main: p.apply("Main", create([kv("a", 0), kv("b", 0), kv("a", 0), kv("a", 0)])).apply(
        "Read",
        parDo({
          state: { total: valueState<number>() },
          sideInputs: { steps },
          output: output<KV<string, number>>(),
          process([key], ctx) {
            const total = (ctx.state.total.read() ?? 0) + ctx.sideInputs.steps.get(key)!;
            ctx.state.total.write(total);
            ctx.output(kv(key, total));
          },
        }),
      ),
    };
  },
  "structured keys": (p) => {
    const pairs = p.apply(
      "Side",
      create<KV<unknown, string>>([
        kv({ x: 1, y: [1, 2] }, "a"),
        kv({ x: 2, y: [] }, "b"),
        kv("text", "c"),
        kv(new Date(5), "d"),
        kv(1, "e"),
        kv(NaN, "f"),
      ]),
    );
    const sideInputs = { byKey: asMap(pairs), all: asMultimap(pairs) };
    const asked: readonly unknown[] = [{ y: [1, 2], x: 1 }, { x: 2, y: [] }, "text", new Date(5), 1, NaN, "1", { x: 1 }];
    return {
      main: p.apply("Main", create([0])).apply(
        "Read",
        flatMap(
          (_, { sideInputs: { byKey, all } }) => asked.map((key) => [byKey.has(key), byKey.get(key), [...(all.get(key) ?? [])].join()]),
          { sideInputs },
        ),
      ),
      entries: p.apply("Again", create([0])).apply(
        "Entries",
        map(
          (_, { sideInputs: { byKey } }) => {
            const seen: unknown[] = [];
            byKey.forEach((value, key) => seen.push([key, value]));
            return [byKey.size, [...byKey.keys()], [...byKey.values()].join(), [...byKey.entries()].length, seen.length];
          },
          { sideInputs },
        ),
      ),
    };
  },
  "a combine": (p) => {
    const factor = asSingleton(p.apply("Side", create([10])));
    const numbers = p.apply("Main", generate({ count: 10_000 }));
    const scaled = {
      name: "scaled",
      create: () => 0,
      add: (total: number, n: number, ctx: { readonly sideInputs: { readonly factor: number } }) => total + n * ctx.sideInputs.factor,
      merge: (a: number, b: number) => a + b,
      extract: (total: number) => total,
    };
    return {
      all: numbers.apply("All", combineGlobally(scaled, { sideInputs: { factor } })),
      spread: numbers.apply("Spread", combineGlobally(scaled, { sideInputs: { factor }, fanout: 4 })),
      byKey: numbers
        .apply(keyBy((n) => n % 7))
        .apply("ByKey", combinePerKey(scaled, { sideInputs: { factor } }))
        .pipe(values(), (each) => each.apply("Sum", combineGlobally(sum()))),
    };
  },
  "everywhere": (p) => {
    const names = asMap(p.apply("Side", create([kv(0, "a"), kv(1, "b"), kv(2, "c")])));
    return {
      threads: p
        .apply("Main", generate({ count: 20_000 }))
        .apply(reshuffle())
        .apply(
          "Read",
          map((n, ctx) => kv(`${ctx.sideInputs.names.get(n % 3)} ${threadId}`, n), { sideInputs: { names } }),
        )
        .apply(combinePerKey(count())),
    };
  },
  "an error": (p) => {
    const limit = asSingleton(p.apply("Limits", createAt([at(1, 1), at(2, 2)])).apply("LimitWindows", windowInto(inTens)));
    return {
      main: p
        .apply("Main", createAt([at(5, "x")]))
        .apply("MainWindows", windowInto(inTens))
        .apply(
          "Check",
          filter((_, ctx) => ctx.sideInputs.limit > 0, { sideInputs: { limit } }),
        ),
    };
  },
  "two values of a key": (p) => {
    const names = asMap(p.apply("Names", create([kv({ id: 1 }, "ann"), kv({ id: 1 }, "bob")])));
    return {
      main: p.apply("Main", create([1])).apply(
        "Greet",
        map((_, ctx) => ctx.sideInputs.names.size, { sideInputs: { names } }),
      ),
    };
  },
  "no pairs": (p) => {
    const names = asMultimap(p.apply("Names", create(["ann" as never as KV<string, string>])));
    return {
      main: p.apply("Main", create([1])).apply(
        "Greet",
        map((_, ctx) => ctx.sideInputs.names.size, { sideInputs: { names } }),
      ),
    };
  },
};
