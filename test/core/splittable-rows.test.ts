import { describe, expect, test } from "vitest";
import {
  boundedDelayWatermark,
  create,
  manualWatermark,
  MIN_INSTANT,
  monotonicWatermark,
  output,
  resume,
  seconds,
  splittable,
  tap,
  wallClockWatermark,
  type OffsetRange,
  type PipelineError,
  type SplittableDoFn,
} from "millrace";
import { OffsetTracker } from "../../runners/core/offset-tracker.ts";
import { splitPoint } from "../../runners/core/split-point.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { manualRunner } from "../support/manual-runner.ts";
import { settled } from "../support/runs.ts";

// The rows of section SDF that are about a part of the engine.

type Work = SplittableDoFn<string, OffsetRange, {}, number, {}, undefined, true>;

/** A run of one element's work on a clock that the test moves, and what it gave out. */
class WorkRun {
  readonly clock = new ManualClock(0);
  readonly seen: number[] = [];
  readonly done;

  constructor(work: Omit<Work, "unbounded" | "output">, cut = {}) {
    this.done = manualRunner(this.clock, cut).run(
      (p) =>
        void p.apply(create(["work"])).pipe(
          splittable<string, OffsetRange, {}, number, {}, undefined, true>({ ...work, unbounded: true, output: output<number>() }),
          tap((n) => void this.seen.push(n)),
        ),
      {},
      { clock: "wall" },
    );
    this.done.catch(() => {});
  }

  async advance(ms: number): Promise<readonly number[]> {
    this.clock.advance(ms);
    await settled();
    return this.seen.splice(0);
  }
}

test("SDF-10 work goes on when its delay is over, and not before", async () => {
  const run = new WorkRun({
    restriction: () => ({ from: 0, to: 2 }),
    process(_, ctx) {
      if (!ctx.tracker.tryClaim(ctx.restriction.from)) return undefined;
      ctx.output(42);
      return resume({ after: seconds(5) });
    },
  });
  expect(await run.advance(0)).toEqual([42]);
  expect(await run.advance(3_000)).toEqual([]);
  expect(await run.advance(3_000)).toEqual([42]);
  await run.done;
});

test("SDF-11 what is left has the position, and comes to its end", async () => {
  let calls = 0;
  const run = new WorkRun({
    restriction: () => ({ from: 0, to: 3 }),
    process(_, ctx) {
      calls++;
      const n = ctx.restriction.from;
      if (!ctx.tracker.tryClaim(n)) return undefined;
      ctx.output(42 + n);
      return resume({ after: seconds(1) });
    },
  });
  expect(await run.advance(0)).toEqual([42]);
  expect(await run.advance(1_000)).toEqual([43]);
  expect(await run.advance(1_000)).toEqual([44]);
  await run.done;
  expect(await run.advance(10_000)).toEqual([]);
  expect(calls).toBe(3);
});

test("SDF-12 the runner ends a call when it has given out so many, and calls again for the rest", async () => {
  const sizes: number[] = [];
  const run = new WorkRun(
    {
      restriction: () => ({ from: 0, to: 250 }),
      process(_, ctx) {
        let given = 0;
        for (let n = ctx.restriction.from; ctx.tracker.tryClaim(n); n++, given++) ctx.output(n);
        sizes.push(given);
        return undefined;
      },
    },
    { elementsPerBundle: 100 },
  );
  const seen = await run.advance(0);
  await run.done;
  expect(sizes).toEqual([100, 100, 50]);
  expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n));
});

test("SDF-13 the runner ends a call when its time is over, and calls again later", async () => {
  const perCall: number[] = [];
  const run = new WorkRun({
    restriction: () => ({ from: 0, to: Infinity }),
    process: async (_, ctx) => {
      let given = 0;
      for (let n = ctx.restriction.from; ctx.tracker.tryClaim(n); n++, given++) {
        ctx.output(n);
        run.clock.advance(4); // what takes 4 ms for each
        await Promise.resolve();
        if (n > 40) return resume({ after: seconds(1) });
      }
      perCall.push(given);
      return undefined;
    },
  });
  const seen = await run.advance(0);
  expect(seen.length).toBeGreaterThan(40);
  expect(seen).toEqual(Array.from(seen, (_, n) => n));
  // A bundle has 20 ms: five claims of 4 ms.
  expect(new Set(perCall)).toEqual(new Set([5]));
});

const hundred = { from: 100, to: 200 };

test("SDF-16 what is taken away before any claim is all, and the rest counts as done", () => {
  const tracker = new OffsetTracker(hundred);
  expect(tracker.trySplit(0)).toEqual({ primary: { from: 100, to: 100 }, residual: { from: 100, to: 200 } });
  expect(() => tracker.checkDone()).not.toThrow();
});

test.each([
  [[100], 101],
  [[105, 110], 111],
])("SDF-17 what is taken away after the claims %j begins at %i", (claims, border) => {
  const tracker = new OffsetTracker(hundred);
  for (const claim of claims) tracker.tryClaim(claim);
  expect(tracker.trySplit(0)).toEqual({ primary: { from: 100, to: border }, residual: { from: border, to: 200 } });
  expect(() => tracker.checkDone()).not.toThrow();
  expect(tracker.tryClaim(border)).toBe(false);
});

