import { Subject } from "rxjs";
import { expect, test } from "vitest";
import {
  asyncMap,
  combineGlobally,
  combinePerKey,
  count,
  create,
  fixedWindows,
  globalWindows,
  groupByKey,
  keyBy,
  latest,
  map,
  mapEither,
  max,
  mean,
  minutes,
  NEVER,
  numberCoder,
  output,
  parDo,
  partition,
  remerge,
  seconds,
  sessions,
  slidingWindows,
  splitBy,
  sum,
  valueState,
  windowInto,
  withCoder,
  withExceptionHandling,
  withTimestamps,
  withWindowing,
  writeTo,
  type AnyWindowFn,
  type Pipeline,
  type Sink,
  type Trigger,
  type WindowingSettings,
  eventTimer,
  generate,
  mapState,
  withKeys,
} from "millrace";
import { writeText } from "millrace/io/text";
import { directRunner } from "millrace/runners/direct";
import { fromObservable } from "millrace/runners/rxjs";
import { testStream } from "millrace/testing";
import { jsonOf } from "../../runners/cli/explain/json.ts";
import { textOf } from "../../runners/cli/explain/text.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";

/** The settings of a step, as `explain --format json` prints them: all that is there besides the step's place in the graph. */
function settingsOf(path: string, build: (p: Pipeline) => void): unknown {
  const { nodes } = JSON.parse(JSON.stringify(jsonOf("job", buildGraph(build).graph))) as { nodes: Record<string, unknown>[] };
  const {
    id: _,
    parent: _parent,
    inputs: _inputs,
    outputs: _outputs,
    path: found,
    ...settings
  } = nodes.find((node) => node["path"] === path)!;
  expect(found).toBe(path);
  return settings;
}

/** What `explain` prints below the title of a section, a line each. */
function sectionOf(title: string, build: (p: Pipeline) => void): readonly string[] {
  const sections = textOf("job", buildGraph(build).graph).split("\n\n");
  const section = sections.find((text) => text.startsWith(`${title}\n`)) ?? "";
  return section
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
}

const numbers = (p: Pipeline) => p.apply("Numbers", create([1, 2, 3]));

test("DD-04 a combine shows its combiner, whether it gives a default, and its fan-out", () => {
  const settings = (path: string, build: (p: Pipeline) => void) => settingsOf(`Sum/${path}`, build);
  expect(settings("CombinePerKey(sum)/Combine", (p) => void numbers(p).apply("Sum", combineGlobally(sum(), { fanout: 1_234 })))).toEqual({
    kind: "composite",
    combineFn: "sum",
    emitDefault: true,
    fanout: 1_234,
  });
  const withoutDefault = (p: Pipeline) => void numbers(p).apply("Sum", combineGlobally(sum(), { defaults: false }));
  expect(settings("CombinePerKey(sum)", withoutDefault)).toEqual({ kind: "composite", combineFn: "sum", emitDefault: false });
});

test("DD-04 a combine of several shows what each field is made by", () => {
  const build = (p: Pipeline): void => {
    numbers(p)
      .apply(keyBy((n) => n % 2))
      .apply("PerKey", combinePerKey({ n: count(), most: max(), mean: mean() }));
  };
  expect(settingsOf("PerKey", build)).toEqual({
    kind: "composite",
    combineFn: "n,most,mean",
    combineFns: { n: "count", most: "max", mean: "mean" },
    emitDefault: false,
  });
  expect(sectionOf("combines", build)).toEqual(["PerKey: { n: count, most: max, mean }"]);
});

test("a fan-out that differs from key to key is named as one", () => {
  const build = (p: Pipeline): void => {
    numbers(p)
      .apply(keyBy((n) => n % 2))
      .apply("PerKey", combinePerKey(count(), { fanout: (key) => key + 1 }));
  };
  expect(settingsOf("PerKey/Combine", build)).toMatchObject({ fanout: "by key" });
  expect(sectionOf("combines", build)).toEqual(["PerKey/CombineShards: count", "PerKey/Combine: count, fan-out by key"]);
});

