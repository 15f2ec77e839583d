import { describe, expect, test } from "vitest";
import { impulse, MAX_INSTANT, MIN_INSTANT, NEVER, reshuffle, type Instant, type Pipeline } from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import type { Bundle } from "../../runners/core/bundle.ts";
import { HandDriven } from "../support/hand-driven.ts";

/** An impulse and reshuffles behind it, each a stage. */
const chain =
  (...names: readonly string[]) =>
  (p: Pipeline): void => {
    names.reduce((input, name) => input.apply(name, reshuffle()), p.apply("Source", impulse()));
  };

/** The synchronized processing time of a stage for which nothing waits. */
function synchronizedAt(run: HandDriven, path: string, now: Instant): Instant {
  run.bring(run.label(path, { earliest: MAX_INSTANT, size: 0 }), now);
  const bundle = run.next(path, now);
  run.commit(bundle);
  return bundle.synchronizedProcessingTime;
}

const LATER = 1e12;

describe("synchronized processing time", () => {
  test("WM-10 stays at a timer of a stage before until what it does is committed", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { nextDeadline: 2_048 });
    expect(synchronizedAt(run, "Next", LATER)).toBe(2_048);
    const timer = run.next("A", LATER);
    expect(timer.batches).toEqual([]);
    expect(synchronizedAt(run, "Next", LATER), "it is out").toBe(2_048);
    run.commit(timer);
    expect(synchronizedAt(run, "Next", LATER)).toBe(LATER);
  });

  test("WM-10 stays at elements that came then, until they were worked on", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source");
    run.bring(run.label("A"), 2_048);
    run.bring(run.label("A"), 3_000);
    expect(synchronizedAt(run, "Next", LATER)).toBe(2_048);
    const bundle = run.next("A", LATER);
    expect(bundle).toMatchObject({ processingTime: LATER, synchronizedProcessingTime: 2_048 });
    expect(synchronizedAt(run, "Next", LATER)).toBe(2_048);
    run.commit(bundle, { residuals: bundle.batches.slice(1) });
    expect(synchronizedAt(run, "Next", LATER), "what was left is as old as what it came with").toBe(2_048);
    run.run("A");
    expect(synchronizedAt(run, "Next", LATER + 1)).toBe(LATER + 1);
  });

  test("WM-10 stays at outputs as old as what they were made of", () => {
    const run = new HandDriven(chain("A", "B", "Next"));
    run.run("Source");
    run.bring(run.label("A"), 2_048);
    const a = run.next("A", LATER);
    run.commit(a, { out: [run.label("B")] });
    expect(synchronizedAt(run, "Next", LATER)).toBe(2_048);
  });

  test("never goes back", () => {
    const run = new HandDriven(chain("A", "Next"));
    run.run("Source");
    expect(synchronizedAt(run, "Next", 500)).toBe(500);
    run.bring(run.label("A"), 100);
    expect(synchronizedAt(run, "Next", 600)).toBe(500);
  });
});

describe("a deadline in processing time", () => {
  test("makes its partition ready when it is reached", () => {
    const run = new HandDriven(chain("A"), { partitions: 2 });
    run.run("Source", { out: [0, 1].map((partition) => run.label("A", { partition })) });
    run.take().forEach((bundle, i) => run.commit(bundle, { nextDeadline: i === 0 ? 100 : 200 }));
    expect([run.scheduler.nextDeadline, run.take(99)]).toEqual([100, []]);
    const [first] = run.take(100) as [Bundle<Label>];
    expect(first).toMatchObject({ partition: 0, batches: [], processingTime: 100 });
    run.commit(first);
    expect([run.scheduler.nextDeadline, run.take(199)]).toEqual([200, []]);
    expect(run.take(200)).toMatchObject([{ partition: 1 }]);
  });

  test("in synchronized time does so when it is passed", () => {
    const run = new HandDriven(chain("A"));
    run.run("Source", { out: [run.label("A")] });
    run.run("A", { nextSynchronizedDeadline: 100 });
    expect([run.take(100), run.scheduler.nextDeadline]).toEqual([[], 101]);
    expect(run.takePaths(101)).toEqual(["A"]);
  });

  test("in synchronized time waits for what comes before, and is no reason to wake up meanwhile", () => {
    const run = new HandDriven(chain("A", "B"));
    run.run("Source");
    run.bring(run.label("A"), 50);
    const a = run.next("A", 50); // out, and not to be waited for by a clock
    run.bring(run.label("B"), 50);
    run.commit(run.next("B", 50), { nextSynchronizedDeadline: 60 });
    expect(run.take(1_000)).toEqual([]);
    expect(run.scheduler.nextDeadline).toBe(NEVER);
    run.commit(a);
    expect(run.takePaths(1_000)).toEqual(["B"]);
  });

  test("that a bundle has in hand is no reason to wake up, and a later one of others is", () => {
    const run = new HandDriven(chain("A"), { partitions: 2 });
    run.run("Source", { out: [0, 1].map((partition) => run.label("A", { partition })) });
    run.take().forEach((bundle, i) => run.commit(bundle, { nextDeadline: i === 0 ? 100 : 200 }));
    expect(run.take(150)).toHaveLength(1);
    expect(run.scheduler.nextDeadline).toBe(200);
  });
});

