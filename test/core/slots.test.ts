import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defaultTrigger,
  globalWindow,
  globalWindows,
  intervalWindow,
  NO_FIRING,
  structuralCoder,
  type AnyCombineFn,
  type IntervalWindow,
  type Pane,
  type Window,
  type WindowingStrategy,
} from "millrace";
import type { Batch } from "../../runners/core/batch.ts";
import { ExchangeSlot, type ExchangeSpec } from "../../runners/core/exchange-slot.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { partitionOf } from "../../runners/core/key-groups.ts";
import { KeyedSlot, PlainSlot, type Slot } from "../../runners/core/slot.ts";
import { elementsOf, pairsOf, type Element, type Grouped } from "../support/batches.ts";

const to = { target: 3, collection: 8 };
const windowLists: readonly (readonly Window[])[] = [
  Object.freeze([globalWindow]),
  Object.freeze([intervalWindow(0, 10)]),
  Object.freeze([intervalWindow(0, 10), intervalWindow(5, 15)]),
];
const panes: readonly Pane[] = [
  NO_FIRING,
  Object.freeze({ timing: "ON_TIME", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true }),
];

/** Elements of few stamps, so that runs of equal ones and changes between them both come up. */
const elementOf = <T>(value: fc.Arbitrary<T>) =>
  fc.record({
    value,
    timestamp: fc.constantFrom(-5, 0, 5, 5, 5),
    windows: fc.constantFrom(...windowLists),
    pane: fc.constantFrom(...panes),
  });
const anyValue = fc.oneof(fc.nat(99), fc.constantFrom("a", null, undefined));
const pair = fc.tuple(fc.oneof(fc.nat(6), fc.constantFrom("a", "b", null, undefined, "__proto__")), anyValue);

/** Elements in bundles: batches are taken after each. */
const bundlesOf = <T>(value: fc.Arbitrary<T>) => fc.array(fc.array(elementOf(value), { maxLength: 20 }), { maxLength: 4 });

const putAll = (slot: Slot, elements: readonly Element[]): readonly Batch[] => {
  for (const { value, timestamp, windows, pane } of elements) slot.put(value, timestamp, windows, pane);
  return slot.takeBatches();
};

/** What has to be true of the batches that were made of some elements, in order. */
function checkLabels(batches: readonly Batch[], elements: readonly Element[], capacity: number): void {
  let from = 0;
  for (const batch of batches) {
    expect(batch).toMatchObject(to);
    expect(batch.size).toBeGreaterThan(0);
    expect(batch.size).toBeLessThanOrEqual(capacity);
    expect(batch.values.length).toBeGreaterThanOrEqual(batch.size);
    const own = elements.slice(from, from + batch.size);
    expect(batch.earliest).toBe(Math.min(...own.map(({ timestamp }) => timestamp)));
    from += batch.size;
  }
  expect(from).toBe(elements.length);
}

/** What a grouping is told of elements. */
const grouped = (elements: readonly Element[]): readonly Grouped[] => elements.map(({ value, windows }) => ({ value, windows }));

