/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { appendFileSync, existsSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { isMainThread, threadId } from "node:worker_threads";
import {
  boundedSource,
  collect,
  combineFn,
  combinePerKey,
  counter,
  create,
  definePipeline,
  filter,
  fixedWindows,
  flatMap,
  generate,
  groupByKey,
  intervalWindow,
  keyBy,
  map,
  output,
  parDo,
  reshuffle,
  windowInto,
  withExceptionHandling,
  withTimestamps,
  writeTo,
  type BoundedSource,
  type Coder,
  type IntervalWindow,
  type WindowFn,
  type Collected,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Sink,
  type SinkContext,
  type Tracker,
} from "millrace";
import { readCsv } from "millrace/io/csv";
import { readJsonLines } from "millrace/io/json-lines";
import { readText, writeText, type ReadOutputs } from "millrace/io/text";

/** What a scenario is told. */
export interface Told {
  /** Which variant of the scenario. */
  readonly how: string;
  /** Writes an event into the test's log, from whatever thread. */
  readonly log: (event: string) => void;
}

/** What a test does as a sink commits, which happens on the main thread; it is asked for each sink. */
export const hooks: { onCommit: (sink: string) => void | Promise<void> } = { onCommit: () => {} };

let handles: Readonly<Record<string, Collected<unknown>>> = {};

/** What the scenario that was built last on this thread collects, by name. */
export const collected = (): Readonly<Record<string, Collected<unknown>>> => handles;

/** Runs of a kind that every runner has to get right, each by its name. They lie in a module, so that threads find them. */
export default definePipeline(
  import.meta.url,
  {
    options: {
      scenario: { type: "string", required: true },
      how: { type: "string", default: "" },
      log: { type: "string", default: "" },
    },
  },
  (p, { scenario, how, log }) => {
    const outputs = scenarios[scenario]!(p, { how, log: (event) => appendFileSync(log, `${event}\n`) }) ?? {};
    handles = Object.fromEntries(Object.entries(outputs).map(([name, each]) => [name, each.apply(`Collect ${name}`, collect())]));
  },
);

/** Built by a function and not a class of its own, so that its stack has the name of a function in it. */
function parsed(text: string): number {
  if (text === "bad") throw new TypeError("that is no number");
  return text.length;
}

const inWindows = (windows: unknown, byTime = false): PTransform<PCollection<number>, PCollection<number>> => {
  const { assign: _, assignAt: _at, ...mine } = { ...fixedWindows(10), name: "mine" };
  const given = (): never => windows as never;
  return windowInto({ ...mine, assign: given, ...(byTime ? { assignAt: given } : {}) });
};

/** Steps that give an element a time or windows that it cannot have. */
const badSteps: Readonly<Record<string, PTransform<PCollection<number>, PCollection<number>>>> = {
  "a time that is NaN": withTimestamps(() => NaN),
  "a time out of range": withTimestamps(() => 8.64e15),
  "a time further back than the skew": withTimestamps((n: number) => n - 6, { allowedSkew: 5 }),
  "no window": inWindows([]),
  "no list": inWindows(undefined),
  "no window by time": inWindows([], true),
  "an inverted window": inWindows([intervalWindow(10, 5)]),
  "an inverted window by time": inWindows([intervalWindow(10, 5)], true),
  "a window without an end": inWindows([{ start: 0, maxTimestamp: NaN }]),
  "a window that ends after all time": inWindows([{ start: 0, maxTimestamp: Infinity }]),
  "an empty place in the list": inWindows([null]),
};

/** Merges that no window function may do. */
const badMerges: Readonly<Record<string, (windows: readonly IntervalWindow[]) => never>> = {
  "a merge that throws": () => {
    throw new Error("these cannot be merged");
  },
  "a merge that gives nothing": () => undefined as never,
  "a merge of strangers": () => [{ from: [intervalWindow(0, 3), intervalWindow(701, 720)], into: intervalWindow(0, 720) }] as never,
  "a merge into an inverted window": (windows) => [{ from: windows, into: intervalWindow(720, 1) }] as never,
  "a merge into nothing": (windows) => [{ from: windows }] as never,
  "a window that is merged twice": ([a, b]) =>
    [
      { from: [a, b], into: intervalWindow(701, 720) },
      { from: [a], into: intervalWindow(701, 730) },
    ] as never,
};

/** The names of all of them. */
export const badWindows: readonly string[] = [...Object.keys(badSteps), ...Object.keys(badMerges)];

class ParseError extends Error {
  override readonly name = "ParseError";
  readonly line = 7;
  readonly code = "E_PARSE";
}

class Tally {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }
}

