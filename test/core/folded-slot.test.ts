import { describe, expect, test } from "vitest";
import {
  collect,
  combineGlobally,
  count,
  fixedWindows,
  generate,
  globalWindow,
  intervalWindow,
  mean,
  sum,
  windowInto,
  type AnyCombineFn,
  type Collected,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { FoldedSlot } from "../../runners/core/folded-slot.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { KeyedSlot } from "../../runners/core/slot.ts";
import { NO_FIRING } from "../../sdk/windowing.ts";

const to = { target: 3, collection: 7 };
const everywhere = { timestamp: 5, windows: [globalWindow], pane: NO_FIRING };

const made = (fn: AnyCombineFn = sum() as AnyCombineFn): FoldedSlot<KeyedSlot> =>
  new FoldedSlot({ to, partition: 2, key: "k", fn, path: "Sum" }, new KeyedSlot(to, new KeyDictionary(), 8));

describe("a slot of what the loop has combined", () => {
  test("makes one accumulator of those that share their stamp, and says how many elements stand behind it", () => {
    const slot = made();
    slot.putFolded(10, 3, everywhere);
    slot.putFolded(32, 2, everywhere);
    expect(slot.size).toBe(1);
    const keys = { ids: Int32Array.of(0), distinct: ["k"], weights: Int32Array.of(5) };
    const expected = { ...to, partition: 2, size: 1, values: [42], keys, isPartial: true, earliest: 5, stamps: everywhere };
    expect(slot.takeBatches()).toEqual([{ ...expected, release: undefined }]);
    expect(slot.takeBatches(), "and only once").toEqual([]);
  });

  test("has the loop go on with an accumulator that it left there, as long as the stamp is the same", () => {
    const slot = made();
    const part = slot.partOf(everywhere);
    Object.assign(part, { accumulator: [1, 2], count: 2 });
    expect(slot.partOf({ ...everywhere })).toBe(part);
    expect(slot.partOf({ ...everywhere, timestamp: 6 })).not.toBe(part);
    expect(
      slot.takeBatches().map(({ values }) => values),
      "and sends no part without an element",
    ).toEqual([[[1, 2]]]);
  });

  test("keeps windows and times apart, and holds the watermark at the earlier of the time and the end", () => {
    const slot = made();
    const early = { ...everywhere, windows: [intervalWindow(0, 4)] };
    slot.putFolded(1, 1, everywhere);
    slot.putFolded(2, 1, early);
    slot.putFolded(3, 1, { ...early, timestamp: 1 });
    expect(slot.takeBatches().map(({ values, earliest }) => [values, earliest])).toEqual([
      [[1], 5],
      [[2], 3],
      [[3], 1],
    ]);
  });

  test("hands on what comes one by one as well", () => {
    const slot = made();
    slot.put(["k", 8], 5, everywhere.windows, NO_FIRING);
    slot.putFolded(1, 1, everywhere);
    expect(slot.takeBatches().map(({ values, isPartial = false }) => [values, isPartial])).toEqual([
      [[1], true],
      [[8], false],
    ]);
  });

  test("names the combine whose merge fails, and what it got", () => {
    const failing = { ...(sum() as AnyCombineFn), merge: () => expect.fail("no merges") };
    const slot = made(failing);
    slot.putFolded(1, 1, everywhere);
    expect(() => slot.putFolded(2, 1, everywhere)).toThrow(expect.objectContaining({ parts: expect.objectContaining({ at: "Sum" }) }));
  });
});

test.each([
  ["in the loop", {}],
  ["one by one, in small bundles", { elementsPerBundle: 7_000 }],
  ["over partitions", { partitions: 5 }],
  ["by closures", { generatesCode: false }],
])("many chunks of a source are combined whole, %s", async (_, cut) => {
  const COUNT = 100_000;
  let total!: Collected<number>;
  let counts!: Collected<number>;
  let middle!: Collected<number>;
  const result = await directRunner(cut).run((p) => {
    const numbers = p.apply(generate({ count: COUNT, timestampOf: (i) => i }));
    total = p.apply("Untimed", generate({ count: COUNT })).pipe(combineGlobally(sum()), collect());
    middle = p.apply("Again", generate({ count: COUNT })).pipe(combineGlobally(mean()), collect());
    counts = numbers.pipe(windowInto(fixedWindows(30_000)), combineGlobally(count(), { defaults: false }), collect());
  });
  expect(result.collected(total)).toEqual([(COUNT * (COUNT - 1)) / 2]);
  expect(result.collected(middle)).toEqual([(COUNT - 1) / 2]);
  expect(result.collected(counts).toSorted((a, b) => a - b)).toEqual([10_000, 30_000, 30_000, 30_000]);
});