test("WM-11 timers that become due while a bundle of their partition is out come with the next one", () => {
  const run = new HandDriven(chain("A"));
  const watermark = (to: Instant): Label => run.label("Source", { earliest: to });
  run.run("Source", { residuals: [watermark(0)], out: [run.label("A", { earliest: 0 })] });
  run.run("A", { nextTimer: 1_000, hold: 1_000 });
  run.run("Source", { residuals: [watermark(1_500)] });
  const first = run.next("A");
  expect(first).toMatchObject({ inputWatermark: 1_500, batches: [] });

  run.run("Source", { residuals: [watermark(50_000)] });
  const source = run.next("Source");
  expect(run.take()).toEqual([]);
  run.commit(first, { nextTimer: 5_000, hold: 5_000 });
  expect(run.next("A")).toMatchObject({ inputWatermark: 50_000, batches: [] });
  run.commit(source);
});

describe("the output watermark that timers are judged by", () => {
  /** Two partitions of one stage, each with a hold at 10, and a watermark that has just moved to 100. */
  function moved(): HandDriven {
    const run = new HandDriven(chain("A", "Next"), { partitions: 2 });
    run.run("Source", {
      residuals: [run.label("Source", { earliest: 5 })],
      out: [0, 1].map((partition) => run.label("A", { earliest: 5, partition })),
    });
    for (const partition of [0, 1]) {
      const bundle = run.next("A");
      expect(bundle.partition).toBe(partition);
      run.commit(bundle, { nextTimer: 10, hold: 10 });
    }
    run.run("Source", { residuals: [run.label("Source", { earliest: 100 })] });
    return run;
  }

  test("is the one before any of them was done, in every partition", () => {
    const run = moved();
    const first = run.next("A");
    expect(first).toMatchObject({ partition: 0, inputWatermark: 100, outputWatermark: 10, timersOutputWatermark: 10 });
    run.commit(first, { nextTimer: 40, hold: 40 });
    const second = run.next("A");
    expect(second).toMatchObject({ partition: 0, outputWatermark: 10, timersOutputWatermark: 10 });
    run.commit(second);
    const third = run.next("A");
    run.commit(third, { nextTimer: 60, hold: 60 });
    expect(run.next("A"), "what was done has let the output watermark go on").toMatchObject({
      partition: 1,
      outputWatermark: 60,
      timersOutputWatermark: 10,
    });
  });

  test("goes on with the next step of the input watermark, as far as holds let it", () => {
    const run = moved();
    run.run("A", { hold: 70 });
    run.run("A", { hold: 80, nextTimer: 150 });
    run.run("Source", { residuals: [run.label("Source", { earliest: 200 })] });
    expect(run.next("A")).toMatchObject({ inputWatermark: 200, outputWatermark: 70, timersOutputWatermark: 70 });
  });

  test("is the beginning of time before anything has moved", () => {
    const run = new HandDriven(chain("A"));
    const source = run.next("Source");
    expect(source).toMatchObject({ outputWatermark: MIN_INSTANT, timersOutputWatermark: MIN_INSTANT });
  });
});

test("the output watermark does not pass a late element of which nobody knows yet whether it holds that", () => {
  const run = new HandDriven(chain("A", "Next"), { partitions: 2 });
  run.run("Source", { out: [0, 1].map((partition) => run.label("A", { partition })) });
  for (const partition of [0, 1]) run.run("A", partition === 0 ? { nextTimer: 10, hold: 10 } : {});
  const timer = run.next("A");
  run.bring(run.label("A", { earliest: 50, partition: 1 }));
  const late = run.next("A");
  expect(late).toMatchObject({ partition: 1, inputWatermark: MAX_INSTANT, outputWatermark: 10 });
  run.commit(timer);
  expect(run.inputWatermark("Next"), "nothing else holds it").toBe(10);
  run.commit(late, { nextTimer: 50, hold: 50 });
  expect(run.inputWatermark("Next")).toBe(50);
});