const tallyCoder: Coder<Tally | undefined> = {
  encode: (tally) => Uint8Array.of(tally?.count ?? 0),
  decode: ([count]) => ({ _tag: "Right", right: new Tally(count!) }),
};

/** Nobody knows how to write one of these. */
class Point {
  readonly x = 1;
}

const fail = (message: string): never => {
  throw new Error(message);
};

type Outputs = Readonly<Record<string, PCollection<unknown>>>;
type Scenario = (p: Pipeline, told: Told) => Outputs | void;

const scenarios: Readonly<Record<string, Scenario>> = {
  /** A combiner whose accumulators are instances of a class: from the start or later on, with or without a coder. */
  classAccumulators: (p, { how }) => {
    const counting = combineFn<string, Tally | undefined, number>({
      name: "tally",
      create: () => (how === "later" ? undefined : new Tally(0)),
      add: (tally) => new Tally((tally?.count ?? 0) + 1),
      merge: (a, b) => new Tally((a?.count ?? 0) + (b?.count ?? 0)),
      extract: (tally) => tally?.count ?? 0,
      ...(how === "with a coder" ? { accumulatorCoder: tallyCoder } : {}),
    });
    const counts = p
      .apply(create(["a", "b", "a"]))
      .apply(keyBy((text) => text))
      .apply("Tally", combinePerKey(counting));
    return { counts };
  },

  /** A step that gives an element a time that it may not have, in the way that `how` says. */
  wrongTimes: (p, { how }) => {
    const steps: Readonly<Record<string, PTransform<PCollection<string>, PCollection<string>>>> = {
      "of a function": withTimestamps((text) => (text === "bad" ? NaN : 0)),
      "too early": withTimestamps((text) => (text === "bad" ? -5 : 0)),
      "of a DoFn": parDo({
        output: output<string>(),
        process: (text: string, ctx) => ctx.output(text, { timestamp: text === "bad" ? 0.5 : 0 }),
      }),
      "of an async DoFn": parDo({
        async: true,
        output: output<string>(),
        process: async (text: string, ctx) => ctx.output(text, { timestamp: text === "bad" ? Infinity : 0 }),
      }),
    };
    const texts = p.apply(create(["good", "bad"])).apply(
      "Zero",
      withTimestamps(() => 0),
    );
    texts.apply("At", steps[how]!);
  },

  /** Times and windows that are none; `how` says which, by its place in the list. */
  badWindows(p, { how }) {
    const numbers = p.apply(create([701, 705], { timestampOf: (n) => n }));
    const step = badSteps[how];
    if (step !== undefined) numbers.apply("Step", step);
    else {
      const windowFn: WindowFn = {
        ...fixedWindows(10),
        name: "mine",
        assign: ({ timestamp }) => [intervalWindow(timestamp, 720)],
        merge: badMerges[how]!,
      };
      delete (windowFn as Partial<Record<"assignAt", unknown>>).assignAt;
      numbers
        .apply(windowInto(windowFn))
        .apply(keyBy(() => "key"))
        .apply("Step", groupByKey());
    }
  },

  /** Two steps that write to the file `how`. */
  oneFile: (p, { how }) => {
    const lines = p.apply(create(["a"]));
    lines.apply("First", writeText(how));
    lines.apply("Second", writeText(how));
  },

  /** Files with lines and rows that cannot be read; `how` is their folder. */
  brokenFiles: (p, { how }) => {
    const reads = {
      text: p.apply("Text", readText(join(how, "a.txt"), { invalidUtf8: "deadLetter" })),
      csv: p.apply("Csv", readCsv(join(how, "a.csv"), { onError: "deadLetter" })),
      json: p.apply("Json", readJsonLines(join(how, "a.jsonl"), { onError: "deadLetter", maxLineBytes: 20, maxDepth: 3 })),
    };
    return Object.fromEntries(
      Object.entries(reads).flatMap(([name, { main, failed }]: [string, ReadOutputs<unknown>]) => [
        [name, main],
        // Spread, so that they are encoded on threads.
        [`${name}Failed`, failed.apply(`Spread ${name}`, reshuffle())],
      ]),
    );
  },

  /** Nothing at all, or nothing but a source. */
  empty: (p, { how }) => {
    if (how === "a source without elements") return { main: p.apply(create<number>([])).apply(map((n) => n + 1)) };
    return undefined;
  },

  /** Elements that are easily lost on the way. */
  awkward: (p) => {
    const fields = JSON.parse('{ "__proto__": { "admin": true }, "constructor": 1 }') as unknown;
    const elements = p.apply(create<unknown>([null, undefined, "__proto__", "", 0, NaN, fields, [], [undefined, null]]));
    const groups = elements
      .apply("Spread", reshuffle())
      .apply(keyBy((element) => element))
      .apply(groupByKey())
      .apply(map(([key, values]) => ({ key, values: [...values] })));
    return { elements, groups };
  },

  /** A step that throws, in the way that `how` says. */
  throws: (p, { how }) => {
    const throwers: Readonly<Record<string, (text: string) => unknown>> = {
      "an error of JavaScript": parsed,
      "an error of its own": (text) => {
        if (text === "bad") throw new ParseError("line 7 is bad", { cause: new RangeError("behind it") });
        return text;
      },
      "a text": (text) => {
        if (text === "bad") throw "just a text"; // oxlint-disable-line no-throw-literal
        return text;
      },
    };
    p.apply(create(["good", "bad", "good"]))
      .apply(
        "Before",
        map((text) => text),
      )
      .apply("Outer", (texts: PCollection<string>) => texts.apply("Parse", map(throwers[how]!)))
      .apply(
        "After",
        map((result) => result),
      );
  },

  /** Steps that give what no thread can be sent. */
  notEncodable: (p) => {
    p.apply(create([1]))
      .apply(
        "ToPoint",
        map(() => new Point() as unknown),
      )
      .apply("Spread", reshuffle())
      .apply(
        "After",
        map((point) => point),
      );
  },

  /** Code that takes the whole thread along. */
  dies: (p, { how }) => {
    const ways: Readonly<Record<string, () => unknown>> = {
      "process.exit": () => process.exit(3),
      "an error that nobody catches": () => void globalThis.setTimeout(() => fail("outside of everything")),
      "a rejection that nobody handles": () => void Promise.reject(new Error("outside of everything")),
    };
    // Goes on for ever, so that only its death ends the run.
    p.apply(boundedSource(endless)).apply(
      "Die",
      map((n) => (n === 0 ? ways[how]!() : n)),
    );
  },

  /** Code that takes the thread along when the run is long over: once there is a file beside the log. */
  diesLater: (p, { how: signalFile, log }) => {
    p.apply(create([1])).apply(
      "Later",
      map(() => {
        const look = setInterval(() => {
          if (!existsSync(signalFile)) return;
          log("gone");
          process.exit(7);
        }, 1);
        look.unref();
      }),
    );
  },

  /** A DoFn that says what is called, and throws where `how` says. */
  lifecycle: (p, { how, log }) => {
    const [throwsIn, kind] = how.split(" ");
    const end = (who: number, what: string): void => {
      log(`${who} ${what} done`);
      if (what === throwsIn) fail(`cannot ${what}`);
    };
    const now = (who: number, what: string): void => {
      log(`${who} ${what}`);
      end(who, what);
    };
    const at = (who: number, what: string): void | Promise<void> => {
      if (kind !== "async") return now(who, what);
      log(`${who} ${what}`);
      return setImmediate().then(() => end(who, what));
    };
    let last = 0;
    const who: { id: number | undefined } = { id: undefined };
    p.apply(create([1, 2, 3, 4, 5]))
      .apply("Spread", reshuffle())
      .apply(
        "Checking",
        parDo({
          output: output<number>(),
          setup() {
            const id = 100 * threadId + ++last;
            who.id = id;
            return at(id, "setup")?.then(() => id) ?? id;
          },
          startBundle: ({ instance }) => at(instance, "startBundle"),
          process(n, ctx) {
            now(ctx.instance, "process");
            ctx.output(n);
          },
          finishBundle: ({ instance }) => at(instance, "finishBundle"),
          // Where setup threw there is no instance, and the one that was to be is torn down all the same.
          teardown: (instance) => at(instance ?? who.id!, "teardown"),
        }),
      );
  },

  /** Steps with a failure policy, each of which fails for every third number, at every attempt. */
  policies: (p) => {
    const attempts = counter("attempts");
    const numbers = p.apply(generate({ count: 9, timestampOf: (i) => i }));
    const thirds = (n: number): number => {
      attempts.inc();
      return n % 3 === 0 ? fail(`cannot take ${n}`) : n * 10;
    };
    const skipped = numbers.apply("Skip", withExceptionHandling(map(thirds), { attempts: 2, then: "skip" }));
    const { main, failed } = numbers.apply("Letter", withExceptionHandling(map(thirds), { attempts: 3, then: "deadLetter" }));
    const lists = numbers.apply(
      "Lists",
      withExceptionHandling(
        flatMap(function* (n: number) {
          yield n;
          if (n % 3 === 0) fail(`cannot go on after ${n}`);
          yield -n;
        }),
        { then: "skip" },
      ),
    );
    const doFn = numbers.apply(
      "DoFn",
      withExceptionHandling(
        parDo({
          output: output<number>(),
          outputs: { other: output<string>() },
          process(n: number, ctx) {
            ctx.output(n);
            ctx.outputs.other(`other ${n}`);
            if (n % 3 === 0) fail(`cannot take ${n}`);
          },
        }),
        { then: "deadLetter" },
      ),
    );
    return {
      skipped,
      main,
      failed: failed.apply(
        "Letters",
        map(({ error: { name, message }, ...letter }) => ({ ...letter, error: { name, message } })),
      ),
      lists,
      doFnMain: doFn.main,
      doFnOther: doFn.other,
      doFnFailed: doFn.failed.apply(
        "Elements",
        map(({ element }) => element),
      ),
    };
  },

  /** A step that fails the second time, or one behind a policy that fails. */
  policyFails: (p, { how }) => {
    const step = p.apply(create([1, 2])).apply(
      "Guarded",
      withExceptionHandling(
        map((n: number) => (how === "itself" && n === 2 ? fail("cannot take 2") : n)),
        how === "itself" ? { attempts: 3, then: "fail" } : { attempts: 3, then: "skip" },
      ),
    );
    step.apply(
      "Behind",
      map((n) => (how === "behind" && n === 2 ? fail("cannot take 2 either") : n)),
    );
  },

  /** Two sinks, and a step behind each; `how` says what fails. */
  sinks: (p, { how, log }) => {
    const lines = p.apply(create(how === "no elements" ? [] : ["a", "b", "c"])).apply(
      "Pass",
      map((line) => (how === "a step fails" && line === "c" ? fail("cannot take c") : line)),
    );
    const [first, second] = ["First", "Second"].map((name) => {
      const shards = how === "three shards" ? 3 : undefined;
      return lines.apply(name, writeTo(loggingSink(name, how, log, shards))).apply(
        `After${name}`,
        map((part) => (log(`${part} arrived behind ${name}`), part)),
      );
    });
    return { first: first!, second: second! };
  },

  /** A source that does as `how` says. */
  reads: (p, { how }) => ({
    numbers: p.apply(boundedSource(sources[how]!)).apply(
      "After",
      map((n) => n),
    ),
  }),

  /** Reads for ever, and writes what it reads. */
  endless: (p, { how, log }) => {
    p.apply(boundedSource(endless))
      .apply(
        "Seen",
        map((n) => {
          if (n === 10) log("read 10");
          return n;
        }),
      )
      .apply(
        "Most",
        filter((n) => how === "to a sink" || n < 0),
      )
      .apply("Write", writeTo(loggingSink("Write", "", log)));
  },
};

