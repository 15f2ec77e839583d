import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  collect,
  combinePerKey,
  count,
  create,
  deduplicate,
  eventTimer,
  fixedWindows,
  groupByKey,
  groupIntoBatches,
  NEVER,
  output,
  parDo,
  processingTimer,
  repeatedly,
  sample,
  sessions,
  sum,
  withKeys,
  withWindowing,
  windowInto,
  type KV,
  type PCollection,
  type Pipeline,
  type Trigger,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { toObservable } from "millrace/runners/rxjs";
import { at, testStream } from "millrace/testing";
import { compare } from "../../runners/cli/verify/compare.ts";
import { contentsOf, type Contents } from "../../runners/cli/verify/contents.ts";
import { mustBeRepeatable, scopeOf, type Scope } from "../../runners/cli/verify/subjects.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { tapped, type TapSettings } from "../../runners/core/taps.ts";
import { millrace } from "./command.ts";
import { endless, observed } from "./pipelines/verified.ts";

const pipelines = "test/cli/pipelines/verified.ts";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-verify-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const verify = (name: string, ...flags: readonly string[]) => millrace(["verify", `${pipelines}#${name}`, ...flags]);

describe.concurrent("millrace verify", () => {
  test("finds what depends on a variable of the module, and says at which step, key and window", async () => {
    const path = join(folder, "calls.txt");
    const { code, stdout } = await verify("countsCalls", "--runners", "direct,rxjs", "--", "--output", path);
    expect(code).toBe(1);
    expect(stdout).toBe(`differs
  Sums (combine sum): 2 of the panes of 4 keys and windows
    key "odd", [1970-01-01T00:00:00.000Z, 1970-01-01T00:00:10.000Z)
      direct  35
      rxjs    85
    key "odd", [1970-01-01T00:00:10.000Z, 1970-01-01T00:00:20.000Z)
      direct  110
      rxjs    160
  Write/Files (sink Files): 4 of 6 different elements
    "odd 35"
      direct  once
      rxjs    nothing
    "odd 110"
      direct  once
      rxjs    nothing
    "odd 85"
      direct  nothing
      rxjs    once
    "odd 160"
      direct  nothing
      rxjs    once

same
  HowMany (combine count): the panes of 4 keys and windows

verified: direct, rxjs differ
`);
    expect(existsSync(path)).toBe(false);
  });

  test("says the same as JSON", async () => {
    const flags = ["--runners", "direct,rxjs", "--json", "--", "--output", join(folder, "json.txt")];
    const { code, stdout, stderr } = await verify("countsCalls", ...flags);
    expect([code, stderr]).toEqual([1, ""]);
    const inWindow = (start: number) => ({ key: '"odd"', window: { start, end: start + 10_000, maxTimestamp: start + 9_999 } });
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: "verified",
      verdict: "different",
      runners: ["direct", "rxjs"],
      compared: [
        { step: "HowMany", kind: "combine count", what: "panes", size: 4, differing: 0, examples: [] },
        {
          step: "Sums",
          differing: 2,
          examples: [
            { ...inWindow(0), had: { direct: "35", rxjs: "85" } },
            { ...inWindow(10_000), had: { direct: "110", rxjs: "160" } },
          ],
        },
        { step: "Write/Files", what: "elements", size: 6, differing: 4, examples: { 0: { element: '"odd 35"', had: { direct: 1 } } } },
      ],
      notCompared: [],
      notSeen: [],
    });
  });

  test("runs what may have effects, but no sink, and says what it could not look at", async () => {
    const path = join(folder, "effects.txt");
    const { code, stdout } = await verify("hasEffects", "--threads", "2", "--", "--output", path);
    expect(code).toBe(0);
    expect(stdout).toBe(`same
  Write/Files (sink Files): 20 different elements
  HowMany (combine count): the panes of 2 keys and windows

not compared
  ByName: it reads what the sink "Write/Files" commits, and nothing is committed
  AfterWriting/Completion/AsIterable/GroupByKey: it reads what the sink "Write/Files" commits, and nothing is committed

not seen
  Ask: it waits for something outside of the pipeline, where it may have effects
  Pass: it is a parDo, which may have effects that are not in its output

verified: direct, rxjs, threads agree
`);
    expect(existsSync(path)).toBe(false);
  });

  test("fails where one runner does, and says which", async () => {
    const { code, stdout, stderr } = await verify("failsOnThreads", "--runners", "direct,rxjs,threads", "--threads", "1");
    expect([code, stdout]).toEqual([
      1,
      "failed on\n  threads\n\nsame\n  Sums (combine sum): the panes of 1 key and window\n\nverified failed on threads\n",
    ]);
    expect(stderr).toMatch(/\nmillrace: on threads\nSTEP_FAILED: a step failed: RangeError: 0 is only on the main thread at "Here"\.\n/);
  });

  test.each([
    ["early", /^not compared\n {2}Sums: [^]*\nverified: there is nothing that could be compared, so it was not run\n$/, /^$/],
    ["givesNothing", /\nverified: nothing came out on direct, rxjs, so nothing was compared\n$/, /^millrace: running on direct\n/],
    ["endless", /^$/, /^NOT_REPEATABLE: .* at "Ticks\/Read"\.\n {2}got: a source without an end\n/],
    ["observed", /^$/, /^NOT_REPEATABLE: .* at "Taken\/Read"\.\n {2}got: a source that only the rxjs runner reads\n/],
    ["countsCalls", /^$/, /^BAD_OPTION: the option "output" is required/],
  ])("ends with 2 where nothing can be compared: %s", async (name, stdout, stderr) => {
    expect(await verify(name, "--runners", "direct,rxjs")).toEqual({
      code: 2,
      stdout: expect.stringMatching(stdout),
      stderr: expect.stringMatching(stderr),
    });
  });
});