describe("a slot for a stage that takes elements in any order", () => {
  test("gives out what was put in, in order, with the stamps of each, in batches of its size at most", () => {
    fc.assert(
      fc.property(bundlesOf(anyValue), fc.integer({ min: 1, max: 6 }), (bundles, capacity) => {
        const slot = new PlainSlot(to, 1, capacity);
        for (const elements of bundles) {
          const batches = putAll(slot, elements);
          checkLabels(batches, elements, capacity);
          expect(elementsOf(batches)).toEqual(elements);
          expect(batches.every(({ keys }) => keys === undefined)).toBe(true);
        }
        expect(slot.takeBatches()).toEqual([]);
      }),
    );
  });

  test("changes no batch that it has given out, unless that was given back", () => {
    fc.assert(
      fc.property(bundlesOf(anyValue), fc.integer({ min: 1, max: 6 }), (bundles, capacity) => {
        const slot = new PlainSlot(to, 1, capacity);
        const given = bundles.map((elements) => putAll(slot, elements));
        expect(given.map(elementsOf)).toEqual(bundles);
      }),
    );
  });

  test("spreads its batches over the partitions in turn", () => {
    const slot = new PlainSlot(to, 3, 2);
    const elements = (count: number): readonly Element[] =>
      Array.from({ length: count }, (_, value) => ({ value, timestamp: 0, windows: windowLists[0]!, pane: NO_FIRING }));
    const partitions = [putAll(slot, elements(7)), putAll(slot, elements(3))].flat().map(({ partition }) => partition);
    expect(partitions).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test("fills a batch before it begins another", () => {
    const slot = new PlainSlot(to, 1, 4);
    const elements = Array.from({ length: 10 }, (_, value) => ({ value, timestamp: 0, windows: windowLists[0]!, pane: NO_FIRING }));
    expect(putAll(slot, elements).map(({ size }) => size)).toEqual([4, 4, 2]);
  });
});

describe("a slot for a grouping on the same thread", () => {
  test("leaves keys in the dictionary of the grouping, and gives out values in order", () => {
    fc.assert(
      fc.property(bundlesOf(pair), fc.integer({ min: 1, max: 6 }), (bundles, capacity) => {
        const keys = new KeyDictionary();
        keys.idOf("there before");
        const slot = new KeyedSlot(to, keys, capacity);
        const given = bundles.map((elements) => putAll(slot, elements));
        given.forEach((batches, i) => checkLabels(batches, bundles[i]!, capacity));
        expect(given.map((batches) => batches.flatMap((batch) => pairsOf(batch, keys)))).toEqual(bundles.map(grouped));
        expect(given.flat().every(({ partition, keys: own }) => partition === 0 && own!.distinct === undefined)).toBe(true);
        expect(keys.size).toBe(1 + new Set(bundles.flat().map(({ value }) => value[0])).size);
      }),
    );
  });

  test("may use the arrays of batches again that were given back, and of no others", () => {
    fc.assert(
      fc.property(bundlesOf(pair), fc.integer({ min: 1, max: 3 }), fc.infiniteStream(fc.boolean()), (bundles, capacity, isReleased) => {
        const keys = new KeyDictionary();
        const slot = new KeyedSlot(to, keys, capacity);
        const kept: (readonly [Batch, readonly Grouped[]])[] = [];
        for (const elements of bundles) {
          for (const batch of putAll(slot, elements)) {
            if (isReleased.next().value === true) batch.release?.();
            else kept.push([batch, pairsOf(batch, keys)]);
          }
        }
        for (const [batch, before] of kept) expect(pairsOf(batch, keys)).toEqual(before);
      }),
    );
  });

  test("shares the dictionary with other slots that lead there", () => {
    const keys = new KeyDictionary();
    const [one, two] = [new KeyedSlot(to, keys, 8), new KeyedSlot(to, keys, 8)];
    const elements = (...given: readonly string[]): readonly Element[] =>
      given.map((key) => ({ value: [key, 1], timestamp: 0, windows: windowLists[0]!, pane: NO_FIRING }));
    const ids = [putAll(one, elements("a", "b")), putAll(two, elements("b", "c", "a"))].flat().map((batch) => [...batch.keys!.ids]);
    expect(ids).toEqual([
      [0, 1],
      [1, 2, 0],
    ]);
  });
});

describe("a slot for a grouping by sessions", () => {
  const interval = fc
    .integer({ min: -9, max: 9 })
    .chain((start) => fc.integer({ min: 1, max: 9 }).map((n) => intervalWindow(start, start + n)));
  const inIntervals = (each: Element): fc.Arbitrary<Element> =>
    fc.array(interval, { minLength: 1, maxLength: 2 }).map((windows) => ({ ...each, windows }));
  const bundles = fc.array(fc.array(elementOf(pair).chain(inIntervals), { maxLength: 20 }), { maxLength: 4 });
  /** Each element in each of its windows. */
  const apart = (elements: readonly Element[]): readonly Element[] =>
    elements.flatMap((each) => each.windows.map((window) => ({ ...each, windows: [window] })));
  const startOf = ({ windows }: Grouped): number => (windows[0] as IntervalWindow).start;

  test("keeps the ends of the windows, and holds the watermark at the earliest time and beginning", () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.boolean()), (given, capacity, isReleased) => {
        const keys = new KeyDictionary();
        const slot = new KeyedSlot(to, keys, capacity, { hasSpans: true, merges: true });
        for (const elements of given) {
          const batches = putAll(slot, elements);
          expect(batches.flatMap((batch) => pairsOf(batch, keys))).toEqual(grouped(apart(elements)));
          const rows = [...apart(elements)];
          for (const batch of batches) {
            const own = rows.splice(0, batch.size);
            expect(batch.size).toBeLessThanOrEqual(capacity);
            expect(batch.earliest).toBe(Math.min(...own.map((each) => Math.min(each.timestamp, startOf(each)))));
            if (isReleased.next().value === true) batch.release?.();
          }
        }
      }),
    );
  });

  test("sends them with the values to the partitions that own the keys", () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 1, max: 6 }), (given, capacity) => {
        const slot = exchange({ partitions: 3, capacity, needs: { hasSpans: true, merges: true } });
        for (const elements of given) {
          const identities = new KeyDictionary();
          const batches = putAll(slot, elements);
          for (const partition of [0, 1, 2]) {
            const mine = batches.filter((batch) => batch.partition === partition);
            const own = apart(elements).filter(({ value }) => {
              const [key] = value as readonly [unknown, unknown];
              return partitionOf(identities.groupOf(identities.idOf(key)), 3) === partition;
            });
            expect(mine.flatMap((batch) => pairsOf(batch))).toEqual(grouped(own));
            const starts = mine.flatMap((batch) => pairsOf(batch).map((each) => startOf(each) - batch.earliest));
            expect(starts.every((after) => after >= 0)).toBe(true);
          }
        }
      }),
    );
  });
});

