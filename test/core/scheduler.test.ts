import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collect,
  groupByKey,
  impulse,
  MAX_INSTANT,
  MIN_INSTANT,
  NEVER,
  reshuffle,
  withKeys,
  writeTo,
  type PCollection,
  type Pipeline,
  type Sink,
} from "millrace";
import { testStream } from "millrace/testing";
import type { Label } from "../../runners/core/batch.ts";
import type { Bundle } from "../../runners/core/bundle.ts";
import { AT_END, BundleScheduler } from "../../runners/core/scheduler.ts";
import { flatten } from "../../sdk/transforms/flatten.ts";
import { create } from "../../sdk/transforms/create.ts";
import { HandDriven, planOf, stageAt } from "../support/hand-driven.ts";

/** An impulse and reshuffles behind it, each a stage: the plainest chain there is. */
const chain =
  (...names: readonly string[]) =>
  (p: Pipeline): void =>
    chainOf(p.apply("Source", impulse()), ...names);

function chainOf<T>(source: PCollection<T>, ...names: readonly string[]): void {
  names.reduce((input, name) => input.apply(name, reshuffle()), source);
}

/** An impulse that two steps read, each with a step behind it that shows the watermark of the one before. */
function twoConsumers(p: Pipeline): void {
  const source = p.apply("Source", impulse());
  for (const name of ["K", "F"]) source.apply(name, reshuffle()).apply(`${name}Next`, reshuffle());
}

const sink = (name: string, shards?: number): Sink<unknown, unknown> => ({
  name,
  ...(shards === undefined ? {} : { shards }),
  open: () => ({ write: () => {}, finish: async () => name }),
  commit: async () => {},
});

describe("the input watermark", () => {
  test("WM-02 is the minimum over inputs and pending elements", () => {
    const run = new HandDriven(twoConsumers);
    const out = [1_000_000, 1_234, -1_000].flatMap((earliest) => ["K", "F"].map((to) => run.label(to, { earliest })));
    run.run("Source", { out });
    const f = run.next("F"); // in flight, and so not processed
    run.run("K");

    expect(f.batches).toHaveLength(3);
    expect(f.inputWatermark).toBe(-1_000);
    expect(run.inputWatermark("K")).toBe(MAX_INSTANT);
    expect(run.inputWatermark("KNext")).toBe(MAX_INSTANT);
    expect(run.inputWatermark("FNext")).toBe(-1_000);
    run.commit(f);
    expect(run.inputWatermark("F")).toBe(MAX_INSTANT);
    expect(run.inputWatermark("FNext")).toBe(MAX_INSTANT);
  });

  test("is the minimum over all stages that are read", () => {
    const run = new HandDriven((p) => {
      const [a, b] = ["A", "B"].map((name) => p.apply(`Source${name}`, impulse()).apply(name, reshuffle()));
      flatten("Both", [a!, b!]).apply("Next", reshuffle());
    });
    run.run("SourceB", { out: [run.label("B", { earliest: 70 })] });
    run.run("B", { hold: 70 });
    run.run("SourceA", { out: [run.label("A", { earliest: 50 })] });
    run.run("A", { hold: 50 });

    expect(run.inputWatermark("Both")).toBe(50);
    run.inputWatermark("A", { hold: 60 });
    expect(run.inputWatermark("Both")).toBe(60);
    run.inputWatermark("A"); // holds nothing any more
    expect(run.inputWatermark("Both")).toBe(70);
  });

  test("is held by elements that wait in any partition", () => {
    const run = new HandDriven(chain("A", "Next"), { partitions: 3 });
    run.run("Source", { out: [run.label("A", { earliest: 20, partition: 2 }), run.label("A", { earliest: 30, partition: 1 })] });
    const [first, second] = run.take() as [Bundle<Label>, Bundle<Label>];

    expect([first.partition, second.partition]).toEqual([1, 2]);
    expect([first.inputWatermark, second.inputWatermark]).toEqual([20, 20]);
    run.commit(second);
    expect(run.inputWatermark("Next")).toBe(30);
    run.commit(first);
    expect(run.inputWatermark("Next")).toBe(MAX_INSTANT);
  });

  test("in a run of a test stream, moves when an event has been worked on in all partitions", () => {
    const run = new HandDriven((p) => chainOf(p.apply("Stream", testStream<number>().advanceWatermarkToInfinity()), "A"), {
      partitions: 2,
    });
    const event = [run.label("A", { earliest: 20 }), run.label("A", { earliest: 30, partition: 1 })];
    run.scheduler.proceed(stageAt(run.plan, "Stream"), event, MAX_INSTANT, 0);
    const [first, second] = run.take() as [Bundle<Label>, Bundle<Label>];

    run.commit(first);
    expect(run.inputWatermark("A")).toBe(MIN_INSTANT);
    run.commit(second);
    expect(run.inputWatermark("A")).toBe(MAX_INSTANT);
  });

  test("WM-06 stays behind elements of a bundle that were not worked on and wait again", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source", { out: [MIN_INSTANT, -1_000, 1_234].map((earliest) => run.label("A", { earliest })) });
    const bundle = run.next("A");
    run.commit(bundle, { residuals: bundle.batches.slice(1) });

    expect(run.inputWatermark("Next")).toBe(-1_000);
    const again = run.next("A");
    expect(again.inputWatermark).toBe(-1_000);
    expect(again.batches.map(({ earliest }) => earliest)).toEqual([-1_000, 1_234]);
  });

  test("WM-08 reaches the end behind bundles that give nothing", () => {
    const run = new HandDriven(chain("A", "B"));
    run.run("Source");

    expect(run.inputWatermark("A")).toBe(MAX_INSTANT);
    expect(run.inputWatermark("B")).toBe(MAX_INSTANT);
    expect(run.scheduler.isDone).toBe(true);
  });

  test("does not pass the outputs of the bundle whose end lets it move", () => {
    const run = new HandDriven(chain("A", "B", "Next"));
    run.run("Source", { out: [run.label("A", { earliest: 5 })] });
    run.run("A", { out: [run.label("B", { earliest: 7 })] });

    const b = run.next("B");
    expect(b.inputWatermark).toBe(7);
    expect(run.inputWatermark("Next")).toBe(7);
  });

  test("does not pass elements that a bundle adds in front of those that wait", () => {
    const run = new HandDriven(chain("A", "B"), { partitions: 2 });
    run.run("Source", { out: [run.label("A", { earliest: 5 }), run.label("A", { earliest: 6, partition: 1 })] });
    const [first, second] = run.take() as [Bundle<Label>, Bundle<Label>];
    run.commit(second, { out: [run.label("B", { earliest: 6 })] });
    run.commit(first, { out: [run.label("B", { earliest: 5 })] });

    const b = run.next("B");
    expect(b.batches.map(({ earliest }) => earliest)).toEqual([6, 5]);
    expect(b.inputWatermark).toBe(5);
  });
});

