import { describe, expect, test } from "vitest";
import {
  afterProcessingTime,
  asyncMap,
  create,
  groupByKey,
  map,
  MAX_INSTANT,
  NEVER,
  repeatedly,
  seconds,
  windowInto,
  globalWindows,
  withKeys,
  type RunningPipeline,
  type RunSettings,
} from "millrace";
import { loadPanes } from "../../runners/core/groupings/load-panes.ts";
import { VirtualTime, WallTime, type ProcessingTime } from "../../runners/core/processing-time.ts";
import { Calls } from "../support/async-run.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { manualRunner } from "../support/manual-runner.ts";
import { settled } from "../support/runs.ts";

// A run waits for what it has to load; here it is there already.
await loadPanes();

describe("virtual time", () => {
  test("stands where it was begun, and goes on to a deadline when that is waited for", () => {
    const time = new VirtualTime(100, new ManualClock(0));
    let calls = 0;
    expect(time.now).toBe(100);
    expect(time.waitUntil(5_000, () => calls++)).toBe(true);
    expect([time.now, calls]).toEqual([5_000, 1]);
  });

  test("does not go back for a deadline that has passed", () => {
    const time = new VirtualTime(100, new ManualClock(0));
    expect(time.waitUntil(50, () => {})).toBe(true);
    expect(time.now).toBe(100);
  });

  test("says that nothing comes where there is no deadline, and stays", () => {
    const time = new VirtualTime(100, new ManualClock(0));
    expect(time.waitUntil(NEVER, () => expect.fail("it was called"))).toBe(false);
    expect(time.now).toBe(100);
  });

  test("stands still while something is under way", () => {
    const time: ProcessingTime = new VirtualTime(100, new ManualClock(0));
    time.wakeAt(200, () => expect.fail("it was called"));
    expect(time.now).toBe(100);
  });
});

describe("the time of the clock on the wall", () => {
  test("calls when the clock gets to the deadline", () => {
    const clock = new ManualClock(100);
    const time = new WallTime(clock);
    let calls = 0;
    expect(time.waitUntil(350, () => calls++)).toBe(true);
    clock.advance(249);
    expect([time.now, calls]).toEqual([349, 0]);
    clock.advance(1);
    expect([time.now, calls]).toEqual([350, 1]);
    clock.advance(1_000);
    expect(calls).toBe(1);
  });

  test("waits for the deadline that was named last, and for none where there is none", () => {
    const clock = new ManualClock(0);
    const time = new WallTime(clock);
    for (const deadline of [500, 200, 300]) time.waitUntil(deadline, () => {});
    expect(clock.waiting).toEqual([300]);
    expect(time.waitUntil(NEVER, () => {})).toBe(false);
    expect(clock.waiting).toEqual([]);
    time.wakeAt(400, () => {});
    expect(clock.waiting).toEqual([400]);
    time.stopWaiting();
    expect(clock.waiting).toEqual([]);
  });

  test("calls at once for a deadline that has passed", () => {
    const clock = new ManualClock(1_000);
    new WallTime(clock).waitUntil(10, () => {});
    expect(clock.waiting).toEqual([0]);
  });
});

/** A run that groups numbers as calls bring them, and emits a pane a second after the first number in it. */
class DelayedRun {
  readonly clock = new ManualClock(1_000_000);
  readonly calls = new Calls();
  readonly panes: (readonly string[])[] = [];
  readonly running: RunningPipeline;

  constructor(settings: RunSettings = { clock: "wall" }) {
    this.running = manualRunner(this.clock).start(
      (p) => {
        p.apply("Numbers", create([1, 2, 3]))
          .apply("Call", asyncMap(this.calls.call, { concurrency: 3 }))
          .apply(windowInto(globalWindows(), { trigger: repeatedly(afterProcessingTime(seconds(1))), accumulation: "discarding" }))
          .pipe(
            withKeys("k"),
            groupByKey(),
            map(([, texts]) => void this.panes.push([...texts])),
          );
      },
      {},
      settings,
    );
    this.running.done.catch(() => {}); // each test looks at it when it is time to
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }
}

describe("a run by the clock on the wall", () => {
  test("emits a pane when its delay is over, although other work is still under way", async () => {
    const run = new DelayedRun();
    await settled();
    await run.calls.finish(1);
    await run.advance(10); // what has come back leaves the step
    await run.advance(999);
    expect(run.panes).toEqual([]);
    await run.advance(1);
    expect(run.panes).toEqual([["done 1"]]);
    await run.calls.finish(2, 3);
    await run.running.done;
    expect(run.panes).toEqual([["done 1"], ["done 2", "done 3"]]);
    expect(run.clock.waiting, "nothing keeps the process").toEqual([]);
  });

  test("ends when it is cancelled as it waits, and waits no longer", async () => {
    const run = new DelayedRun();
    await settled();
    await run.calls.finish(1);
    await run.advance(10);
    expect(run.clock.waiting).toContain(1_000);
    expect((await run.running.cancel()).state).toBe("CANCELLED");
    expect([run.panes, run.clock.waiting]).toEqual([[], []]);
  });

  test("waits no longer when it has failed", async () => {
    const run = new DelayedRun();
    await settled();
    await run.calls.finish(1);
    await run.advance(10);
    await run.calls.fail(2);
    await expect(run.running.done).rejects.toMatchObject({ code: "STEP_FAILED" });
    expect(run.clock.waiting).toEqual([]);
  });
});

test("a run in virtual time waits for no clock", async () => {
  const run = new DelayedRun({});
  await settled();
  await run.calls.finish(1);
  await run.advance(10);
  expect(run.clock.waiting.filter((ms) => ms > 10)).toEqual([]);
  await run.advance(MAX_INSTANT / 2);
  expect(run.panes).toEqual([]);
  await run.calls.finish(2, 3);
  await run.running.done;
  expect(run.panes).toEqual([["done 1", "done 2", "done 3"]]);
});