describe("a slot for a grouping with several partitions", () => {
  const bundles = bundlesOf(fc.tuple(fc.oneof(fc.nat(50), fc.record({ a: fc.nat(5) }), fc.constantFrom("a", "b", null)), anyValue));
  const ownerAmong = (partitions: number) => {
    const identities = new KeyDictionary();
    return (key: unknown): number => partitionOf(identities.groupOf(identities.idOf(key)), partitions);
  };

  test("sends each pair to the partition that owns its key, and loses and repeats none", () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 6 }), (given, partitions, capacity) => {
        const slot = exchange({ partitions, capacity });
        const ownerOf = ownerAmong(partitions);
        for (const elements of given) {
          const batches = putAll(slot, elements);
          for (let partition = 0; partition < partitions; partition++) {
            const mine = batches.filter((batch) => batch.partition === partition);
            const own = elements.filter(({ value }) => ownerOf(value[0]) === partition);
            expect(mine.flatMap((batch) => pairsOf(batch))).toEqual(grouped(own));
          }
        }
        expect(slot.takeBatches()).toEqual([]);
      }),
    );
  });

  test("holds the watermark back as far as the earliest of its elements, and no further than their bundle does", () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 1, max: 6 }), (given, capacity) => {
        const slot = exchange({ partitions: 3, capacity });
        for (const elements of given) {
          const timeOf = new Map(elements.map((each, i) => [i, each.timestamp]));
          const numbered = elements.map((each, i) => ({ ...each, value: [each.value[0], i] }));
          for (const batch of putAll(slot, numbered)) {
            const times = Array.from({ length: batch.size }, (_, i) => timeOf.get(batch.values[i] as number)!);
            expect(batch).toMatchObject(to);
            expect(batch.size).toBeLessThanOrEqual(capacity);
            expect(batch.earliest).toBeLessThanOrEqual(Math.min(...times));
            expect(batch.earliest).toBeGreaterThanOrEqual(Math.min(...timeOf.values()));
          }
        }
      }),
    );
  });

  test("brings along the keys of each batch, each different one once", () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 1, max: 6 }), (given, capacity) => {
        const slot = exchange({ partitions: 2, capacity });
        for (const batch of given.flatMap((elements) => putAll(slot, elements))) {
          const distinct = batch.keys!.distinct!;
          expect(batch.keys!.ids).toHaveLength(batch.size);
          expect(new Set(batch.keys!.ids).size, "no key that no element has").toBe(distinct.length);
          const dictionary = new KeyDictionary();
          expect(distinct.map((key) => dictionary.idOf(key))).toEqual(distinct.map((_, i) => i));
        }
      }),
    );
  });

  test("goes on as before when it has seen so many keys that it forgets them", () => {
    const slot = exchange({ partitions: 2, capacity: 1_024 });
    const ownerOf = ownerAmong(2);
    for (let bundle = 0; bundle < 3; bundle++) {
      const elements = Array.from({ length: 40_000 }, (_, i) => pairAt([bundle * 20_000 + i, i]));
      const batches = putAll(slot, elements);
      const pairs = batches.flatMap((batch) =>
        pairsOf(batch).map(({ value }) => ({ value: value as [number, number], partition: batch.partition })),
      );
      expect(pairs).toHaveLength(elements.length);
      expect(pairs.every(({ value: [key, i], partition }) => key === bundle * 20_000 + i && partition === ownerOf(key))).toBe(true);
    }
  });

  describe("that combines before it sends", () => {
    const sum: AnyCombineFn = {
      name: "sum",
      create: () => 0,
      add: (a: number, b: number) => a + b,
      merge: (a: number, b: number) => a + b,
      extract: (a: number) => a,
    };
    const lists: AnyCombineFn = {
      name: "lists",
      create: () => [],
      add: (a: unknown[], b) => [...a, b],
      merge: (a: unknown[], b: unknown[]) => [...a, ...b],
      extract: (a: unknown[]) => a,
    };

    test.each([true, false])("sends for each key and windows what its values come to (generated code: %s)", (generatesCode) => {
      fc.assert(
        fc.property(bundles, fc.integer({ min: 1, max: 6 }), (given, capacity) => {
          const slot = exchange({ partitions: 3, capacity, lift: { fn: lists, windowing, path: "Combine", generatesCode } });
          for (const elements of given) {
            const batches = putAll(slot, elements);
            const dictionary = new KeyDictionary();
            const named = ({ value, windows }: Grouped) => `${dictionary.idOf((value as [unknown])[0])} ${JSON.stringify(windows)}`;
            const found = new Map<string, unknown[]>();
            for (const batch of batches) {
              for (const each of pairsOf(batch)) {
                const values = (each.value as [unknown, unknown])[1];
                found.set(named(each), [
                  ...(found.get(named(each)) ?? []),
                  ...(batch.isPartial === true ? (values as unknown[]) : [values]),
                ]);
              }
            }
            const expected = new Map<string, unknown[]>();
            for (const each of elements)
              expected.set(named(each), [...(expected.get(named(each)) ?? []), (each.value as [unknown, unknown])[1]]);
            expect(found).toEqual(expected);
          }
        }),
      );
    });

    test("stops to for a while where keys do not repeat, and tries again", () => {
      const slot = exchange({ partitions: 2, capacity: 8, lift: { fn: sum, windowing, path: "Combine", generatesCode: true } });
      const isCombined = (keys: readonly number[]): boolean =>
        putAll(
          slot,
          keys.map((key) => pairAt([key, 1])),
        ).every(({ isPartial }) => isPartial === true);
      const bundles = (count: number, keys: readonly number[]): readonly boolean[] => Array.from({ length: count }, () => isCombined(keys));
      expect(bundles(3, [1, 1, 1, 2, 2, 2])).toEqual([true, true, true]);
      expect(isCombined([1, 2, 3, 4]), "it shows when it is too late").toBe(true);
      expect(bundles(16, [1, 1, 1, 1]).every((each) => !each)).toBe(true);
      expect(bundles(2, [1, 1, 1, 1])).toEqual([true, true]);
      expect(isCombined([1, 2, 3, 4])).toBe(true);
      const many = Array.from({ length: 64 }, () => 1);
      expect(bundles(2, many), "what a small bundle shows is not held against many elements").toEqual([false, true]);
    });

    test("takes equal windows for one, and says how many elements an accumulator stands for", () => {
      const slot = exchange({ partitions: 2, capacity: 8, lift: { fn: sum, windowing, path: "Combine", generatesCode: true } });
      const window = (start: number): readonly Window[] => [intervalWindow(start, start + 10)];
      for (const start of [0, 10, 0, 0]) slot.put(["k", 1], 5, window(start), NO_FIRING);
      const partials = slot
        .takeBatches()
        .flatMap((batch) =>
          pairsOf(batch).map(({ value, windows }, i) => [
            (windows[0] as IntervalWindow).start,
            (value as [unknown, unknown])[1],
            batch.keys!.weights![i],
          ]),
        );
      expect(partials).toEqual([
        [0, 3, 3],
        [10, 1, 1],
      ]);
    });

    test("names the combine and the element when add throws", () => {
      const cause = new Error("cannot add");
      const failing: AnyCombineFn = {
        ...sum,
        add: (a: number, b: number) => {
          if (b === 3) throw cause;
          return a + b;
        },
      };
      const slot = exchange({ partitions: 2, capacity: 8, lift: { fn: failing, windowing, path: "Outer/Combine", generatesCode: true } });
      expect(() =>
        putAll(
          slot,
          [1, 2, 3].map((n) => pairAt([n, n])),
        ),
      ).toThrow(
        expect.objectContaining({
          code: "STEP_FAILED",
          cause,
          parts: expect.objectContaining({ at: "Outer/Combine", got: "the element 3" }),
        }),
      );
    });
  });
});