describe("the output watermark", () => {
  test("WM-03 stays at a hold", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { hold: 500 });

    expect(run.inputWatermark("A", { hold: 500 })).toBe(MAX_INSTANT);
    expect(run.inputWatermark("Next")).toBe(500);
  });

  test("WM-04 stays at the earliest hold of all partitions", () => {
    const run = new HandDriven(chain("A", "Next"), { partitions: 2 });
    const hold = (holds: readonly [number, number]): number => {
      for (const partition of [0, 1]) {
        run.scheduler.proceed(stageAt(run.plan, "Spare"), [run.label("A", { earliest: MAX_INSTANT, size: 0, partition })], MAX_INSTANT, 0);
        run.run("A", { hold: holds[partition]! });
      }
      return run.inputWatermark("Next");
    };
    run.run("Source", { out: [run.label("A"), run.label("A", { partition: 1 })] });
    const [odd, even] = run.take() as [Bundle<Label>, Bundle<Label>];
    run.commit(odd, { hold: -1_000 });
    run.commit(even, { hold: 1_234 });

    expect(run.inputWatermark("Next")).toBe(-1_000);
    expect(hold([NEVER, 1_234])).toBe(1_234);
    expect(hold([NEVER, 5_678])).toBe(5_678);
    expect(hold([NEVER, NEVER])).toBe(MAX_INSTANT);
  });

  test("WM-05 never goes back, whatever hold comes later", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { hold: 0 });
    expect(run.inputWatermark("Next")).toBe(0);
    run.inputWatermark("A", { hold: -250 });
    expect(run.inputWatermark("Next")).toBe(0);
    expect(run.scheduler.stalled().parts).toMatchObject({ at: "A", got: expect.stringContaining("output watermark 0, hold -250") });
    run.inputWatermark("A", { hold: 10 });
    expect(run.inputWatermark("Next")).toBe(10);
  });

  test("WM-05 never goes back for elements that come behind it", () => {
    const run = new HandDriven(chain("A", "B"));
    run.run("Source", { out: [run.label("A", { earliest: 100 })] });
    const a = run.next("A");
    run.commit(a, { out: [run.label("B", { earliest: 30 })] });

    expect(run.next("B").inputWatermark).toBe(100);
  });

  test("does not pass late elements that may still hold it, in whatever partition they wait", () => {
    const run = new HandDriven(chain("A", "Next"), { partitions: 2 });
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { hold: 5 });
    const late = [0, 1].map((partition) => run.label("A", { earliest: 7, partition }));
    run.scheduler.proceed(stageAt(run.plan, "Spare"), late, MAX_INSTANT, 0);
    run.run("A");
    const waiting = run.next("A");
    expect(waiting.outputWatermark).toBe(5);
    run.commit(waiting, { hold: 7 });

    expect(run.inputWatermark("Next")).toBe(7);
  });

  test("waits for what a step of the input has made due in all partitions, also when the input goes on", () => {
    const run = new HandDriven(
      (p) => {
        const keyed = p.apply("Source", impulse()).apply("A", reshuffle()).apply("Keys", withKeys("all"));
        keyed.apply("Group", groupByKey()).apply("Next", reshuffle());
      },
      { partitions: 2 },
    );
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { hold: 3, out: [0, 1].map((partition) => run.label("Group", { earliest: 0, partition })) });
    for (const bundle of run.take()) run.commit(bundle, { hold: 2 + 2 * bundle.partition, nextTimer: 2 });
    const [first, second] = run.take() as [Bundle<Label>, Bundle<Label>]; // what is due at 2
    run.commit(first);
    run.inputWatermark("A"); // holds nothing any more

    expect(run.inputWatermark("Group")).toBe(MAX_INSTANT);
    expect(run.inputWatermark("Next")).toBe(2);
    run.commit(second);
    expect(run.inputWatermark("Next")).toBe(MAX_INSTANT);
  });

  test("WM-09 stays at a hold when everything before it has ended", () => {
    const run = new HandDriven(chain("Filter", "Next"));
    const source = run.next("Source");
    run.commit(source, { residuals: [run.label("Source", { earliest: 12_000 })], out: [run.label("Filter", { earliest: 10_000 })] });
    run.run("Filter", { hold: 10_000 });

    expect(run.inputWatermark("Filter", { hold: 10_000 })).toBe(12_000);
    expect(run.inputWatermark("Next")).toBe(10_000);
    run.run("Source");
    expect(run.inputWatermark("Filter", { hold: 10_000 })).toBe(MAX_INSTANT);
    expect(run.inputWatermark("Next")).toBe(10_000);
  });

  test("is no later than the input watermark", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source", { residuals: [run.label("Source", { earliest: 40 })], out: [run.label("A", { earliest: 90 })] });
    run.run("A", { hold: 50 });

    expect(run.inputWatermark("Next")).toBe(40);
  });
});

