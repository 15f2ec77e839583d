import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate, groupByKey, iterableCoder, keyBy, map, reshuffle, structuralCoder, type KV, type PipelineResult } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { frozen } from "../../runners/core/frozen.ts";
import type { TemporaryFile, TemporaryStorage } from "../../runners/core/ports.ts";
import { Merge } from "../../runners/core/spill/merge.ts";
import { MemoryBudget, type MemoryHolder } from "../../runners/core/spill/memory-budget.ts";
import { sizeOf } from "../../runners/core/spill/size-of.ts";
import { RunCursor, RunFile, RunWriter, type RunFormat, type RunTarget } from "../../runners/core/spill/sorted-run.ts";
import { arrayOf, isStored, StoredList, storedList } from "../../runners/core/spill/stored-list.ts";
import { campaign } from "../io/support/campaign.ts";
import { collectedBy } from "../support/runs.ts";

/** A file in memory, which counts what is read. */
class FakeFile implements TemporaryFile {
  #bytes = new Uint8Array(0);
  reads = 0;

  readonly append = (bytes: Uint8Array): number => {
    const at = this.#bytes.length;
    this.#bytes = Uint8Array.of(...this.#bytes, ...bytes);
    return at;
  };

  readonly read = (at: number, length: number): Uint8Array => {
    this.reads++;
    return this.#bytes.slice(at, at + length);
  };

  readonly close = (): void => {};
}

const onDisk = (values: readonly unknown[], perPiece: number, file: TemporaryFile = new FakeFile()): readonly unknown[] =>
  arrayOf(storedList(structuralCoder, file, values, perPiece));

describe("an array whose values are on disk", () => {
  test("is read as one in memory is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(undefined))),
        fc.integer({ min: 1, max: 7 }),
        (values, perPiece) => {
          const list = onDisk(values, perPiece);
          expect([...list]).toEqual(values);
          expect([...list]).toEqual(values); // again
          expect(list.length).toBe(values.length);
          expect(Array.isArray(list)).toBe(true);
          expect(list.map((value, i) => [i, value])).toEqual(values.map((value, i) => [i, value]));
          expect(list.toReversed()).toEqual(values.toReversed());
          expect(list.slice(1, 3)).toEqual(values.slice(1, 3));
          expect(list.at(-1)).toBe(values.at(-1));
          expect(values.length in list).toBe(false);
          expect(Object.keys(list)).toEqual(Object.keys(values));
          expect(JSON.stringify(list)).toBe(JSON.stringify(values));
          expect(list).toEqual(values);
          expect(structuralCoder.encode(list)).toEqual(structuralCoder.encode(values));
        },
      ),
      campaign(100),
    );
  });

  test("cannot be changed, and is not frozen where others are", () => {
    const list = onDisk([1, 2, 3], 2) as number[];
    expect(() => list.push(4)).toThrow(TypeError);
    expect(() => list.reverse()).toThrow(TypeError);
    expect(() => void (list[0] = 2)).toThrow(TypeError);
    expect(() => void (list.length = 0)).toThrow(TypeError);
    frozen(list);
    expect(isStored(list)).toBe(true);
    expect([...list]).toEqual([1, 2, 3]);
  });

  test("reads each piece once for each pass, and a piece at a time", () => {
    const file = new FakeFile();
    const list = onDisk(
      Array.from({ length: 100 }, (_, i) => i),
      10,
      file,
    );
    const passed = list[Symbol.iterator]();
    passed.next();
    expect(file.reads).toBe(1);
    for (const _ of list);
    expect(file.reads).toBe(11);
    for (let i = 0; i < list.length; i++) expect(list[i]).toBe(i);
    expect(file.reads).toBe(21);
  });
});