const exchange = (spec: Partial<ExchangeSpec>): ExchangeSlot =>
  new ExchangeSlot({ to, partitions: 2, keyCoder: structuralCoder, capacity: 8, lift: undefined, ...spec });

const pairAt = (value: readonly [unknown, unknown]): Element => ({ value, timestamp: 0, windows: windowLists[0]!, pane: NO_FIRING });

test.each([
  ["a number", 5],
  ["nothing", undefined],
  ["a list of three", [1, 2, 3]],
  ["a list of one", [1]],
  ["a text of two letters", "ab"],
  ["a record", { key: 1, value: 2 }],
])("a slot for a grouping takes pairs only, and not %s", (_, value) => {
  const slots = [new KeyedSlot(to, new KeyDictionary(), 8), exchange({})];
  for (const slot of slots) {
    expect(() => slot.put(value, 0, windowLists[0]!, NO_FIRING)).toThrow(expect.objectContaining({ code: "NOT_A_PAIR" }));
    expect(slot.takeBatches(), "what was refused is not in it").toEqual([]);
  }
});

test("a key that cannot be compared leaves nothing in a slot", () => {
  class Point {}
  const slots = [new KeyedSlot(to, new KeyDictionary(), 8), exchange({})];
  for (const slot of slots) {
    expect(() => slot.put([new Point(), 1], 0, windowLists[0]!, NO_FIRING)).toThrow(expect.objectContaining({ code: "NOT_ENCODABLE" }));
    expect(slot.takeBatches()).toEqual([]);
  }
});

/** Intervals and the global window have one coder in these tests: what it makes of them tells them apart. */
const windowing: WindowingStrategy = {
  windowFn: { ...globalWindows(), windowCoder: structuralCoder },
  trigger: defaultTrigger(),
  ...DEFAULT_SETTINGS,
};