/** Writes what happens to it into the log; what it commits is what was written, by shard. */
function loggingSink(name: string, how: string, log: (event: string) => void, shards?: number): Sink<unknown, string> {
  const failAt = (where: string): void => {
    if (how === `${name} fails to ${where}`) fail(`${name} cannot ${where}`);
  };
  return {
    name,
    ...(shards === undefined ? {} : { shards }),
    open({ shard, epoch, signal }: SinkContext) {
      log(`${name} opens ${shard} of epoch ${epoch}`);
      failAt("open");
      const written: unknown[] = [];
      signal.addEventListener("abort", () => log(`${name} is aborted`));
      return {
        async write(values) {
          log(`${name} writes`);
          failAt("write");
          if (how === `${name} writes for ever`) await new Promise((resolve) => signal.addEventListener("abort", resolve));
          await setImmediate();
          written.push(...values);
        },
        async finish() {
          log(`${name} finishes ${shard}`);
          failAt("finish");
          return `${name} ${shard}: ${written.map(String).toSorted().join("")}`;
        },
      };
    },
    async commit(parts) {
      log(`${name} commits on ${isMainThread ? "the main thread" : "a worker"}`);
      await hooks.onCommit(name);
      failAt("commit");
      log(`${name} has committed ${parts.toSorted().join(", ")}`);
    },
  };
}