// ---- without the command

const scopeOfPipeline = (build: (p: Pipeline) => void): Scope => {
  const { graph } = buildGraph(build);
  return scopeOf(graph, tapped(graph));
};
const comparedIn = ({ subjects }: Scope): readonly unknown[] => subjects.map(({ tap, how }) => [tap.node.path, how]);

/** A grouping and what is behind it. */
const grouped = (trigger: Trigger, accumulation: "discarding" | "accumulating", isCombine: boolean) => (p: Pipeline) => {
  const settings = { trigger, accumulation, allowedLateness: 5 };
  const pairs = p
    .apply("Numbers", create([1, 2, 3]))
    .apply("Windows", windowInto(fixedWindows(10), settings))
    .apply("Keys", withKeys("k"));
  const groups: PCollection<KV<string, unknown>> = isCombine
    ? pairs.apply("Group", combinePerKey(sum()))
    : pairs.apply("Group", groupByKey());
  groups.apply("Result", collect());
};

describe("what is compared of a grouping and behind it", () => {
  const byCount = repeatedly(afterCount(2));
  const byClock = afterWatermark({ early: afterProcessingTime(5), late: afterCount(1) });
  const steady = afterWatermark();

  test.each([
    ["steady", steady, "discarding", true, "allPanes", /^$/, true],
    ["steady", steady, "accumulating", true, "lastPane", /^$/, true],
    ["by count", byCount, "accumulating", true, "lastPane", /^only its last panes .* come together in bundles$/, false],
    ["by count", byCount, "accumulating", false, "lastPane", /^only its last panes .* come together in bundles$/, false],
    ["by count", byCount, "discarding", false, "allPanes", /^only its panes together .* come together in bundles$/, false],
    ["by count", byCount, "discarding", true, undefined, /^its panes hold parts of a result.* come together in bundles$/, false],
    ["by the clock", byClock, "accumulating", true, "lastPane", /^only its last panes .* depends on processing time$/, false],
  ] as const)("%s %#: %o, %s, combine: %s", (_, trigger, accumulation, isCombine, how, why, comparesResult) => {
    const allowUnsafe = trigger === steady ? afterWatermark({ late: afterWatermark() }) : trigger;
    const scope = scopeOfPipeline(grouped(allowUnsafe, accumulation, isCombine));
    expect(comparedIn(scope)).toEqual([
      ...(how === undefined ? [] : [["Group", how]]),
      ...(comparesResult ? [["Result", "elements"]] : []),
    ]);
    const reasons = scope.notCompared.filter(({ step }) => step === "Group").map((note) => note.why);
    expect(reasons.join("\n")).toMatch(why);
    expect(scope.notCompared.filter(({ step }) => step === "Result")).toHaveLength(comparesResult ? 0 : 1);
  });
});