describe("a timer", () => {
  test("is due once the input watermark is past it, and not when it is reached", () => {
    const run = new HandDriven(chain("A"));
    run.run("Source", { residuals: [run.label("Source", { earliest: 20 })], out: [run.label("A", { earliest: 5 })] });
    run.run("A", { nextTimer: 20, hold: 20 });
    const source = run.next("Source");
    expect(run.take()).toEqual([]);

    run.commit(source, { residuals: [run.label("Source", { earliest: 21 })] });
    const timer = run.next("A");
    expect(timer).toMatchObject({ batches: [], inputWatermark: 21, partition: 0 });
    run.commit(timer);
    expect(run.takePaths()).toEqual(["Source"]);
  });

  test("of each partition counts for that partition", () => {
    const run = new HandDriven(chain("A"), { partitions: 3 });
    run.run("Source", { out: [0, 1, 2].map((partition) => run.label("A", { partition })) });
    run.take().forEach((bundle, i) => run.commit(bundle, { nextTimer: i === 1 ? NEVER : 10, hold: i === 1 ? NEVER : 10 }));

    expect(run.take().map(({ partition }) => partition)).toEqual([0, 2]);
  });
});

describe("takeReady", () => {
  test("hands out those furthest down the pipeline first", () => {
    const run = new HandDriven(chain("A", "B", "C"));
    run.run("Source", { out: ["A", "C", "B"].map((to) => run.label(to)) });

    expect(run.takePaths()).toEqual(["C", "B", "A"]);
  });

  test("hands out what a commit has made ready while bundles are taken, furthest down first", () => {
    const run = new HandDriven(chain("A", "B"), { partitions: 2 });
    run.run("Source", { out: [run.label("A"), run.label("A", { partition: 1 })] });
    const ready = run.scheduler.takeReady(0);
    const first = ready.next().value!;
    run.commit(first, { out: [run.label("B")] });

    expect([...ready].map(({ stage, partition }) => [run.plan.stages[stage]!.path, partition])).toEqual([
      ["B", 0],
      ["A", 1],
    ]);
  });

  test("has no two bundles of one partition out at once", () => {
    const run = new HandDriven(chain("A"), { partitions: 2, elementsPerBundle: 1 });
    run.run("Source", { out: [0, 1].flatMap((partition) => [1, 2, 3].map(() => run.label("A", { partition }))) });
    const out = run.take();
    expect(out.map(({ partition }) => partition)).toEqual([0, 1]);
    expect(run.take()).toEqual([]);

    run.commit(out[1]!);
    expect(run.take().map(({ partition }) => partition)).toEqual([1]);
  });

  test("leaves what is not asked for ready", () => {
    const run = new HandDriven(chain("A"), { partitions: 3 });
    run.run("Source", { out: [0, 1, 2].map((partition) => run.label("A", { partition })) });
    for (const bundle of run.scheduler.takeReady(0)) {
      run.commit(bundle);
      break;
    }

    expect(run.take().map(({ partition }) => partition)).toEqual([1, 2]);
  });

  test("passes on the processing time", () => {
    const { scheduler } = new HandDriven(chain());
    expect(scheduler.takeReady(77).next().value).toMatchObject({ processingTime: 77 });
  });

  test.each([
    ["all that fit", [2, 2, 1], [[2, 2, 1]]],
    ["no more than fit", [2, 2, 2], [[2, 2], [2]]],
    ["one that is too large, alone", [7, 1, 7], [[7], [1], [7]]],
    ["none that come behind one that does not fit", [3, 4, 1], [[3], [4, 1]]],
  ])("puts into a bundle %s", (_, sizes, bundles) => {
    const run = new HandDriven(chain("A"), { elementsPerBundle: 5 });
    run.run("Source", { out: sizes.map((size) => run.label("A", { size })) });

    for (const expected of bundles) {
      const bundle = run.next("A");
      expect(bundle.batches.map(({ size }) => size)).toEqual(expected);
      run.commit(bundle);
    }
    expect(run.take()).toEqual([]);
  });

  test("puts what a bundle left before what came meanwhile", () => {
    const run = new HandDriven(chain("A"), { partitions: 1, elementsPerBundle: 2 });
    run.run("Source", { out: [1, 2, 3].map((earliest) => run.label("A", { earliest })) });
    const bundle = run.next("A");
    run.commit(bundle, { residuals: [bundle.batches[1]!] });

    expect(run.next("A").batches.map(({ earliest }) => earliest)).toEqual([2, 3]);
  });
});

