import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundedSource,
  combinePerKey,
  count,
  create,
  fixedWindows,
  manualWatermark,
  map,
  MAX_INSTANT,
  monotonicWatermark,
  output,
  reify,
  splittable,
  tap,
  windowInto,
  withKeys,
  type BoundedSource,
  type Instant,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type Runner,
  type WatermarkEstimator,
} from "millrace";
import { collectedBy, failureOfRun, inOrder, localRunners } from "../support/runs.ts";

/** A part of a source: an element at each of its times. */
type Times = readonly Instant[];

interface Part extends OffsetRange {
  readonly number: number;
}

/** Parts with times of their own, an element a chunk; the elements are their times. */
const source = (parts: readonly Times[], more: Partial<BoundedSource<Instant, Part>> = {}): BoundedSource<Instant, Part> => ({
  name: "Times",
  watermark: monotonicWatermark(),
  restriction: () => ({ from: 0, to: parts.length, number: 0 }),
  split: () => parts.map((times, number) => ({ from: 0, to: times.length, number })),
  async *read({ from, number, to }, tracker) {
    for (let n = from; n < to && tracker.tryClaim(n); n++) yield { values: [parts[number]![n]!], timestamps: [parts[number]![n]!] };
  },
  ...more,
});

const everyMs = (ms: number, size: number): Times => Array.from({ length: size }, (_, n) => n * ms);

/** What is read, and which windows end, in the order in which it happens. */
async function eventsOf(runner: Runner, parts: readonly Times[], size: number, given = source(parts)): Promise<readonly string[]> {
  const events: string[] = [];
  await runner.run((p) => {
    p.apply(boundedSource(given))
      .apply(
        "Seen",
        tap((time) => void events.push(`read ${time}`)),
      )
      .apply(windowInto(fixedWindows(size)))
      .apply(withKeys("all"))
      .apply(combinePerKey(count()))
      .apply(reify())
      .apply(
        "Ended",
        tap(({ value: [, counted], window }) => void events.push(`${counted} until ${window.maxTimestamp + 1}`)),
      );
  });
  return events;
}

const counted = (source: BoundedSource<Instant, Part>) => (p: Pipeline) =>
  p
    .apply(boundedSource(source))
    .apply(windowInto(fixedWindows(100)))
    .apply(withKeys("all"))
    .apply(combinePerKey(count()))
    .apply(reify())
    .apply(
      "Text",
      map(({ value: [, n], window }) => `${n} until ${window.maxTimestamp + 1}`),
    ) as PCollection<string>;

test("a watermark that is no policy is refused when the source is made", () => {
  for (const wrong of [5, { name: "x" }, monotonicWatermark]) {
    expect(() => boundedSource(source([], { watermark: wrong as never }))).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", message: expect.stringContaining("for Times") }),
    );
    const doFn = { watermark: wrong as never, restriction: () => ({ from: 0, to: 1 }), process: () => {} };
    expect(() => splittable(doFn)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  }
});

