/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
/**
 * What is known to be wrong. Each of these is red until it is put right, and moves then to where its subject is tested.
 */
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asyncMap,
  boundedSource,
  collect,
  combinePerKey,
  count,
  create,
  defaultTrigger,
  fixedWindows,
  flatMap,
  globalWindow,
  globalWindows,
  groupByKey,
  hours,
  keyBy,
  map,
  MIN_INSTANT,
  NO_FIRING,
  output,
  parDo,
  reshuffle,
  structuralCoder,
  windowInto,
  withExceptionHandling,
  withTimestamps,
  writeTo,
  type AnyCombineFn,
  type BoundedSource,
  type Collected,
  type CombineFn,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Runner,
  type Sink,
  type Tracker,
  type WindowFn,
} from "millrace";
import { directRunner, type Cut } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { ExchangeSlot } from "../../runners/core/exchange-slot.ts";
import { generate } from "../../runners/core/generate.ts";
import { Grouping } from "../../runners/core/grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { link } from "../../runners/core/link.ts";
import { campaign } from "../io/support/campaign.ts";
import { AsyncRun, Calls } from "../support/async-run.ts";
import { batchWith, element } from "../support/batches.ts";
import { runProgram } from "../support/child.ts";
import { settled } from "../support/runs.ts";
import { comparable, inputBundles, outcomes, type MakeBackEnd } from "../support/stage-harness.ts";
import { stepTrees } from "../support/step-trees.ts";

const runners: readonly (readonly [string, (cut?: Cut) => Runner])[] = [
  ["directRunner", directRunner],
  ["rxjsRunner", rxjsRunner],
];

/** What a pipeline collects. */
async function collectedBy<T>(runner: Runner, build: (p: Pipeline) => PCollection<T>): Promise<readonly T[]> {
  let handle!: Collected<T>;
  const result = await runner.run((p) => void (handle = build(p).apply("Collect", collect())));
  return result.collected(handle);
}

/** Elements as texts, in an order that does not depend on how they came. */
const inOrder = (elements: readonly unknown[]): readonly string[] => elements.map((each) => JSON.stringify(each)).toSorted();

/** Reads the numbers of a range, each when it is asked for. */
const numbers = (over: Partial<BoundedSource<number, OffsetRange>> = {}): PTransform<Pipeline, PCollection<number>> =>
  boundedSource({
    name: "Numbers",
    restriction: () => ({ from: 0, to: 5 }),
    split: (range) => [range],
    async *read(range: OffsetRange, tracker: Tracker) {
      for (let i = range.from; i < range.to; i++) {
        if (tracker.claimWhile([i]) === 0) return;
        yield { values: [i] };
      }
    },
    ...over,
  });