test.each([
  [1_023, 1],
  [1_024, 0],
])("a head that keeps %i elements to itself is given %i batches more", (held, batches) => {
  const run = new HandDriven(chain("A"));
  run.run("Source", { out: [run.label("A"), run.label("A", { size: 16 * 1_024 })] });
  run.run("A", { held, nextTimer: -Infinity, hold: 0 });
  const bundle = run.next("A");
  expect(bundle.batches).toHaveLength(batches);
  run.commit(bundle);
  expect(run.take().flatMap((next) => next.batches)).toHaveLength(1 - batches);
});

describe("reads", () => {
  const TOO_MANY = 256 * 1_024 + 1;
  const readBefore = (...names: readonly string[]) =>
    new HandDriven((p) => {
      names.reduce((input, name) => input.apply(name, reshuffle()), p.apply("Source", create<unknown>([1])));
    });
  /** Up to the first bundle of the read, which has one part more to read afterwards. */
  function readMany(run: HandDriven, size: number): void {
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    run.run("Source/Split", { out: [run.label("Source/Read")] });
    run.run("Source/Read", { residuals: [run.label("Source/Read")], out: [run.label("A", { size })] });
  }

  test("wait while too much waits, and go on when it was worked on", () => {
    const run = readBefore("A");
    readMany(run, TOO_MANY);
    const a = run.next("A");
    expect(run.take(), "elements in flight count too").toEqual([]);

    run.commit(a);
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });

  test("go on while no more waits than may", () => {
    const run = readBefore("A");
    readMany(run, TOO_MANY - 1);
    expect(run.takePaths()).toEqual(["A", "Source/Read"]);
  });

  test.each([
    [65, 0],
    [64, 1],
  ])("of a source whose elements are a MiB each, %i of which wait, hand out %i bundles more", (size, bundles) => {
    const run = readBefore("A");
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    run.run("Source/Split", { out: [run.label("Source/Read")] });
    const { id } = stageAt(run.plan, "Source/Read");
    const { collection } = run.plan.stages[id]!.outputs[0]!;
    run.run("Source/Read", {
      residuals: [run.label("Source/Read")],
      out: [run.label("A", { size })],
      readBytes: 2 ** 20 * size,
      counts: new Map([[collection, size]]),
    });
    expect(run.takePaths().filter((path) => path === "Source/Read")).toHaveLength(bundles);
  });

  // On threads this is all that keeps a worker from flooding another: its labels are the credit.
  test.each([
    ["elements", 1, 256 * 1_024],
    ["bytes", 2 ** 12, (64 * 2 ** 20) / 2 ** 12],
  ])("stop while a step is so slow that it ends no bundle: what waits for it stays within bounds, in %s", (_, bytesEach, most) => {
    const [partitions, size] = [4, 10_000];
    const run = new HandDriven((p) => void p.apply("Source", create<unknown>([1])).apply("A", reshuffle()), { partitions });
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    const parts = Array.from({ length: partitions }, (_each, partition) => run.label("Source/Read", { partition }));
    run.run("Source/Split", { out: parts });
    const { id, outputs } = stageAt(run.plan, "Source/Read");
    let waiting = 0;
    for (let isReading = true; isReading;) {
      const reads = run.take().filter(({ stage }) => stage === id);
      for (const read of reads) {
        waiting += size;
        run.commit(read, {
          residuals: read.batches,
          out: [run.label("A", { size, partition: 1 })],
          readBytes: size * bytesEach,
          counts: new Map([[outputs[0]!.collection, size]]),
        });
      }
      isReading = reads.length > 0 && waiting < 10 * most;
    }
    expect(waiting).toBeGreaterThan(most);
    expect(waiting, "and what was out when it became too much").toBeLessThanOrEqual(most + partitions * size);
  });

  test("go on though they have given nothing yet for the bytes that they have read", () => {
    const run = readBefore("A");
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    run.run("Source/Split", { out: [run.label("Source/Read")] });
    run.run("Source/Read", { residuals: [run.label("Source/Read")], readBytes: 2 ** 30 });
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });

  test("wait for what was left of a bundle, too", () => {
    const run = readBefore("A");
    readMany(run, TOO_MANY);
    const a = run.next("A");
    run.commit(a, { residuals: a.batches });
    expect(run.takePaths()).toEqual(["A"]);
  });

  test("wait for what a head keeps to itself, too", () => {
    const run = readBefore("A");
    readMany(run, TOO_MANY);
    run.run("A", { held: TOO_MANY, nextTimer: -Infinity });
    expect(run.takePaths()).toEqual(["A"]);
  });

  test("go on when a head has let go of what it kept", () => {
    const run = readBefore("A");
    readMany(run, TOO_MANY);
    run.run("A", { held: TOO_MANY, nextTimer: -Infinity });
    run.run("A");
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });

  test("do not wait for the parts of sources that wait to be read", () => {
    const run = readBefore("A");
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    run.run("Source/Split", { out: [run.label("Source/Read", { size: TOO_MANY }), run.label("Source/Read")] });
    const read = run.next("Source/Read");
    run.commit(read, { residuals: read.batches });
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });

  test("do not wait for what a collect() has been given", () => {
    const run = new HandDriven((p) => {
      p.apply("Source", create<unknown>([1])).apply("Collect", collect());
    });
    run.run("Source/Impulse", { out: [run.label("Source/Split")] });
    run.run("Source/Split", { out: [run.label("Source/Read")] });
    run.run("Source/Read", { residuals: [run.label("Source/Read")], out: [run.label("Collect", { size: TOO_MANY })] });

    expect(run.scheduler.collected).toEqual([[expect.objectContaining({ size: TOO_MANY })]]);
    expect(run.takePaths()).toEqual(["Source/Read"]);
  });
});

