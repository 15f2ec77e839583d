import { describe, expect, test } from "vitest";
import { boundedSource, claimRange, evenly, monotonicWatermark, reshuffle, type BoundedSource, type OffsetRange } from "millrace";
import { collectedBy, inOrder, localRunners } from "../support/runs.ts";

/** Reads that claim more than their next chunk holds. */
const reads: Readonly<Record<string, BoundedSource<number, OffsetRange>["read"]>> = {
  "all at once": async function* ({ from, to }, tracker) {
    const end = from + claimRange(tracker, from, to);
    for (let n = from; n < end; n += 10) yield chunkOf(Array.from({ length: Math.min(10, end - n) }, (_, i) => n + i));
  },
  "some at a time": async function* ({ from, to }, tracker) {
    for (let n = from; n < to;) {
      const claimed = claimRange(tracker, n, Math.min(n + 7, to));
      for (let i = 0; i < claimed; i++) yield chunkOf([n + i]);
      if (n + claimed < Math.min(n + 7, to)) return;
      n += claimed;
    }
  },
  "one, before some empty chunks": async function* ({ from, to }, tracker) {
    for (let n = from; n < to && tracker.tryClaim(n); n++) {
      for (let i = 0; i < 5; i++) yield chunkOf([]);
      yield chunkOf([n]);
    }
  },
};

const chunkOf = (values: readonly number[]) => ({ values, timestamps: values });

const source = (read: BoundedSource<number, OffsetRange>["read"], size: number, more: object): BoundedSource<number, OffsetRange> => ({
  name: "Numbers",
  restriction: () => ({ from: 0, to: size }),
  split: evenly,
  read,
  ...more,
});

const numbers = (size: number) => Array.from({ length: size }, (_, n) => n);
const cuts = [{ partitions: 1 }, { partitions: 3 }, { partitions: 1, elementsPerBundle: 1 }, { partitions: 3, elementsPerBundle: 7 }];
/** A part without a name of its own: its read is not kept from bundle to bundle. */
const nameless = { split: (range: OffsetRange) => [{ ...range, same: new Error("nothing tells it from others") }] };
const inOne = { split: (range: OffsetRange, parts: number) => (range.from === 0 ? [range] : evenly(range, parts)) };
const kinds = {
  "without a watermark": {},
  "with a watermark": { watermark: monotonicWatermark() },
  "in one part": inOne,
  "in one part with a watermark": { ...inOne, watermark: monotonicWatermark() },
  "without a canonical form": nameless,
};

describe.each(localRunners)("what a read has claimed comes out, on %s", (_, make) => {
  describe.each(Object.entries(kinds))("of a source %s", (_kind, more) => {
    test.each(Object.entries(reads))("where it claims %s", async (_how, read) => {
      for (const cut of cuts) {
        const given = await collectedBy(make(cut), (p) => p.apply(boundedSource(source(read, 500, more))));
        expect({ cut, given: inOrder(given) }).toEqual({ cut, given: inOrder(numbers(500)) });
      }
    });

    // What is left of a part goes to partitions that have nothing to do.
    test.each(Object.entries(reads))("where it claims %s, and a bundle ends since much is on its way", async (_how, read) => {
      for (const partitions of [1, 3]) {
        const given = await collectedBy(make({ partitions }), (p) => p.apply(boundedSource(source(read, 20_000, more))).apply(reshuffle()));
        expect(given).toHaveLength(20_000);
        expect(new Set(given).size).toBe(20_000);
      }
    });
  });
});
