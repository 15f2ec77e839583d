import { describe, expect, test } from "vitest";
import {
  countPerElement,
  fixedWindows,
  generate,
  MAX_INSTANT,
  map,
  periodicImpulse,
  seconds,
  tap,
  windowInto,
  type Instant,
  type PipelineError,
  type Pipeline,
  type RunningPipeline,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { ManualClock } from "../support/manual-clock.ts";
import { manualRunner } from "../support/manual-runner.ts";
import { settled } from "../support/runs.ts";

/** A run on a clock that the test moves, with what reached its end. */
class PacedRun {
  readonly clock = new ManualClock(1_000_000);
  readonly seen: unknown[] = [];
  readonly running: RunningPipeline;

  constructor(build: (p: Pipeline, see: (value: unknown) => void) => void) {
    this.running = manualRunner(this.clock).start((p) => build(p, (value) => void this.seen.push(value)));
  }

  async advance(ms: number): Promise<readonly unknown[]> {
    this.clock.advance(ms);
    await settled();
    return this.seen.splice(0);
  }
}

describe("paced generate", () => {
  test("gives each element when it is due, with that time, for ever", async () => {
    const run = new PacedRun((p, see) => {
      p.apply(generate({ perSecond: 100 })).apply(map((n, ctx) => see([n, ctx.timestamp - 1_000_000])));
    });
    expect(await run.advance(0)).toEqual([[0, 0]]);
    expect(await run.advance(9)).toEqual([]);
    expect(await run.advance(1)).toEqual([[1, 10]]);
    expect(await run.advance(30)).toEqual([
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    expect((await run.running.cancel()).state).toBe("CANCELLED");
    expect(run.clock.waiting, "nothing keeps the process").toEqual([]);
  });

  test("catches up with what it could not give in time, and none of it is late", async () => {
    const run = new PacedRun((p, see) => {
      p.apply(generate({ perSecond: 1_000 })).pipe(
        windowInto(fixedWindows(seconds(10))),
        map(() => "all"),
        countPerElement(),
        tap(([, n]) => see(n)),
      );
    });
    await run.advance(0);
    // 1,000,000 ms begin a window, so windows have whole numbers of seconds of elements.
    expect(await run.advance(25_000)).toEqual([10_000, 10_000]);
    expect((await run.running.drain()).state).toBe("DRAINED");
    expect(run.seen).toEqual([5_001]);
    expect(run.running.metrics({ name: "dropped_late" }).filter(({ attempted }) => attempted !== 0)).toEqual([]);
  });

  test("ends by itself where it has a count, and may make its values and times", async () => {
    const run = new PacedRun((p, see) => {
      p.apply(generate({ perSecond: 2, count: 3, value: (i) => `n${i}`, timestampOf: (i) => i * 7 })).apply(
        map((value, ctx) => see([value, ctx.timestamp])),
      );
    });
    expect(await run.advance(0)).toEqual([["n0", 0]]);
    expect(await run.advance(1_000)).toEqual([
      ["n1", 7],
      ["n2", 14],
    ]);
    expect((await run.running.done).state).toBe("DONE");
  });

  test.each([0, -1, NaN, Infinity])("refuses %o a second", (perSecond) => {
    expect(() => generate({ perSecond })).toThrow(/BAD_ARGUMENT.*perSecond/);
  });

  test("is refused by a runner for bounded input, which names the step", async () => {
    const error = await directRunner()
      .run((p) => void p.apply("Ticks", generate({ perSecond: 1 })))
      .catch((failure: unknown) => failure as PipelineError);
    expect(error).toMatchObject({ code: "NOT_SUPPORTED", message: expect.stringMatching(/no end[^]*Ticks[^]*rxjsRunner/) });
  });
});

describe("a periodic impulse", () => {
  const impulses = (options: Parameters<typeof periodicImpulse>[0]) =>
    new PacedRun((p, see) => {
      p.apply(periodicImpulse(options)).apply(map((at: Instant, ctx) => see([at, ctx.timestamp])));
    });

  test("comes every so often from the start of the run on, and each element is its own time", async () => {
    const run = impulses({ every: 500 });
    expect(await run.advance(0)).toEqual([[1_000_000, 1_000_000]]);
    expect(await run.advance(499)).toEqual([]);
    expect(await run.advance(501)).toEqual([
      [1_000_500, 1_000_500],
      [1_001_000, 1_001_000],
    ]);
    await run.running.cancel();
  });

  test("comes at once for times that have passed, and ends before a given time", async () => {
    const run = impulses({ every: 400, from: 999_000, until: 1_000_600 });
    expect((await run.advance(0)).map((pair) => (pair as readonly number[])[0])).toEqual([999_000, 999_400, 999_800]);
    expect((await run.advance(10_000)).map((pair) => (pair as readonly number[])[0])).toEqual([1_000_200]);
    expect((await run.running.done).state).toBe("DONE");
  });

  test("ends a window as soon as it is known that no other comes in it", async () => {
    const run = new PacedRun((p, see) => {
      p.apply(periodicImpulse({ every: seconds(1), from: 1_000_000 })).pipe(
        windowInto(fixedWindows(seconds(2))),
        map(() => "tick"),
        countPerElement(),
        tap(([, n]) => see(n)),
      );
    });
    expect(await run.advance(0)).toEqual([]);
    expect(await run.advance(999)).toEqual([]);
    expect(await run.advance(1)).toEqual([2]);
    await run.running.cancel();
  });

  test.each([{ every: 0 }, { every: 1, from: NaN }, { every: 1, until: 0.5 }])("refuses %o", (options) => {
    expect(() => periodicImpulse(options)).toThrow(/BAD_ARGUMENT.*periodicImpulse/);
  });

  test("has no element where it would end before it begins", async () => {
    const run = impulses({ every: 1, from: 1_000_000, until: -MAX_INSTANT });
    expect((await run.running.done).state).toBe("DONE");
    expect(run.seen).toEqual([]);
  });
});