/** Numbers from 0 on, each at its own time, with a wait before each so that everything else has its turn. */
const endless: BoundedSource<number, OffsetRange> = {
  name: "Endless",
  restriction: () => ({ from: 0, to: Number.MAX_SAFE_INTEGER }),
  split: (range) => [range],
  async *read(range: OffsetRange, tracker: Tracker) {
    for (let i = range.from; i < range.to; i++) {
      if (tracker.claimWhile([i]) === 0) return;
      await setTimeout(0);
      yield { values: [i], timestamps: [i] };
    }
  },
};

type Numbers = BoundedSource<number, OffsetRange>;

/** Reads what it claims, one at a time. */
async function* plainly({ from, to }: OffsetRange, tracker: Tracker) {
  for (let i = from; i < to; i++) {
    if (tracker.claimWhile([i]) === 0) return;
    yield { values: [i], timestamps: [i * 1_000] };
  }
}

const good: Numbers = { name: "Numbers", restriction: () => ({ from: 0, to: 6 }), split: (range) => [range], read: plainly };

/** Sources by what they do. */
const sources: Readonly<Record<string, Numbers>> = {
  "reads its parts": {
    ...good,
    restriction: async () => ({ from: 0, to: 6 }),
    split: async () => [0, 2, 2, 4].map((from, i) => ({ from, to: [2, 2, 4, 6][i]! })),
  },
  "has no parts": { ...good, split: () => [] },
  "claims too early a position": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from - 1)) yield { values: [1] };
    },
  },
  "claims a position again": {
    ...good,
    async *read({ from }, tracker) {
      for (let i = 0; i < 2; i++) if (tracker.tryClaim(from + 1)) yield { values: [1] };
    },
  },
  "returns too early": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from)) yield { values: [1] };
    },
  },
  "gives a time that is none": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from)) yield { values: [1, 2], timestamps: [0, NaN] };
    },
  },
  "gives too few times": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from)) yield { values: [1, 2], timestamps: [0] };
    },
  },
  "gives a time out of range": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from)) yield { values: [1], timestamps: [8.64e15 + 1] };
    },
  },
  "throws in restriction": { ...good, restriction: () => fail("no restriction") },
  "rejects in restriction": { ...good, restriction: async () => fail("no restriction") },
  "throws in split": { ...good, split: () => fail("no split") },
  "throws in read": {
    ...good,
    async *read({ from }, tracker) {
      if (tracker.tryClaim(from)) yield { values: [1] };
      fail("no more");
    },
  },
  "has a restriction that is no range": { ...good, restriction: () => ({ from: 5, to: 1 }) },
  "has a part that is no range": { ...good, split: () => [{ from: 0 } as OffsetRange] },
};