test("a key's values that are more than the budget are on disk, and can be gone through again, also after the run", async () => {
  const count = 200_000;
  const sum = (values: Iterable<number>): number => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };
  const sums: unknown[] = [];
  const groups = await collectedBy(directRunner({ memoryBudget: 200_000 }), (p) =>
    p.apply(generate({ count })).pipe(
      keyBy((i) => (i % 100 === 0 ? i : "hot")),
      groupByKey(),
      map(([key, values]) => {
        if (key === "hot") sums.push(sum(values), sum(values), isStored(values));
        return [key, values] as const;
      }),
    ),
  );
  const hot = Array.from({ length: count }, (_, i) => i).filter((i) => i % 100 !== 0);
  expect(sums).toEqual([sum(hot), sum(hot), true]);
  const values = groups.find(([key]) => key === "hot")![1];
  // Runs come in their order, so the values do.
  expect([...values]).toEqual(hot);
  expect(groups).toHaveLength(2_001);
});

describe("a window that gives out more than a bundle holds", () => {
  const spilledBy = (result: PipelineResult, step: string): number =>
    result.metrics({ name: "spilled_bytes", kind: "counter", step })[0]?.committed ?? 0;

  test("gives all of it, where it has runs on disk", async () => {
    const keys = 100_000;
    const seen = new Uint8Array(keys);
    await directRunner({ memoryBudget: 1_000_000 }).run((p) => {
      p.apply(generate({ count: 2 * keys })).pipe(
        keyBy((i) => i % keys),
        groupByKey(),
        map(([key, values]) => (seen[key]! += [...values].length)),
      );
    });
    expect(seen.every((count) => count === 2)).toBe(true);
  });

  test("gives less at once, where lists come from disk and are large", async () => {
    let given = 0;
    let most = 0;
    const text = "x".repeat(2_000);
    await directRunner({ memoryBudget: 8_000_000 }).run((p) => {
      p.apply(generate({ count: 30_000 })).pipe(
        map((i): KV<number, string> => [i % 1_500, text]),
        groupByKey(),
        map((group) => {
          most = Math.max(most, ++given);
          return group;
        }),
        reshuffle(),
        map(() => given--),
      );
    });
    expect(given).toBe(0);
    // 40 kB each: a good 32 MB.
    expect(most).toBeLessThan(1_000);
  });

  test("puts aside the rest, where the next grouping needs the memory", async () => {
    const keys = 200_000;
    const seen = new Uint8Array(keys);
    // As much as the first grouping comes to, so that it is too much with the first that the second one gets.
    const result = await directRunner({ memoryBudget: 27_000_000 }).run((p) => {
      const first = p
        .apply(generate({ count: keys }))
        .apply(keyBy((i) => i))
        .apply("First", groupByKey());
      const pairs = first.apply(map(([key, [value]]: KV<number, Iterable<number>>) => [-key, value!] as const));
      pairs.apply("Second", groupByKey()).apply(map(([key, values]) => (seen[-key]! += [...values].length)));
    });
    expect(seen.every((count) => count === 1)).toBe(true);
    expect(spilledBy(result, "First")).toBeGreaterThan(1_000);
  });
});