test("a combine that gives an output for no input says so", () => {
  expect(sectionOf("combines", (p) => void numbers(p).apply("Last", combineGlobally(latest())))).toEqual([
    "Last/CombinePerKey(latest)/Combine: latest, gives an output for no input",
  ]);
});

test("DD-04 a windowing step shows its window function with its settings, and only what it changes besides", () => {
  const fixed = (p: Pipeline) => void numbers(p).apply("Minutes", windowInto(fixedWindows(minutes(1), seconds(5))));
  expect(settingsOf("Minutes", fixed)).toEqual({ kind: "windowInto", windowFn: "fixed(60000,5000)" });
  const global = (p: Pipeline) => void numbers(p).apply("All", windowInto(globalWindows()));
  expect(settingsOf("All", global)).toEqual({ kind: "windowInto", windowFn: "global" });
});

const late: WindowingSettings = { allowedLateness: 5, timestampCombiner: "latest", closing: "always", onTime: "ifNonEmpty" };

test("DD-04 all settings of windowing show where they are changed, and none where they are not", () => {
  const trigger: Trigger = { kind: "repeatedly", trigger: { kind: "afterCount", count: 5 } };
  const all = { ...late, trigger, accumulation: "accumulating", allowUnsafeTriggers: true } as const;
  const build = (p: Pipeline): void => {
    const windowed = numbers(p).apply("Windows", windowInto(slidingWindows(10, 5), all));
    windowed.apply("Again", withWindowing(all));
    windowed.apply("Later", withWindowing({ allowedLateness: 50 }));
    windowed.apply("Coded", withCoder(numberCoder));
  };
  expect(settingsOf("Windows", build)).toEqual({ kind: "windowInto", windowFn: "sliding(10/5)", ...all });
  expect(settingsOf("Again", build)).toEqual({ kind: "parDo", fn: "pass" });
  expect(settingsOf("Later", build)).toEqual({ kind: "parDo", fn: "pass", allowedLateness: 50 });
  expect(settingsOf("Coded", build)).toEqual({ kind: "parDo", fn: "pass" });
});

test("a grouping shows how it is windowed, what was merged before it, and where late elements go", () => {
  const build = (p: Pipeline): void => {
    const input = numbers(p).pipe(
      keyBy((n) => n),
      windowInto(sessions(10), { ...late, accumulation: "discarding", allowUnsafeTriggers: true }),
    );
    const { main } = input.apply("First", groupByKey({ lateTo: "tooLate" }));
    main.apply("Second", groupByKey());
    main.apply("Again", remerge()).apply("Third", groupByKey());
    input.apply("Sum", combinePerKey(sum(), { lateTo: "tooLate" }));
  };
  const settings =
    "trigger default, discarding, allowed lateness 5 ms, timestamp latest, closing pane always, on-time pane ifNonEmpty, unsafe triggers allowed";
  expect(sectionOf("groupings", build)).toEqual([
    `First: window sessions(10), ${settings}, late elements to .tooLate`,
    `Second: window sessions(10) as merged before, ${settings}`,
    `Third: window sessions(10), ${settings}`,
    `Sum/GroupByKey: window sessions(10), ${settings}, late elements to .tooLate`,
  ]);
  expect(settingsOf("First", build)).toEqual({ kind: "groupByKey", lateTo: "tooLate" });
  expect(settingsOf("Second", build)).toEqual({ kind: "groupByKey" });
  expect(settingsOf("Again", build)).toEqual({ kind: "parDo", fn: "pass", isMerged: false });
  expect(settingsOf("Sum", build)).toEqual({ kind: "composite", combineFn: "sum", emitDefault: false, lateTo: "tooLate" });
});

test("DD-04 a partition shows how many parts it has", () => {
  const build = (p: Pipeline) =>
    void numbers(p).apply(
      "Parts",
      partition(123, (n) => n % 123),
    );
  expect(settingsOf("Parts", build)).toEqual({ kind: "parDo", fn: "route", numPartitions: 123 });
  const named = (p: Pipeline) =>
    void numbers(p).apply(
      "Parts",
      splitBy(["odd", "even"], (n) => (n % 2 ? "odd" : "even")),
    );
  expect(settingsOf("Parts", named)).toEqual({ kind: "parDo", fn: "route" });
});