test.each<[string, (pairs: PCollection<KV<string, number>>) => PCollection<unknown>, RegExp]>([
  ["groupIntoBatches", (pairs) => pairs.apply("Step", groupIntoBatches({ size: 2 })), /depends on the order .*, at "Step\/ParDo"$/],
  ["deduplicate", (pairs) => pairs.apply("Step", deduplicate({ within: 5 })), /depends on the order .*, at "Step\/.*"$/],
  ["sample", (pairs) => pairs.apply("Step", combinePerKey({ some: sample(1), n: count() })), /depends on the order .*, at "Step"$/],
  ["timers in processing time", (pairs) => pairs.apply("Step", timed("processing")), /depends on processing time, at "Step"$/],
])("nothing is compared behind %s, whose output is not the same in each run", (_, step, why) => {
  const { subjects, notCompared } = scopeOfPipeline((p) => {
    step(p.apply("Numbers", create([1, 2])).apply("Keys", withKeys("k"))).apply("Result", collect());
  });
  expect(subjects).toEqual([]);
  expect(notCompared.at(-1)).toEqual({ step: "Result", why: expect.stringMatching(why) });
});

/** A parDo with a timer. */
const timed = (domain: "event" | "processing") =>
  parDo({
    timers: { timer: domain === "event" ? eventTimer() : processingTimer() },
    timeToLive: NEVER,
    output: output<number>(),
    process: ([, n]: KV<string, number>, ctx) => ctx.output(n),
    onTimer: { timer: () => {} },
  });

test("a parDo that remembers something is compared, and it is said that the order of elements may show", () => {
  const { subjects, unseen } = scopeOfPipeline((p) => {
    p.apply("Numbers", create([1, 2]))
      .apply("Keys", withKeys("k"))
      .apply("Step", timed("event"))
      .apply("Result", collect());
  });
  expect(subjects).toHaveLength(1);
  expect(unseen).toEqual([{ step: "Step", why: expect.stringMatching(/^it remembers elements by key, .* may depend on their order/) }]);
});

test("a pipeline whose input is not the same each time is refused", () => {
  expect(() => mustBeRepeatable(buildGraph(endless).graph)).toThrow("a source without an end");
  expect(() => mustBeRepeatable(buildGraph(observed).graph)).toThrow("a source that only the rxjs runner reads");
});

// ---- what counts as a difference

/** Runs a pipeline with taps, as `millrace verify` does. */
async function contentsIn(build: (p: Pipeline) => void): Promise<{ readonly scope: Scope; readonly contents: readonly Contents[] }> {
  const { graph } = buildGraph(build);
  const scope = scopeOf(graph, tapped(graph));
  const settings: TapSettings = { hasTaps: true };
  const result = await directRunner().run(build, {}, settings);
  return { scope, contents: scope.subjects.map((subject) => contentsOf(subject, result.collected(subject.tap.elements), graph)) };
}

/** In how many places two runs differ, by the path of the step. */
async function differencesOf(one: (p: Pipeline) => void, other: (p: Pipeline) => void): Promise<Readonly<Record<string, number>>> {
  const [a, b] = [await contentsIn(one), await contentsIn(other)];
  return Object.fromEntries(
    a.scope.subjects.map((subject, i) => [subject.tap.node.path, compare(subject, [a.contents[i]!, b.contents[i]!]).differing]),
  );
}

