import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { Cells } from "../../runners/core/cells.ts";
import { fillerOf, foldOf, mergingFoldOf } from "../../runners/core/fold.ts";
import { NO_SIDE_INPUTS } from "../../sdk/combine/combine-fn.ts";

/** So many keys that a window with a few of them numbers its own. */
const KEYS = 4_000;

const sums: AnyCombineFn = {
  name: "sums",
  create: () => 0,
  add: (sum: number, n: number) => sum + n,
  merge: (a: number, b: number) => a + b,
  extract: (sum: number) => sum,
};
const lists: AnyCombineFn = {
  name: "lists",
  create: () => [],
  add: (list: number[], n: number) => [...list, n],
  merge: (a: number[], b: number[]) => [...a, ...b],
  extract: (list: number[]) => list,
};

interface Given {
  /** How many keys there are in all by then. */
  readonly keys: number;
  readonly keyIds: readonly number[];
}

/** Folds: now and then with keys from all over, mostly with few of them, and sometimes with so many that a place for each pays. */
const folds: fc.Arbitrary<readonly Given[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.nat(KEYS - 1), { maxLength: 30 }) },
      { weight: 2, arbitrary: fc.array(fc.integer({ min: KEYS - 5, max: KEYS - 1 }), { maxLength: 30 }) },
      { weight: 1, arbitrary: fc.integer({ min: 300, max: 900 }).map((count) => Array.from({ length: count }, (_, i) => KEYS - 1 - i)) },
      { weight: 1, arbitrary: fc.array(fc.nat(20), { maxLength: 30 }) },
    ),
    { maxLength: 6 },
  )
  .map((all) => {
    // Keys are numbered as they come, so the first folds may know of fewer.
    let keys = 0;
    return all.map((keyIds) => ({ keyIds, keys: (keys = Math.max(keys, 1 + Math.max(-1, ...keyIds))) }));
  });

/** What is there, by key, with its weight. */
function contentOf(cells: Cells): ReadonlyMap<number, readonly [unknown, number | undefined]> {
  const content = new Map<number, readonly [unknown, number | undefined]>();
  for (let place = 0; place < cells.places; place++) {
    const key = cells.keyAt(place);
    if (key === -1) continue;
    expect(content.has(key)).toBe(false);
    content.set(key, [cells.accumulators[place], cells.weights?.[place]]);
  }
  return content;
}

describe.each([sums, lists])("cells of $name", (fn) => {
  test.each([true, false])("hold what was folded in for each key, however many keys there are (generated: %s)", (generated) => {
    fc.assert(
      fc.property(folds, fc.boolean(), (given, counts) => {
        const cells = new Cells(fillerOf(fn), { counts });
        const fold = foldOf(fn, NO_SIDE_INPUTS, generated);
        const expected = new Map<number, number[]>();
        for (const { keyIds, keys } of given) {
          // The first and the last one belong to others, as in a batch with several windows.
          const values = keyIds.map((_id, i) => i);
          const to = values.length - 1;
          for (let i = 1; i < to; i++) expected.set(keyIds[i]!, [...(expected.get(keyIds[i]!) ?? []), values[i]!]);
          expect(cells.fold(fold, Int32Array.from(keyIds), values, 1, Math.max(1, to), keys, () => {})).toBe(-1);
        }
        const wanted = [...expected].map(([key, values]) => {
          const accumulator = values.reduce<unknown>((before, value) => fn.add(before, value, NO_SIDE_INPUTS) as unknown, fn.create());
          return [key, [accumulator, counts ? values.length : undefined]] as const;
        });
        expect(contentOf(cells)).toEqual(new Map(wanted));
      }),
      { numRuns: 60 },
    );
  });
});

test("the places of a window are as many as its keys, while those are few among many", () => {
  const cells = new Cells(undefined);
  const fold = foldOf(lists, NO_SIDE_INPUTS, true);
  cells.fold(fold, Int32Array.from([KEYS - 1, 7, KEYS - 1]), [1, 2, 3], 0, 3, KEYS, () => {});
  expect(cells.places).toBe(2);
  expect([cells.keyAt(0), cells.keyAt(1)]).toEqual([KEYS - 1, 7]);
});

test("the places of a window are the numbers of the keys where it has many of them", () => {
  const cells = new Cells(undefined);
  const fold = foldOf(lists, NO_SIDE_INPUTS, true);
  const many = Int32Array.from({ length: KEYS / 2 }, (_, i) => 2 * i);
  cells.fold(fold, many, [...many], 0, many.length, KEYS, () => {});
  cells.fold(fold, Int32Array.of(KEYS - 1), [7], 0, 1, KEYS, () => {});
  expect(cells.places).toBe(KEYS);
  expect([cells.keyAt(0), cells.keyAt(1), cells.keyAt(2), cells.keyAt(KEYS - 1)]).toEqual([0, -1, 2, KEYS - 1]);
});

test.each([true, false])("accumulators are merged two by two, and the merge gets nothing else (generated: %s)", (generated) => {
  // As `Math.max` would, it takes whatever it is given.
  const merge = (...given: readonly number[]): number => Math.max(...given);
  const cells = new Cells(0);
  const fold = mergingFoldOf({ ...sums, create: () => 0, merge }, generated);
  cells.fold(fold, Int32Array.of(1, 2, 1, 1), [3, 5, 9, 4], 0, 4, 3, () => {});
  expect([cells.accumulators[1], cells.accumulators[2]]).toEqual([9, 5]);
});