test("DD-05 a parDo shows what its DoFn has", () => {
  const build = (p: Pipeline): void => {
    numbers(p).apply(
      "Halves",
      parDo({
        output: output<number>(),
        teardown: () => {},
        setup: () => 2,
        process: (n: number, ctx) => ctx.output(n / ctx.instance),
      }),
    );
  };
  expect(settingsOf("Halves", build)).toEqual({ kind: "parDo", fn: "doFn", methods: ["setup", "process", "teardown"] });
});

test("DD-05 a parDo with state shows each cell with its kind, and each timer with its time", () => {
  const build = (p: Pipeline): void => {
    numbers(p).pipe(
      withKeys("k"),
      parDo({
        state: { total: valueState<number>(), seen: mapState<string, number>() },
        timers: { end: eventTimer() },
        onTimer: { end() {} },
        process() {},
      }),
    );
  };
  expect(settingsOf("ParDo", build)).toMatchObject({ states: { total: "value", seen: "map" }, timers: { end: "event" } });
});

test("a step that waits shows how many elements it takes at once, for how long, and in which order", () => {
  const fetched = (p: Pipeline): void => {
    numbers(p).apply(
      "Fetch",
      asyncMap((n) => Promise.resolve(n), { concurrency: 20, timeout: seconds(10), ordered: true }),
    );
  };
  expect(settingsOf("Fetch", fetched)).toEqual({ kind: "parDo", fn: "async", concurrency: 20, timeout: 10_000, ordered: true });
  expect(sectionOf("steps that wait", fetched)).toEqual(["Fetch: 20 at once on each thread, timeout 10000 ms, in order"]);

  const stored = (p: Pipeline): void => {
    const all = numbers(p);
    all.apply("Store", parDo({ async: true, process: async () => {} }));
    all.apply("StoreTwo", parDo({ async: true, concurrency: 2, timeout: 5, process: async () => {} }));
  };
  expect(settingsOf("Store", stored)).toEqual({ kind: "parDo", fn: "doFn", methods: ["process"], ordered: false });
  expect(settingsOf("StoreTwo", stored)).toMatchObject({ concurrency: 2, timeout: 5, ordered: false });
  expect(sectionOf("steps that wait", stored)).toEqual([
    "Store: several elements at once, no timeout",
    "StoreTwo: 2 at once on each thread, timeout 5 ms",
  ]);
});

test("a step with a failure policy shows how often it tries, how long it waits, and what comes then", () => {
  const backoff = { first: 100, factor: 3, most: 5_000, jitter: true };
  const build = (p: Pipeline): void => {
    const half = map((n: number) => n / 2);
    const all = numbers(p);
    all.apply("Skip", withExceptionHandling(half, { then: "skip" }));
    all.apply("Keep", withExceptionHandling(half, { attempts: 3, backoff, then: "deadLetter" }));
    all.apply("Fail", withExceptionHandling(half, { attempts: 2, backoff: { first: 50 }, then: "fail" }));
    all.apply("Again", withExceptionHandling(half, { attempts: 2, backoff: { first: 50, factor: 1 }, then: "fail" }));
  };
  expect(settingsOf("Skip", build)).toEqual({ kind: "parDo", fn: "map", failure: { attempts: 1, then: "skip" } });
  expect(settingsOf("Keep", build)).toEqual({ kind: "parDo", fn: "map", failure: { attempts: 3, then: "deadLetter", backoff } });
  expect(sectionOf("failure policies", build)).toEqual([
    "Skip: 1 attempt, then the element is skipped",
    "Keep: 3 attempts (waits of 100 ms, 3 times longer each time, 5000 ms at most, cut short by chance), then the element goes to .failed",
    "Fail: 2 attempts (waits of 50 ms, 2 times longer each time), then the run fails",
    "Again: 2 attempts (waits of 50 ms), then the run fails",
  ]);
});

