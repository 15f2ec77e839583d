import { describe, expect, test } from "vitest";
import {
  fixedWindows,
  flatten,
  groupByKey,
  impulse,
  map,
  MAX_INSTANT,
  MIN_INSTANT,
  reshuffle,
  windowInto,
  withKeys,
  type Pipeline,
} from "millrace";
import { testStream } from "millrace/testing";
import type { Label } from "../../runners/core/batch.ts";
import type { Bundle } from "../../runners/core/bundle.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import { HandDriven, stageAt } from "../support/hand-driven.ts";

// Where a test stream plays, bundles are the events of that stream.

/** A stream whose elements are spread, grouped, and spread again. */
function oneAfterAnother(p: Pipeline): void {
  p.apply("Stream", testStream<string>())
    .apply("Before", reshuffle())
    .pipe(windowInto(fixedWindows(10)), withKeys("k"))
    .apply("Group", groupByKey())
    .apply("Behind", reshuffle());
}

/** A stream that two steps read, and one that reads both. */
function side(p: Pipeline): void {
  const stream = p.apply("Stream", testStream<string>());
  const [left, right] = ["Left", "Right"].map((name) =>
    stream
      .apply(name, reshuffle())
      .apply(
        `${name}Map`,
        map((x) => x),
      )
      .apply(`${name}Next`, reshuffle()),
  );
  flatten("Both", [left!, right!]).apply("Last", reshuffle());
}

/** A run in which the first event of the stream has happened: one element. */
function begun(build: (p: Pipeline) => void, cut: Cut = {}): HandDriven {
  const run = new HandDriven(build, cut);
  run.scheduler.proceed(stageAt(run.plan, "Stream"), [run.label("Stream", { earliest: 5 })], MIN_INSTANT, 0);
  return run;
}

const pathsOf = (run: HandDriven, bundles: readonly Bundle<Label>[]): readonly string[] =>
  bundles.map(({ stage }) => run.plan.stages[stage]!.path);

describe("a stage runs only when everything before it is done", () => {
  test("which is why it waits while elements before it do", () => {
    const run = begun(oneAfterAnother, { partitions: 2, elementsPerBundle: 1 });
    const both = (path: string): readonly Label[] => [0, 1].map((partition) => run.label(path, { earliest: 5, partition }));
    run.run("Stream", { out: [...both("Before"), ...both("Before")] });
    const [first, second] = run.take() as [Bundle<Label>, Bundle<Label>];
    expect(pathsOf(run, [first, second])).toEqual(["Before", "Before"]);

    run.commit(first, { out: both("Group") });
    const third = run.next("Before");
    expect(run.take(), "one of them is out").toEqual([]);
    run.commit(second, { out: both("Group") });
    run.commit(third, { out: both("Group") });
    run.run("Before", { out: both("Group") });
    expect(pathsOf(run, run.take())).toEqual(["Group", "Group"]);
  });

  test("which is why a branch of the graph waits for another that comes first", () => {
    const run = begun(side);
    run.run("Stream", { out: ["Left", "Right"].map((to) => run.label(to)) });
    expect(run.takePaths()).toEqual(["Left"]);
  });

  test("which is why it waits for elements that a stage before it keeps to itself", () => {
    const run = begun(oneAfterAnother);
    run.run("Stream", { out: [run.label("Before", { earliest: 5 }), run.label("Group", { earliest: 5 })] });
    run.run("Before", { held: 1, hold: 5 });
    expect(run.take()).toEqual([]);
  });
});

describe("an event", () => {
  test("comes to a grouping whole, however bundles are cut", () => {
    const run = begun(oneAfterAnother, { partitions: 2, elementsPerBundle: 1 });
    const some = (partition: number, count: number): readonly Label[] =>
      Array.from({ length: count }, () => run.label("Group", { earliest: 5, partition }));
    run.run("Stream", { out: [run.label("Before", { earliest: 5 }), run.label("Before", { earliest: 5 })] });
    run.run("Before", { out: [...some(0, 2), ...some(1, 1)] });
    run.run("Before", { out: [...some(0, 1), ...some(1, 3)] });
    expect(run.take().map(({ partition, batches }) => [partition, batches.length])).toEqual([
      [0, 3],
      [1, 4],
    ]);
  });

  test("is cut as usual before and behind one", () => {
    const run = begun(oneAfterAnother, { elementsPerBundle: 1 });
    run.run("Stream", { out: [run.label("Before", { earliest: 5 }), run.label("Before", { earliest: 5 })] });
    expect(run.next("Before").batches).toHaveLength(1);
  });

  test("may be cut at a grouping where no test stream plays", () => {
    const run = new HandDriven((p) => void p.apply("Source", impulse()).pipe(withKeys("k")).apply("Group", groupByKey()), {
      elementsPerBundle: 1,
    });
    run.run("Source", { out: [run.label("Group"), run.label("Group")] });
    expect(run.next("Group").batches).toHaveLength(1);
  });
});

test("the watermark of a stream is what its events say, whatever its bundles do", () => {
  const run = begun(oneAfterAnother);
  run.run("Stream");
  const stream = stageAt(run.plan, "Stream");
  expect(run.inputWatermark("Before"), "nothing holds it but the stream").toBe(MIN_INSTANT);
  for (const to of [10, 25]) {
    run.scheduler.proceed(stream, [], to, 0);
    expect(run.inputWatermark("Before")).toBe(to);
  }
  run.scheduler.proceed(stream, [], MAX_INSTANT, 0);
  expect(run.scheduler.isDone).toBe(true);
});
