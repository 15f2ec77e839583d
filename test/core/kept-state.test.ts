import { describe, expect, test } from "vitest";
import {
  collect,
  create,
  deduplicate,
  fixedWindows,
  groupIntoBatches,
  intervalWindow,
  windowInto,
  withKeys,
  type KV,
  type Instant,
  type PCollection,
  type PTransform,
} from "millrace";
import { testStream } from "millrace/testing";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { warningsOf } from "../../runners/core/warnings.ts";
import { planOf } from "../support/hand-driven.ts";
import { KeyedStage, type TimedPair } from "../support/keyed-stage.ts";

const stageOf = (transform: PTransform<PCollection<KV<unknown, number>>, PCollection<unknown>>): KeyedStage =>
  new KeyedStage(
    planOf((p) => {
      p.apply(create([1])).pipe(withKeys("k" as unknown), transform, collect());
    }),
  );

const pairAt = (timestamp: Instant, key: unknown, value: unknown = key): TimedPair => ({ pair: [key, value], timestamp });

const many = (timestamp: Instant): readonly TimedPair[] => Array.from({ length: 1_000 }, (_, key) => pairAt(timestamp, key));

const NOTHING = { cells: 0, keys: 0 };

describe("what deduplicate keeps of keys", () => {
  test("in processing time is a number for each, until the clock has passed the time", async () => {
    const stage = stageOf(deduplicate({ within: 100 }));
    expect(await stage.run(many(5), { clock: 7 })).toHaveLength(1_000);
    expect(await stage.run(many(6), { clock: 106 })).toHaveLength(0);
    expect(stage.size).toMatchObject({ cells: 1_000, keys: 1_000 });
    await stage.run([], { clock: 107 });
    expect(stage.size).toMatchObject(NOTHING);
  });

  test("in event time is a number for each, until the watermark has passed the time of the last one that counted", async () => {
    const stage = stageOf(deduplicate({ within: 100, time: "event" }));
    expect(await stage.run(many(5))).toHaveLength(1_000);
    expect(await stage.run(many(105), { watermark: 105 })).toHaveLength(0);
    expect(await stage.run([pairAt(106, 0)])).toHaveLength(1);
    expect(stage.size).toMatchObject({ cells: 1_000, keys: 1_000 });
    await stage.run([], { watermark: 106 });
    expect(stage.size).toMatchObject({ cells: 1, keys: 1 });
    await stage.run([], { watermark: 207 });
    expect(stage.size).toMatchObject(NOTHING);
  });

  test("is gone with its window, where that expires before", async () => {
    const window = intervalWindow(0, 10);
    const inTens = (elements: PCollection<KV<unknown, number>>) =>
      elements.pipe(windowInto(fixedWindows(10)), deduplicate({ within: 100 }));
    const stage = stageOf(inTens);
    await stage.run(many(5).map((each) => ({ ...each, window })));
    expect(stage.size).toMatchObject({ keys: 1_000 });
    await stage.run([], { watermark: 10 });
    expect(stage.size).toEqual({ ...NOTHING, windows: 0 });
  });
});

describe("what groupIntoBatches keeps of a key", () => {
  const values = (pairs: readonly { readonly value: unknown }[]): readonly unknown[] =>
    pairs.map(({ value }) => (value as KV<unknown, unknown>)[1]);

  test("is gone with a batch that is full", async () => {
    const stage = stageOf(groupIntoBatches({ size: 2, maxBufferingDuration: 10 }));
    expect(await stage.run([pairAt(1, "a", 1)])).toEqual([]);
    expect(stage.size).toMatchObject({ keys: 1 });
    expect(values(await stage.run([pairAt(2, "a", 2)]))).toEqual([[1, 2]]);
    expect(stage.size).toMatchObject(NOTHING);
    expect(await stage.run([], { clock: 10, watermark: 100 })).toEqual([]);
  });

  test("is gone with a batch that has waited for long enough", async () => {
    const stage = stageOf(groupIntoBatches({ maxBufferingDuration: 10 }));
    await stage.run(many(1), { clock: 1 });
    await stage.run(many(2), { clock: 10 });
    expect(stage.size).toMatchObject({ keys: 1_000 });
    expect(values(await stage.run([], { clock: 11 }))).toEqual(many(1).map(({ pair: [, value] }) => [value, value]));
    expect(stage.size).toMatchObject(NOTHING);
  });

  test("is gone with the batch that is left at the end of a window, and is none of the next window", async () => {
    const inTens = (pairs: PCollection<KV<unknown, number>>) => pairs.pipe(windowInto(fixedWindows(10)), groupIntoBatches({ size: 2 }));
    const stage = stageOf(inTens);
    await stage.run([
      { ...pairAt(1, "a", 1), window: intervalWindow(0, 10) },
      { ...pairAt(11, "a", 11), window: intervalWindow(10, 20) },
    ]);
    expect(values(await stage.run([], { watermark: 10 }))).toEqual([[1]]);
    expect(stage.size).toMatchObject({ keys: 1, windows: 1 });
    expect(values(await stage.run([], { watermark: 20 }))).toEqual([[11]]);
    expect(stage.size).toEqual({ ...NOTHING, windows: 0 });
  });
});

describe("what is kept for ever", () => {
  const stepsOf = (transform: PTransform<PCollection<KV<unknown, number>>, PCollection<unknown>>): readonly string[] =>
    warningsOf(
      buildGraph((p) => {
        p.apply(testStream<number>().addElements(1)).pipe(withKeys("k" as unknown), transform, collect());
      }).graph,
    ).map(({ at }) => at);

  test("are batches that nothing but their size lets leave, and a warning names the step", () => {
    expect(stepsOf(groupIntoBatches({ size: 2 }))).toEqual(["GroupIntoBatches/ParDo"]);
    expect(stepsOf(groupIntoBatches({ size: 2, maxBufferingDuration: 10 }))).toEqual([]);
  });

  test("is nothing of duplicates", () => {
    expect(stepsOf(deduplicate({ within: 10 }))).toEqual([]);
    expect(stepsOf(deduplicate({ within: 10, time: "event" }))).toEqual([]);
  });
});