describe("runs that are sorted come together again", () => {
  const format: RunFormat = {
    keyCoder: structuralCoder,
    accumulatorCoder: iterableCoder(structuralCoder),
    valueCoder: structuralCoder,
    blockBytes: 100,
  };
  /** Some keys are sorted alike, so that blocks could end between them. */
  const orderOf = (key: string): number => key.length;
  const anyRun = fc.uniqueArray(fc.record({ key: fc.stringMatching(/^[ab]{1,4}$/), values: fc.integer({ min: 1, max: 30 }) }), {
    minLength: 1,
    selector: ({ key }) => key,
  });

  test("each key once, with all its values in the order of the runs", () => {
    fc.assert(
      fc.property(fc.array(anyRun, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (given, entryBytes) => {
        let next = 0;
        const expected = new Map<string, number[]>();
        const lists = new FakeFile();
        const target: RunTarget = { runs: new RunFile(() => new FakeFile()), openLists: () => lists, onWritten: () => {} };
        const cursors = given.map((entries) => {
          const inOrder = entries.toSorted((a, b) => orderOf(a.key) - orderOf(b.key));
          const accumulators = inOrder.map(({ key, values }) => {
            const list = Array.from({ length: values }, () => next++);
            expected.set(key, [...(expected.get(key) ?? []), ...list]);
            return list;
          });
          const writer = new RunWriter(format, target);
          const keys = inOrder.map(({ key }) => key);
          writer.add({ orders: Uint32Array.from(keys, orderOf), keys, accumulators }, entryBytes, 2);
          return new RunCursor(format, writer.end(0));
        });
        const merge = new Merge(cursors, { format, target, valueBytes: 2, merge: () => expect.fail("lists are joined") });
        const merged: (readonly [unknown, readonly unknown[]])[] = [];
        let last = -1;
        for (let entries = merge.next(); entries !== undefined; entries = merge.next()) {
          const orders = Array.from(entries.orders);
          expect(Math.min(...orders)).toBeGreaterThan(last);
          last = Math.max(last, ...orders);
          entries.keys.forEach((key, i) => {
            const list = entries.accumulators[i] as unknown[] | StoredList;
            merged.push([key, list instanceof StoredList ? [...list.values()] : list]);
          });
        }
        expect(merged).toHaveLength(expected.size);
        expect(new Map(merged)).toEqual(expected);
      }),
      campaign(300),
    );
  });

  test("and their file is closed with the last of them", () => {
    let closed = 0;
    const runs = new RunFile(() => ({ append: () => 0, read: () => new Uint8Array(0), close: () => void closed++ }));
    void runs.file;
    runs.use();
    runs.release();
    expect(closed).toBe(0);
    runs.release();
    expect(closed).toBe(1);
  });
});

describe("a budget", () => {
  const storage: TemporaryStorage = { folder: "", heapLimit: 400, open: () => new FakeFile(), close: async () => {} };
  class Holder implements MemoryHolder {
    heldBytes: number;
    spilled = 0;
    counted = 0;
    readonly #exact: number;

    constructor(heldBytes: number, exact = heldBytes) {
      this.heldBytes = heldBytes;
      this.#exact = exact;
    }

    recount(): void {
      this.counted++;
      this.heldBytes = this.#exact;
    }

    spill(): void {
      this.spilled++;
      this.heldBytes = 0;
    }
  }
  const lookedAt = (bytes: number | undefined, ...holders: readonly Holder[]): readonly number[] => {
    const budget = new MemoryBudget(storage, bytes);
    for (const holder of holders) budget.add(holder);
    budget.look();
    return holders.map(({ spilled }) => spilled);
  };

  test("is a quarter of the heap's limit unless given", () => {
    expect(new MemoryBudget(storage).bytes).toBe(100);
    expect(lookedAt(undefined, new Holder(100))).toEqual([0]);
    expect(lookedAt(undefined, new Holder(101))).toEqual([1]);
  });

  test("is shared: who holds the most puts it aside, until the rest fits", () => {
    expect(lookedAt(100, new Holder(30), new Holder(50), new Holder(40))).toEqual([0, 1, 0]);
    expect(lookedAt(100, new Holder(90), new Holder(50), new Holder(80))).toEqual([1, 0, 1]);
  });

  test("counts before it asks anybody to put something aside", () => {
    expect(lookedAt(100, new Holder(150, 60))).toEqual([0]);
    const inside = new Holder(90);
    expect(lookedAt(100, inside)).toEqual([0]);
    expect(inside.counted).toBe(0);
  });

  test("asks many who have little each, but no more of them than it has to", () => {
    const holders = Array.from({ length: 128 }, () => new Holder(1));
    expect(lookedAt(100, ...holders).filter((spilled) => spilled === 1)).toHaveLength(53);
  });
});

test.each([
  ["small numbers", 5, 0],
  ["other numbers", 0.5, 16],
  ["text", "x".repeat(1_000), 1_024],
  ["text that needs two bytes a character", "\u4e2d".repeat(1_000), 2_024],
  ["bytes", new Uint8Array(10_000), 10_096],
  ["lists by some of their parts", Array.from({ length: 1_000 }, () => "x".repeat(76)), 108_048],
])("the size of %s is told about right", (_, value, bytes) => {
  expect(sizeOf(value)).toBe(bytes);
});

test("sizes end where values contain themselves or are deep", () => {
  const around: unknown[] = [];
  around.push(around, new Map([[around, new Set([around])]]));
  expect(sizeOf(around)).toBeLessThan(100_000);
});