test("a step that moves elements in time shows how far", () => {
  const build = (p: Pipeline) =>
    void numbers(p).apply(
      "Times",
      withTimestamps((n) => n, { allowedSkew: 60 }),
    );
  expect(settingsOf("Times", build)).toEqual({ kind: "parDo", fn: "timestamps", allowedSkew: 60 });
});

test("sources and sinks show how often what goes through them counts, and where they run", () => {
  const build = (p: Pipeline): void => {
    p.apply("Live", fromObservable(new Subject<string>())).apply("Write", writeText("out.txt", { shards: 3 }));
    numbers(p).apply("Save", writeTo(ledger));
  };
  const read = { kind: "parDo", fn: "read", delivery: "oncePerRun" };
  expect(settingsOf("Live/Read", build)).toEqual({ ...read, source: "FromObservable", onlyOn: "rxjs" });
  expect(settingsOf("Numbers/Read", build)).toEqual({ ...read, source: "" });
  expect(settingsOf("Write/Files", build)).toEqual({ kind: "sink", sink: "Files", shards: 3, delivery: "onCommit" });
  const each = "each element once in a run";
  const atEnd = "published once, when the run succeeds";
  expect(sectionOf("sources", build)).toEqual([
    `Live/Read: FromObservable, ${each}, on the rxjs runner only`,
    `Numbers/Read: elements, ${each}`,
  ]);
  expect(sectionOf("sinks", build)).toEqual([`Write/Files: Files, ${atEnd}`, `Save: Ledger, ${atEnd}`]);
});

const ledger: Sink<unknown, string> = {
  name: "Ledger",
  open: () => ({ write: () => {}, finish: () => Promise.resolve("") }),
  commit: () => Promise.resolve(),
};

test("a step without settings shows its kind", () => {
  expect(
    settingsOf(
      "Double",
      (p) =>
        void numbers(p).apply(
          "Double",
          map((n) => n * 2),
        ),
    ),
  ).toEqual({ kind: "parDo", fn: "map" });
  const either = (p: Pipeline) =>
    void numbers(p).apply(
      "Either",
      mapEither((n) => ({ _tag: "Right", right: n })),
    );
  expect(settingsOf("Either", either)).toEqual({ kind: "parDo", fn: "route" });
});

test("state that nothing ever removes is a warning", async () => {
  const counted =
    (timeToLive: number | undefined, windowFn: AnyWindowFn = globalWindows()) =>
    (p: Pipeline): void =>
      void p
        .apply(testStream<number>().addElements(1))
        .pipe(
          windowInto(windowFn),
          keyBy((n) => n),
        )
        .apply(
          "Count",
          parDo({
            state: { seen: valueState<number>() },
            ...(timeToLive === undefined ? {} : { timeToLive }),
            process: (_, ctx) => ctx.state.seen.write(1),
          }),
        );
  const [warning, ...others] = sectionOf("warnings", counted(undefined));
  expect(others).toEqual([]);
  expect(warning).toMatch(/^state is kept for every key that ever comes: .* at "Count"; set timeToLive/);
  for (const build of [counted(minutes(1)), counted(NEVER), counted(undefined, fixedWindows(1_000))]) {
    expect(sectionOf("warnings", build)).toEqual([]);
  }
  const { warnings } = JSON.parse(JSON.stringify(jsonOf("job", buildGraph(counted(undefined)).graph))) as { warnings: unknown };
  expect(warnings).toMatchObject([{ at: "Count" }]);

  const warned: unknown[] = [];
  const logger = {
    debug: () => {},
    info: () => {},
    error: () => {},
    warn: (text: string, fields?: object) => void warned.push([text, fields]),
  };
  await directRunner().run(counted(undefined), {}, { logger });
  expect(warned).toEqual([[warning, { step: "Count" }]]);
});

test("a source without an end says that a crash loses what is on its way", () => {
  expect(sectionOf("sources", (p) => void p.apply("Ticks", generate({ perSecond: 1 })))).toEqual([
    expect.stringMatching(
      /^Ticks.*: elements, at most once: what is on its way when the process dies is lost, since there are no checkpoints yet$/,
    ),
  ]);
});