test("SDF-21 a read that returns early is told what it has not claimed", () => {
  const doneAfter = (...claims: readonly number[]) => {
    const tracker = new OffsetTracker(hundred);
    for (const claim of claims) tracker.tryClaim(claim);
    tracker.checkDone();
  };
  expect(() => doneAfter()).toThrow(/RESTRICTION_NOT_DONE[^]*from 100 up to 200/);
  expect(() => doneAfter(150, 175)).toThrow(/RESTRICTION_NOT_DONE[^]*from 176 up to 200/);
  for (const last of [199, 200, 220]) expect(() => doneAfter(150, last)).not.toThrow();
});

test("SDF-22 progress says how much is done and how much is left", () => {
  const progressAfter = (...claims: readonly number[]) => {
    const tracker = new OffsetTracker(hundred);
    for (const claim of claims) tracker.tryClaim(claim);
    return tracker.progress;
  };
  expect(progressAfter()).toEqual({ done: 0, remaining: 100 });
  expect(progressAfter(150)).toEqual({ done: 50, remaining: 50 });
  expect(progressAfter(300)).toEqual({ done: 100, remaining: 0 });
});

describe("SDF-24 watermarks do not go back", () => {
  const [one, two] = [seconds(3_600), seconds(7_200)];

  test("by what the source says", () => {
    const estimator = manualWatermark().begin(MIN_INSTANT);
    for (const watermark of [two, one]) estimator.set!(watermark);
    expect(estimator.current(0)).toBe(two);
  });

  test.each([
    ["in order", monotonicWatermark(), two],
    ["out of order by so much", boundedDelayWatermark(10), two - 10],
  ])("by times that come %s", (_, policy, expected) => {
    const estimator = policy.begin(MIN_INSTANT);
    for (const timestamp of [two, one]) estimator.observe!(timestamp);
    expect(estimator.current(0)).toBe(expected);
  });

  test("by the clock, which is read when the watermark is", () => {
    const estimator = wallClockWatermark().begin(MIN_INSTANT);
    expect(estimator.current(2)).toBe(2);
    expect(estimator.current(1)).toBe(2);
  });

  test("nor when a part is taken up again", () => {
    for (const policy of [manualWatermark(), monotonicWatermark(), boundedDelayWatermark(5), wallClockWatermark()])
      expect(policy.begin(two).current(one)).toBe(two);
  });

  test("and one of a user's own that does fails the run, with the step's name", async () => {
    let now = 10;
    const run = new WorkRun({
      restriction: () => ({ from: 0, to: 9 }),
      watermark: { name: "mine", begin: () => ({ current: () => now-- }) },
      process(_, ctx) {
        if (ctx.tracker.tryClaim(ctx.restriction.from)) ctx.output(1);
        return resume({ after: 0 });
      },
    });
    await run.advance(0);
    await run.advance(1);
    const error = await run.done.catch((failure: unknown) => failure as PipelineError);
    expect(error).toMatchObject({ code: "BAD_WATERMARK", message: expect.stringMatching(/Splittable\/Process[^]*9 after 10/) });
  });
});

test("SDF-28 a bundle under way is cut behind what is kept of the rest", () => {
  expect(splitPoint(25, 5, 0, 0.5)).toEqual({ keep: 15, inside: undefined });
  expect(splitPoint(15, 5, 0, 0.5)).toEqual({ keep: 10, inside: undefined });
});

/** A bundle whose elements are ranges; some of it is taken away while one is in progress. */
class Bundle {
  readonly elements: OffsetRange[];
  readonly tracker: OffsetTracker<OffsetRange>;
  readonly current: number;

  constructor(elements: readonly OffsetRange[], current = 0) {
    this.elements = [...elements];
    this.current = current;
    this.tracker = new OffsetTracker(elements[current]!);
  }

  /** Takes away what a fraction does not keep, and answers it. */
  split(fraction: number): readonly OffsetRange[] {
    const { keep, inside } = splitPoint(this.elements.length, this.current, 0, fraction);
    const others = this.elements.splice(keep);
    const cut = inside === undefined ? undefined : this.tracker.trySplit(inside);
    return cut === undefined ? others : [cut.residual, ...others];
  }

  get positions(): readonly number[] {
    const { from, to } = this.tracker.restriction;
    return Array.from({ length: to - from }, (_, i) => from + i);
  }
}

test("SDF-29 a bundle is cut between its elements first, and then within the one in progress", () => {
  const bundle = new Bundle([
    { from: 0, to: 4 },
    { from: 0, to: 4 },
  ]);
  bundle.tracker.tryClaim(0);
  expect(bundle.split(0.5)).toEqual([{ from: 0, to: 4 }]);
  expect(bundle.split(0.5)).toEqual([{ from: 2, to: 4 }]);
  expect(bundle.split(0.5)).toEqual([{ from: 1, to: 2 }]);
  expect(bundle.positions).toEqual([0]);
});

test("SDF-30 a bundle that is cut after each claim comes apart position by position", () => {
  const bundles: number[] = [];
  let left: readonly OffsetRange[] = [
    { from: 0, to: 2 },
    { from: 0, to: 3 },
  ];
  while (left.length > 0) {
    const bundle = new Bundle(left);
    expect(bundle.tracker.tryClaim(left[0]!.from)).toBe(true);
    left = bundle.split(0);
    bundles.push(...bundle.positions);
  }
  expect(bundles).toEqual([0, 1, 0, 1, 2]);
});