describe.each(localRunners)("a source that ends and says its watermark, on %s", (_, make) => {
  test.each([
    ["a part that has four times as many elements for the same time", [everyMs(4, 1_000), everyMs(1, 4_000)]],
    ["more parts than a bundle has elements", Array.from({ length: 100 }, () => everyMs(80, 50))],
  ])("is read where it is furthest behind, so that windows end while it is read: %s", async (_what, parts) => {
    const events = await eventsOf(make({ partitions: 1, elementsPerBundle: 50 }), parts, 400);
    expect(events.filter((event) => event.startsWith("read"))).toHaveLength(5_000);
    for (const [at, event] of events.entries()) {
      const end = Number(/^500 until (\d+)$/.exec(event)?.[1]);
      if (Number.isNaN(end)) continue;
      const ahead = events.slice(0, at).filter((earlier) => earlier.startsWith("read") && Number(earlier.slice(5)) >= end);
      // A bundle, and what was on its way before.
      expect(ahead.length).toBeLessThan(200);
    }
    expect(events.filter((event) => event.startsWith("500 until"))).toHaveLength(10);
  });

  test("has its parts read side by side, a chunk at a time", async () => {
    const events = await eventsOf(make({ partitions: 1 }), [everyMs(4, 500), everyMs(1, 2_000), everyMs(2, 1_000)], 2_000);
    const times = events.slice(0, 3_500).map((event) => Number(event.slice(5)));
    let latest = 0;
    for (const time of times) {
      expect(time).toBeGreaterThanOrEqual(latest - 4);
      latest = Math.max(latest, time);
    }
    expect(events.slice(3_500)).toEqual(["3500 until 2000"]);
  });

  test("without a watermark ends its windows with its input", async () => {
    const { watermark: _none, ...silent } = source([everyMs(4, 100), everyMs(1, 400)]);
    const events = await eventsOf(make({ partitions: 1, elementsPerBundle: 50 }), [], 100, silent);
    expect(events.slice(0, 500).every((event) => event.startsWith("read"))).toBe(true);
    expect(events.slice(500)).toEqual(["125 until 100", "125 until 200", "125 until 300", "125 until 400"]);
  });

  test("gives the same as without one, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.nat(500), { maxLength: 30 }).map((times) => times.toSorted((a, b) => a - b)),
          { minLength: 1, maxLength: 5 },
        ),
        fc.record({ partitions: fc.integer({ min: 1, max: 3 }), elementsPerBundle: fc.constantFrom(1, 2, 7, undefined) }),
        async (parts, { partitions, elementsPerBundle }) => {
          const { watermark: _none, ...silent } = source(parts);
          const cut = { partitions, ...(elementsPerBundle === undefined ? {} : { elementsPerBundle }) };
          expect(inOrder(await collectedBy(make(cut), counted(source(parts))))).toEqual(
            inOrder(await collectedBy(make(), counted(silent))),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test("has a part read no further than others where its chunks are empty", async () => {
    // The first part has all its elements at the end, and says how far it has got before.
    const parts = [everyMs(1, 400), everyMs(1, 400)];
    const given = source(parts, {
      watermark: manualWatermark(),
      async *read({ from, number, to }, tracker) {
        for (let n = from; n < to && tracker.tryClaim(n); n++) {
          const isEmpty = number === 0 && n < 390;
          yield { values: isEmpty ? [] : [n], timestamps: isEmpty ? [] : [n], watermark: n };
        }
      },
    });
    const events = await eventsOf(make({ partitions: 1 }), parts, 1_000, given);
    expect(events.indexOf("read 390")).toBeGreaterThan(380);
  });

  test("promises what it says: what comes behind it is late", async () => {
    // 5 comes when the watermark is at 250, two windows later.
    const late = source([[10, 250, 5, 260]], { watermark: monotonicWatermark() });
    const runner = make({ partitions: 1, elementsPerBundle: 1 });
    expect(await collectedBy(runner, counted(late))).toEqual(["1 until 100", "2 until 300"]);
  });

  test("may say itself how far it has got", async () => {
    const parts = [[3, 250, 120, 350]];
    const said = [0, 100, 300, MAX_INSTANT];
    const own = source(parts, {
      watermark: manualWatermark(),
      async *read({ from, to }, tracker) {
        for (let n = from; n < to && tracker.tryClaim(n); n++) yield { values: [n], timestamps: [parts[0]![n]!], watermark: said[n]! };
      },
    });
    const texts = await collectedBy(make({ partitions: 1, elementsPerBundle: 1 }), counted(own));
    expect(texts).toEqual(["1 until 100", "1 until 200", "1 until 300", "1 until 400"]);
  });

  test("fails the run where its estimator goes back", async () => {
    let now = 100;
    const back = source([everyMs(1, 10)], { watermark: { name: "back", begin: () => ({ current: () => now-- }) } });
    const error = await failureOfRun(collectedBy(make({ elementsPerBundle: 1 }), counted(back)));
    expect(error).toMatchObject({ code: "BAD_WATERMARK", parts: { at: "Times/Read" } });
  });

  const broken = (): never => {
    throw new Error("not today");
  };
  const estimating = (estimator: Partial<WatermarkEstimator>): Partial<BoundedSource<Instant, Part>> => ({
    watermark: { name: "broken", begin: () => ({ current: () => 0, ...estimator }) },
  });
  const reading = (watermark: Instant | undefined): BoundedSource<Instant, Part>["read"] =>
    async function* ({ from, to }, tracker) {
      for (let n = from; n < to && tracker.tryClaim(n); n++)
        yield { values: [n], timestamps: [n], ...(watermark === undefined ? {} : { watermark }) };
    };
  /** A read that gives out nothing of all that it claims. */
  const closing =
    (close: () => Promise<never>): BoundedSource<Instant, Part>["read"] =>
    ({ to }, tracker) => ({
      [Symbol.asyncIterator]: () => ({
        async next() {
          tracker.tryClaim(to - 1);
          return { done: true, value: undefined };
        },
        return: close,
      }),
    });
  let splits = 0;

  test.each<readonly [what: string, more: Partial<BoundedSource<Instant, Part>>]>([
    ["a policy that throws", { watermark: { name: "broken", begin: broken } }],
    ["an estimator that throws", estimating({ current: broken })],
    ["an estimator that cannot take a time", estimating({ observe: broken })],
    ["an estimator that cannot take a watermark", estimating({ set: broken })],
    ["a split that throws later", { split: (range) => (splits++ === 0 ? [range] : broken()) }],
    ["a read that throws when it is closed", { read: closing(async () => broken()) }],
    ["a read that throws at once when it is closed", { read: closing(broken) }],
  ])("names its step where it has %s", async (_what, more) => {
    splits = 0;
    const own = source([everyMs(1, 100)], { restriction: () => ({ from: 0, to: 100, number: 0 }), read: reading(1), ...more });
    const error = await failureOfRun(collectedBy(make({ partitions: 2, elementsPerBundle: 10 }), counted(own)));
    expect(error).toMatchObject({ code: "READ_FAILED", parts: { at: "Times/Read" }, cause: { message: "not today" } });
  });

  test.each([null, "7"])("fails the run where a chunk has the watermark %j", async (watermark) => {
    const own = source([[1, 2]], { read: reading(watermark as never), watermark: manualWatermark() });
    const error = await failureOfRun(collectedBy(make(), counted(own)));
    expect(error).toMatchObject({ code: "BAD_WATERMARK", parts: { at: "Times/Read", got: JSON.stringify(watermark) } });
  });

  test("and so is the work of a splittable DoFn that ends", async () => {
    const events: string[] = [];
    const steps = [4, 1];
    await make({ partitions: 1, elementsPerBundle: 10 }).run((p) => {
      p.apply(create([0]))
        .apply(
          "Times of both",
          splittable({
            output: output<Instant>(),
            watermark: manualWatermark(),
            restriction: () => ({ from: 0, to: 400, step: 1 }),
            split: () => steps.map((step) => ({ from: 0, to: 400 / step, step })),
            process(_element: number, { restriction: { from, to, step }, tracker, output: give, watermark }) {
              for (let n = from; n < to && tracker.tryClaim(n); n++) {
                give(n * step, { timestamp: n * step });
                watermark(n * step);
              }
            },
          }),
        )
        .apply(
          "Seen",
          tap((time: number) => void events.push(`read ${time}`)),
        )
        .apply(windowInto(fixedWindows(100)))
        .apply(withKeys("all"))
        .apply(combinePerKey(count()))
        .apply(
          "Ended",
          tap(() => void events.push("ended")),
        );
    });
    const first = events.indexOf("ended");
    expect(events.slice(0, first).filter((event) => Number(event.slice(5)) >= 100).length).toBeLessThan(100);
    expect(events.filter((event) => event === "ended")).toHaveLength(4);
  });
});