describe("finishedSinks", () => {
  const writing = (...names: readonly string[]) =>
    new HandDriven((p) => {
      const source = p.apply("Source", impulse());
      for (const name of names) source.apply(name, writeTo(sink(name)));
    });
  /** What a writer says that has been opened. */
  const open = { hold: MIN_INSTANT, nextTimer: AT_END };
  const finishedNames = (run: HandDriven): readonly string[] => run.scheduler.finishedSinks.map(({ stage }) => stage.path);

  test("have writers that are asked before anything else runs", () => {
    const run = writing("A", "B");
    for (const name of ["B", "A"]) {
      const bundle = run.next(name);
      expect(bundle).toMatchObject({ batches: [], inputWatermark: MIN_INSTANT });
      run.commit(bundle, open);
    }
    expect(run.takePaths()).toEqual(["Source"]);
  });

  test("are none while a writer has not been asked for the last time", () => {
    const run = writing("Write");
    expect(finishedNames(run)).toEqual([]);
    run.run("Write", open);
    run.run("Source", { out: [run.label("Write")] });
    expect(finishedNames(run)).toEqual([]);
    const bundle = run.next("Write");
    expect(bundle.inputWatermark).toBe(MIN_INSTANT);
    run.commit(bundle, open);
    expect(finishedNames(run)).toEqual([]);

    expect(run.next("Write")).toMatchObject({ batches: [], inputWatermark: MAX_INSTANT });
    expect(finishedNames(run), "its last bundle is out").toEqual([]);
  });

  test("have what all writers left, and nothing is done before their commit", () => {
    const run = new HandDriven((p) => {
      p.apply("Source", impulse())
        .apply("Write", writeTo(sink("Write", 3)))
        .apply("After", reshuffle());
    });
    for (let shard = 0; shard < 3; shard++) run.run("Write", open);
    run.run("Source");
    // One after the other, so that none is out while others have not been asked yet.
    for (const shard of [0, 1, 2]) {
      expect(finishedNames(run)).toEqual([]);
      const bundle = run.next("Write");
      expect(bundle.partition, "a writer that gets no element is asked, too").toBe(shard);
      run.commit(bundle, { hold: MIN_INSTANT, committables: [`c${shard}`] });
    }

    expect(run.scheduler.finishedSinks).toEqual([{ stage: stageAt(run.plan, "Write"), committables: ["c0", "c1", "c2"] }]);
    expect(run.scheduler.isDone).toBe(false);
    run.publish(run.scheduler.finishedSinks[0]!, [run.label("After")]);
    expect(finishedNames(run)).toEqual([]);
    run.run("After");
    expect(run.scheduler.isDone).toBe(true);
  });

  test("come in the order of the graph, when nothing else is out", () => {
    const run = writing("A", "B");
    for (const name of ["B", "A"]) run.run(name, open);
    run.run("Source");
    const [b, a] = run.take() as [Bundle<Label>, Bundle<Label>];
    run.commit(b, { hold: MIN_INSTANT, committables: ["b"] });
    expect(finishedNames(run), "A could still fail").toEqual([]);
    run.commit(a, { hold: MIN_INSTANT, committables: ["a"] });
    expect(finishedNames(run)).toEqual(["A", "B"]);
  });

  test("hold back what is behind their commit", () => {
    const run = new HandDriven((p) => {
      p.apply("Source", impulse())
        .apply("Write", writeTo(sink("Write")))
        .apply("After", reshuffle());
    });
    run.run("Write", open);
    run.run("Source");
    run.run("Write", { hold: MIN_INSTANT, committables: [1] });
    expect(run.inputWatermark("After")).toBe(MIN_INSTANT);
    run.publish(run.scheduler.finishedSinks[0]!);
    expect(run.inputWatermark("After")).toBe(MAX_INSTANT);
  });
});