describe.each([
  ["generated", true],
  ["linked", false],
])("steps that are %s", (_, generatesCode) => {
  const runner = directRunner({ generatesCode });

  test("may be a flatMap that looks at its context", async () => {
    const found = await collectedBy(runner, (p) =>
      p.apply(create([1, 2], { timestampOf: (n) => n })).apply(flatMap((n, ctx) => [n, ctx.timestamp * 10])),
    );
    expect(found).toEqual([1, 10, 2, 20]);
  });

  test("may be a flatMap behind a keyBy", async () => {
    const found = await collectedBy(runner, (p) =>
      p
        .apply(create([1, 2]))
        .apply(keyBy((n) => `k${n}`))
        .apply(flatMap(([key, n]) => [key, n])),
    );
    expect(found).toEqual(["k1", 1, "k2", 2]);
  });

  test.each([
    ["that share their time", {}],
    ["with times of their own", { timestampOf: (n: number) => n }],
  ])("may put pairs %s into windows", async (__, options) => {
    const keyed = (p: Pipeline) =>
      p.apply(create([1, 2], options)).pipe(
        keyBy((n) => n % 2),
        windowInto(fixedWindows(10)),
      );
    expect(inOrder(await collectedBy(runner, keyed))).toEqual(["[0,2]", "[1,1]"]);
    const groups = await collectedBy(runner, (p) =>
      keyed(p).pipe(
        groupByKey(),
        map(([key, values]) => [key, ...values]),
      ),
    );
    expect(inOrder(groups)).toEqual(["[0,2]", "[1,1]"]);
  });

  test("blame the step that failed first, whatever a DoFn before it makes of that", async () => {
    const run = (process: (give: (x: string) => void) => void) =>
      runner.run((p) => {
        p.apply(create(["a"]))
          .apply("Before", parDo({ output: output<string>(), process: (__, ctx) => process((x) => ctx.output(x)) }))
          .apply(
            "Fails",
            map((x) => {
              if (x === "bad") throw new Error("cannot take it");
              return x;
            }),
          );
      });
    const blamed = { code: "STEP_FAILED", parts: { at: "Fails", got: 'the element "bad"' }, cause: { message: "cannot take it" } };
    const swallow = (call: () => void): void => {
      try {
        call();
      } catch {
        // as user code may do
      }
    };
    await expect(run((give) => swallow(() => give("bad")))).rejects.toMatchObject(blamed);
    await expect(
      run((give) => {
        swallow(() => give("bad"));
        give("good");
      }),
    ).rejects.toMatchObject(blamed);
    await expect(
      run((give) => {
        try {
          give("bad");
        } catch (cause) {
          throw new Error("something else", { cause });
        }
      }),
    ).rejects.toMatchObject(blamed);
  });

  test("fail a bundle whose finishBundle catches what giving out an element throws", async () => {
    const run = runner.run((p) => {
      p.apply(create(["a"]))
        .apply(
          "Before",
          parDo({
            output: output<string>(),
            process() {},
            finishBundle(ctx) {
              try {
                ctx.output("x", { timestamp: 0, window: globalWindow });
              } catch {
                // as user code may do
              }
            },
          }),
        )
        .apply(
          "Fails",
          map(() => {
            throw new Error("cannot take it");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ code: "STEP_FAILED", parts: { at: "Fails" } });
  });

  test("name the step that cannot take what finishBundle gives out", async () => {
    const run = runner.run((p) => {
      p.apply(create(["a"]))
        .apply(
          "Before",
          parDo({
            output: output<string>(),
            process() {},
            finishBundle: (ctx) => ctx.output("last", { timestamp: 0, window: globalWindow }),
          }),
        )
        .apply(
          "Fails",
          map(() => {
            throw new Error("cannot take it");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ parts: { at: "Fails", got: 'the element "last"' }, cause: { message: "cannot take it" } });
  });

  test("give out what the finishBundle of a DoFn with a failure policy gives out", async () => {
    const doFn = parDo({
      output: output<string>(),
      process: (x: string, ctx) => ctx.output(x),
      finishBundle: (ctx) => ctx.output("last", { timestamp: 0, window: globalWindow }),
    });
    const found = await collectedBy(runner, (p) => p.apply(create(["a", "b"])).apply(withExceptionHandling(doFn, { then: "skip" })));
    expect(found).toEqual(["a", "b", "last"]);
  });

  // When these are green, both belong to the options of the trees in test/properties.
  test.each([
    ["DoFns that catch what giving out an element throws", { catches: true }],
    ["DoFns that give out something in finishBundle", { bundles: true }],
  ])("give what a tree with %s means", async (__, options) => {
    const makeBackEnd: MakeBackEnd = generatesCode ? generate : () => link;
    const cut = { batchSize: 3, partitions: 1 };
    await fc.assert(
      fc.asyncProperty(stepTrees(options), inputBundles, async (tree, bundles) => {
        for (const { outcome, expected } of await outcomes(makeBackEnd, tree, bundles, cut))
          expect(comparable(outcome)).toEqual(comparable(expected));
      }),
      campaign(300),
    );
  });

  test("keep what an async finishBundle gives out although other bundles have come in between", async () => {
    let finished = 0;
    const found = await collectedBy(directRunner({ generatesCode, partitions: 2, elementsPerBundle: 1 }), (p) =>
      p
        .apply(create([1, 2, 3, 4]))
        .apply(flatMap((n) => [n, -n]))
        .apply(reshuffle())
        .apply(
          parDo({
            output: output<number>(),
            process() {},
            async finishBundle(ctx) {
              const mine = ++finished;
              // The first one waits until those of the other partition are long over.
              if (mine === 1) for (let i = 0; i < 30; i++) await setImmediate();
              ctx.output(mine, { timestamp: 0, window: globalWindow });
            },
          }),
        ),
    );
    expect(finished).toBe(8);
    expect(inOrder(found)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });
});

describe("what users write as classes keeps its this:", () => {
  test("a combiner", async () => {
    class Sum implements CombineFn<number, number, number> {
      readonly name = "sum";
      readonly factor = 1;
      create(): number {
        return 0 * this.factor;
      }
      add(total: number, n: number): number {
        return total + n * this.factor;
      }
      merge(a: number, b: number): number {
        return a + b;
      }
      extract(total: number): number {
        return total * this.factor;
      }
    }
    const found = await collectedBy(directRunner(), (p) =>
      p.apply(create([["a", 1] as const, ["a", 2] as const])).apply(combinePerKey(new Sum())),
    );
    expect(found).toEqual([["a", 3]]);
  });

  test("a window function", async () => {
    class Tens {
      readonly name = "tens";
      readonly windows = fixedWindows(10);
      readonly windowCoder = this.windows.windowCoder;
      assign(element: Parameters<WindowFn["assign"]>[0]) {
        return this.windows.assign(element);
      }
      isCompatible(): boolean {
        return false;
      }
    }
    const found = await collectedBy(directRunner(), (p) => p.apply(create([1, 2])).apply(windowInto(new Tens())));
    expect(found).toEqual([1, 2]);
  });
});

describe.each(runners)("on %s", (_, make) => {
  test("sinks are committed once, even if the commit keeps the thread for longer than a turn", async () => {
    const commits: unknown[] = [];
    const slow: Sink<string, string> = {
      name: "Slow",
      open: () => ({ write: () => {}, finish: async () => "part" }),
      async commit(parts) {
        commits.push(parts);
        const end = performance.now() + 25;
        while (performance.now() < end);
        for (let i = 0; i < 5; i++) await setImmediate();
      },
    };
    await make().run((p) => void p.apply(create(["a"])).apply(writeTo(slow)));
    expect(commits).toEqual([["part"]]);
  });

  test("a run that was cancelled while it committed is not CANCELLED, since it has published", async () => {
    const published: string[] = [];
    const sink = (name: string): Sink<string, string> => ({
      name,
      open: () => ({ write: () => {}, finish: async () => name }),
      async commit() {
        void running.cancel();
        await setImmediate();
        published.push(name);
      },
    });
    const running = make().start((p) => {
      const input = p.apply(create(["a"]));
      for (const name of ["First", "Second"]) input.apply(name, writeTo(sink(name)));
    });
    const { state } = await running.done;
    expect(published).toEqual(["First", "Second"]);
    expect(state).toBe("DONE");
  });

  test("a commit that fails, fails the run, although a cancel has come in between", async () => {
    const sink = (name: string): Sink<string, string> => ({
      name,
      open: () => ({ write: () => {}, finish: async () => name }),
      async commit() {
        running.cancel().catch(() => {});
        await setImmediate();
        if (name === "Second") throw new Error("cannot commit");
      },
    });
    const running = make().start((p) => {
      const input = p.apply(create(["a"]));
      for (const name of ["First", "Second"]) input.apply(name, writeTo(sink(name)));
    });
    await expect(running.done).rejects.toMatchObject({
      code: "SINK_FAILED",
      parts: { at: "Second", got: expect.stringContaining("First") },
    });
  });

  test("the error of a run is what failed it, and not what a teardown throws afterwards", async () => {
    const run = make().run((p) => {
      p.apply(create(["a"]))
        .apply(
          "First",
          parDo({
            output: output<string>(),
            process: (x, ctx) => ctx.output(x),
            teardown() {
              throw new Error("cannot tear down");
            },
          }),
        )
        .apply(reshuffle())
        .apply(
          "Second",
          map(() => {
            throw new Error("the reason");
          }),
        );
    });
    await expect(run).rejects.toMatchObject({ cause: { message: "the reason" } });
  });

  test("a teardown that throws keeps no other instance from being torn down", async () => {
    const tornDown: string[] = [];
    const failing = (name: string) =>
      parDo({
        output: output<string>(),
        process: (x: string, ctx) => ctx.output(x),
        teardown() {
          tornDown.push(name);
          throw new Error(`cannot tear down ${name}`);
        },
      });
    await make()
      .run(
        (p) =>
          void p
            .apply(create(["a"]))
            .apply("A", failing("A"))
            .apply("B", failing("B"))
            .apply(reshuffle())
            .apply("C", failing("C")),
      )
      .catch(() => {});
    expect(tornDown.toSorted()).toEqual(["A", "B", "C"]);
  });
});

describe("a read", () => {
  const reading = (
    over: Partial<BoundedSource<number, OffsetRange>>,
    cut: Cut = {},
    then: PTransform<PCollection<number>, PCollection<number>> = map((n) => n),
  ) => collectedBy(directRunner(cut), (p) => p.apply(numbers(over)).apply(then));

  test("may claim positions one by one, under every cut", async () => {
    async function* read(range: OffsetRange, tracker: Tracker) {
      for (let i = range.from; i < range.to; i++) {
        if (!tracker.tryClaim(i)) return;
        yield { values: [i] };
      }
    }
    expect(await reading({ read })).toEqual([0, 1, 2, 3, 4]);
    expect(await reading({ read }, { elementsPerBundle: 2 })).toEqual([0, 1, 2, 3, 4]);
  });

  test("may have a part of which JSON cannot say all", async () => {
    const parts = ["a", "b"].map((name) => ({ from: 0, to: 3, size: 3n, names: new Set([name]) }));
    async function* read(range: OffsetRange, tracker: Tracker) {
      const [name] = (range as (typeof parts)[number]).names;
      for (let i = range.from; i < range.to; i++) {
        if (tracker.claimWhile([i]) === 0) return;
        yield { values: [`${name}${i}`] as unknown as number[] };
      }
    }
    const split = () => parts;
    expect(inOrder(await reading({ split, read }, { elementsPerBundle: 1 }))).toEqual(['"a0"', '"a1"', '"a2"', '"b0"', '"b1"', '"b2"']);
  });

  test("that throws at once is named like one that throws later", async () => {
    const cause = new Error("no way");
    const read = () => {
      throw cause;
    };
    await expect(reading({ read })).rejects.toMatchObject({ code: "READ_FAILED", cause, parts: { at: "Numbers/Read" } });
  });

  /** Says when a read has let go of what it had open. */
  function closing() {
    const closed: string[] = [];
    async function* read(range: OffsetRange, tracker: Tracker) {
      try {
        for (let i = range.from; i < range.to; i++) {
          if (tracker.claimWhile([i]) === 0) return;
          await setImmediate();
          yield { values: [i] };
        }
      } finally {
        closed.push("closed");
      }
    }
    return { closed, read };
  }

  test("lets go of what it has open when a step behind it fails", async () => {
    const { closed, read } = closing();
    const fails = map((n: number) => {
      if (n === 2) throw new Error("cannot take 2");
      return n;
    });
    await expect(reading({ read }, {}, fails)).rejects.toMatchObject({ code: "STEP_FAILED" });
    expect(closed).toEqual(["closed"]);
  });

  test("that is cancelled lets go of what it has open, and nothing is called any more", async () => {
    const { closed, read } = closing();
    const calls: string[] = [];
    const running = directRunner().start((p) => {
      p.apply(numbers({ restriction: () => ({ from: 0, to: 1e9 }), read })).apply(
        parDo({
          setup: () => void calls.push("setup"),
          process: () => void calls.push("process"),
          teardown: () => void calls.push("teardown"),
        }),
      );
    });
    while (calls.length < 100) await setImmediate();
    await running.cancel();
    const before = calls.filter((call) => call === "process").length;
    for (let i = 0; i < 20; i++) await setImmediate();
    expect(calls.filter((call) => call === "process").length, "calls after the run had ended").toBe(before);
    expect(closed).toEqual(["closed"]);
    expect(calls.at(-1)).toBe("teardown");
  });
});

test("late elements are counted one by one, whether they were combined before they were sent or not", async () => {
  const droppedBy = async (cut: Cut): Promise<number> => {
    const result = await directRunner(cut).run((p) => {
      p.apply(create([1, 2, 3, 4], { timestampOf: () => 5 }))
        .apply("First", windowInto(fixedWindows(10)))
        .apply(keyBy(() => "k"))
        .apply("Group", groupByKey())
        .apply(flatMap(([, values]) => values))
        .apply(withTimestamps(() => -100, { allowedSkew: 1_000 }))
        .apply("Second", windowInto(fixedWindows(10)))
        .apply(
          "KeyAgain",
          keyBy(() => "k"),
        )
        .apply("Count", combinePerKey(count()));
    });
    return result.metrics({ step: "Count", name: "dropped_late", kind: "counter" })[0]!.committed;
  };
  expect(await droppedBy({ partitions: 1 })).toBe(4);
  expect(await droppedBy({ partitions: 2 })).toBe(4);
});

describe("the memory of a grouping", () => {
  const megabytes = (): number => (process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers) / 1e6;

  test("grows with what it holds, and not with windows times keys", () => {
    const tens = fixedWindows(10);
    const keys = new KeyDictionary();
    for (let key = 0; key < 10_000; key++) keys.idOf(key);
    const windowing = { windowFn: tens, trigger: defaultTrigger(), allowedLateness: 0 };
    const grouping = new Grouping({ path: "Group", fn: count() as AnyCombineFn, windowing, emitsDefault: false }, keys, true);
    const before = megabytes();
    for (let i = 0; i < 1_000; i++) {
      const windows = tens.assign({ value: i, timestamp: i * 10, windows: [] });
      grouping.add(batchWith([element(i, i * 10, windows)], { keys: { ids: Int32Array.of(i * 10), distinct: undefined } }), MIN_INSTANT);
    }
    expect(grouping.hold).toBe(9);
    expect(megabytes() - before, "for a thousand counts").toBeLessThan(25);
  });

  test("that combines before it sends grows with what it sends, and not with lists of windows times keys", () => {
    let peak = 0;
    const before = megabytes();
    const measuring: AnyCombineFn = {
      ...(count() as AnyCombineFn),
      add(total: number, n: number) {
        if (n % 250 === 0) peak = Math.max(peak, megabytes() - before);
        return total + 1;
      },
    };
    const windowing = { windowFn: globalWindows(), trigger: defaultTrigger(), allowedLateness: 0 };
    const lift = { fn: measuring, windowing, path: "Count", generatesCode: true };
    const slot = new ExchangeSlot({ to: { target: 0, collection: 0 }, partitions: 2, keyCoder: structuralCoder, capacity: 1_024, lift });
    // A window function is free to make a new list for each element.
    for (let i = 0; i < 4_000; i++) slot.put([i, i], 0, [globalWindow], NO_FIRING);
    expect(slot.takeBatches().reduce((sum, { size }) => sum + size, 0)).toBe(4_000);
    expect(peak).toBeLessThan(25);
  });
});

test("the failure of a run whose signal has aborted is not swallowed either", async () => {
  const { code, stderr } = await runProgram(`
    import { create, writeTo } from "millrace";
    import { rxjsRunner } from "millrace/runners/rxjs";
    const ending = new AbortController();
    const sink = {
      name: "Sink",
      open: () => ({ write() {}, finish: async () => "part" }),
      async commit() { ending.abort(); throw new Error("cannot commit"); },
    };
    rxjsRunner().start((p) => { p.apply(create([1])).apply(writeTo(sink)); }, {}, { signal: ending.signal });
  `);
  expect(stderr).toContain("cannot commit");
  expect(code).toBe(1);
});

test.each(["cancelled", "failed"])(
  "an async step leaves no timer behind when the run is %s, since it would keep the process alive",
  async (how) => {
    const others = new Calls();
    const run = new AsyncRun(2, (numbers, calls) => {
      numbers.apply("Other", asyncMap(others.call, { concurrency: 2 }));
      const ask = asyncMap(calls.call, { concurrency: 2, timeout: hours(1) });
      return numbers.apply("Ask", withExceptionHandling(ask, { attempts: 2, backoff: { first: hours(2) }, then: "fail" }));
    });
    await settled();
    await run.calls.fail(1); // it waits for its second attempt, and 2 for the end of its first one
    if (how === "cancelled") await run.running.cancel();
    else await others.fail(1);
    await run.running.done.catch(() => {});
    await settled();
    expect(run.running.state).toBe(how.toUpperCase());
    expect(run.clock.waiting).toEqual([]);
  },
);