const numbers =
  (...given: readonly number[]) =>
  (p: Pipeline) => {
    const pairs = p.apply("Numbers", create(given)).apply("Keys", withKeys("k"));
    pairs.apply("Group", groupByKey());
    pairs.apply("Result", collect());
  };

describe("two runs", () => {
  test("do not differ by the order of elements, and of the values of a key", async () => {
    expect(await differencesOf(numbers(1, 2, 2, 3), numbers(2, 3, 1, 2))).toEqual({ Group: 0, Result: 0 });
  });

  test("differ by how often an element comes", async () => {
    expect(await differencesOf(numbers(1, 2, 2), numbers(1, 2))).toEqual({ Group: 1, Result: 1 });
    expect(await differencesOf(numbers(1, 2, 2), numbers(1, 1, 2))).toEqual({ Group: 1, Result: 2 });
  });

  test("differ by a key that only one of them has", async () => {
    const keyed = (key: unknown) => (p: Pipeline) =>
      void p
        .apply(create([1]))
        .apply(withKeys(key))
        .apply("Count", combinePerKey(count()));
    expect(await differencesOf(keyed({ a: 1, b: 2 }), keyed({ b: 2, a: 1 }))).toEqual({ Count: 0 });
    expect(await differencesOf(keyed("1"), keyed(1))).toEqual({ Count: 2 });
  });

  test("do not differ by the frames of errors in dead letters", async () => {
    const failing = (name: string) => (p: Pipeline) => {
      const error = { name: "Error", message: "no", stack: `Error: no\n    at ${name}` };
      p.apply(create([{ element: 1, step: "Parse", error, attempts: 1, timestamp: 0 }])).apply("Result", collect());
    };
    expect(await differencesOf(failing("here"), failing("there"))).toEqual({ Result: 0 });
  });

  /** Sums that repeat themselves, as elements come; `together` come in one bundle. */
  const sums =
    (...together: readonly (readonly number[])[]) =>
    (p: Pipeline) => {
      const stream = together.reduce((so, elements) => so.addElements(...elements.map((n) => at(n, n))), testStream<number>());
      const settings = { trigger: repeatedly(afterCount(1)), accumulation: "accumulating" } as const;
      p.apply(stream)
        .apply("Windows", windowInto(sessions(5), settings))
        .apply(withKeys("k"))
        .apply("Sums", combinePerKey(sum()));
    };

  test("do not differ by panes before the last one, nor by windows that grew into others", async () => {
    expect(await differencesOf(sums([1, 4, 8, 5], [30]), sums([8], [30], [1], [4], [5]))).toEqual({ Sums: 0 });
    expect(await differencesOf(sums([1, 4, 8]), sums([1, 4], [20]))).toEqual({ Sums: 3 });
  });

  /** The same as lists that are cut into panes. */
  const lists =
    (...together: readonly (readonly number[])[]) =>
    (p: Pipeline) => {
      const stream = together.reduce((so, elements) => so.addElements(...elements.map((n) => at(n, n))), testStream<number>());
      const settings = { trigger: repeatedly(afterCount(1)), accumulation: "discarding" } as const;
      p.apply(stream).apply("Global", withWindowing(settings)).apply(withKeys("k")).apply("Lists", groupByKey());
    };

  test("do not differ by how a list is cut into panes", async () => {
    expect(await differencesOf(lists([1, 4], [8]), lists([8], [1], [4]))).toEqual({ Lists: 0 });
    expect(await differencesOf(lists([1, 4], [8]), lists([8], [1], [5]))).toEqual({ Lists: 1 });
  });
});

test("what only one runner would hand out is collected on all of them", async () => {
  const seen: number[] = [];
  const { contents } = await contentsIn((p) => {
    p.apply("Numbers", create([1, 2]))
      .apply(toObservable())
      .subscribe((n) => seen.push(n));
  });
  expect(contents.map(({ size }) => size)).toEqual([2]);
  expect(seen).toEqual([]);
});