test("a run that cannot go on names the stage that is stuck, with its watermarks", () => {
  const run = new HandDriven(chain("A", "B"));
  run.run("Source", { out: [run.label("A")] });
  run.run("A", { hold: 5 });
  expect(run.scheduler.stalled()).toMatchObject({
    code: "STALLED",
    parts: { at: "A", got: `input watermark ${MAX_INSTANT}, output watermark 5, hold 5` },
  });
});

test("every result that is committed is passed on, once", () => {
  const run = new HandDriven(chain("A"));
  run.run("Source", { out: [run.label("A")] });
  run.run("A", { hold: 3 });
  expect(run.committed.map(({ stage, hold }) => [run.plan.stages[stage]!.path, hold])).toEqual([
    ["Spare", NEVER],
    ["Source", NEVER],
    ["A", 3],
  ]);
});

/** What a bundle of a random run gives: outputs for the next stage, what it leaves, and where it holds. */
const step = fc.record({
  which: fc.nat(9),
  commitFirst: fc.boolean(),
  out: fc.array(fc.record({ delay: fc.nat(20), partition: fc.nat(1) }), { maxLength: 2 }),
  leave: fc.boolean(),
  hold: fc.option(fc.nat(30), { nil: undefined }),
});

test("watermarks never go back and never pass an element, however bundles end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }), (steps, times) => {
      const plan = planOf(chain("A", "B", "C"), 2);
      const scheduler = new BundleScheduler<Label>(plan, { elementsPerBundle: 2 }, (stage) => labelAt(stage.id, 0, 0));
      const seen = plan.stages.map(() => MIN_INSTANT);
      const out: Bundle<Label>[] = [];
      let isFirst = true;

      function end(at: number, { out: given, leave, hold }: Pick<(typeof steps)[number], "out" | "leave" | "hold">): void {
        const bundle = out.splice(at % out.length, 1)[0]!;
        const { batches, stage, partition, inputWatermark } = bundle;
        const residuals = leave ? batches.slice(1) : [];
        const worked = batches.slice(0, batches.length - residuals.length);
        // An output is no earlier than the elements it is made of, which kept the watermark back until now.
        const base = Math.min(...worked.map(({ earliest }) => earliest));
        const outputs = isFirst
          ? times.map((time, i) => labelAt(1, i % 2, time))
          : stage < plan.stages.length - 1 && worked.length > 0
            ? given.map(({ delay, partition: to }) => labelAt(stage + 1, to, base + delay))
            : [];
        isFirst = false;
        const held = hold === undefined ? NEVER : inputWatermark + hold;
        const [timer, holdAt] = held < MAX_INSTANT ? [held, held] : [NEVER, NEVER];
        scheduler.commit({
          stage,
          partition,
          batches: outputs,
          residuals,
          resting: [],
          reading: [],
          readBytes: 0,
          wantsCommit: false,
          blocked: [],
          hold: holdAt,
          held: 0,
          nextTimer: timer,
          nextDeadline: NEVER,
          nextSynchronizedDeadline: NEVER,
          droppedClosed: 0,
          lateSample: [],
          counts: new Map(),
          droppedLate: 0,
          metrics: [],
          committables: [],
        });
      }
      function take(): void {
        for (const bundle of scheduler.takeReady(0)) {
          expect(bundle.inputWatermark).toBeGreaterThanOrEqual(seen[bundle.stage]!);
          // Elements of this chain are never late, so none may lie before the watermark that its bundle is told.
          for (const { earliest } of bundle.batches) expect(earliest).toBeGreaterThanOrEqual(bundle.inputWatermark);
          seen[bundle.stage] = bundle.inputWatermark;
          out.push(bundle);
        }
      }

      take();
      for (const each of steps) {
        if (out.length === 0) break;
        if (each.commitFirst) take();
        end(each.which, each);
        if (!each.commitFirst) take();
      }
      for (let i = 0; !scheduler.isDone; i++) {
        take();
        expect(out.length, "a run that is not done has a bundle to run").toBeGreaterThan(0);
        expect(i).toBeLessThan(10_000);
        end(0, { out: [], leave: false, hold: undefined });
      }
    }),
    { numRuns: 300 },
  );
});

const labelAt = (target: number, partition: number, earliest: number): Label => ({ target, partition, collection: 0, size: 1, earliest });
