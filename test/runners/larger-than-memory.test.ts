import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PipelineResult, Runner } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { campaign } from "../io/support/campaign.ts";
import { differenceOf } from "../support/multisets.ts";
import largerThanMemory, { collectedAtLast, kinds } from "./pipelines/larger-than-memory.ts";

type Rows = readonly (readonly [key: number, value: number])[];

/** Rows that go over the keys again and again, with one key that has far more than all others. */
const manyRows: Rows = Array.from({ length: 2_500 }, (_, i) => [i % 10 === 0 ? 7 : (i * 11) % 700, i] as const);

async function made(
  runner: Runner,
  kind: string,
  rows: Rows,
): Promise<{ readonly all: readonly unknown[]; readonly result: PipelineResult }> {
  const result = await runner.run(largerThanMemory, { kind, rows: JSON.stringify(rows) });
  return { all: result.collected(collectedAtLast()), result };
}

const spilledIn = (result: PipelineResult): number =>
  result.metrics({ name: "spilled_bytes", kind: "counter" }).reduce((sum, { committed }) => sum + committed, 0);

const enough = directRunner({ memoryBudget: 2 ** 40 });

/** Budgets that are passed now and then, and by every bundle; then runs are so many that they are merged before the end. */
const runners: readonly (readonly [name: string, runner: Runner])[] = [
  ["directRunner", directRunner({ memoryBudget: 30_000, elementsPerBundle: 200 })],
  ["directRunner, many runs", directRunner({ memoryBudget: 1, elementsPerBundle: 16 })],
  ["directRunner, partitions", directRunner({ memoryBudget: 10_000, elementsPerBundle: 100, partitions: 3 })],
  ["directRunner, without generated code", directRunner({ memoryBudget: 1, elementsPerBundle: 100, generatesCode: false })],
  ["rxjsRunner", rxjsRunner({ memoryBudget: 5_000, elementsPerBundle: 100 })],
  ["threadsRunner", threadsRunner({ threads: 2, memoryBudget: 5_000, elementsPerBundle: 100 })],
];

describe.each(Object.keys(kinds))("%s gives what it gives in memory", (kind) => {
  test.each(runners)("on %s", async (_, runner) => {
    const expected = await made(enough, kind, manyRows);
    const given = await made(runner, kind, manyRows);
    expect(differenceOf(given.all, expected.all)).toBeUndefined();
    expect(expected.all.length).toBeGreaterThan(100);
    expect(spilledIn(expected.result)).toBe(0);
    expect(spilledIn(given.result)).toBeGreaterThan(1_000);
  });

  test("of any rows", async () => {
    const anyRow = fc.tuple(fc.oneof(fc.nat(20), fc.nat(60)), fc.nat(400));
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, { maxLength: 150 }),
        fc.constantFrom(1, 2_000, 6_000),
        fc.integer({ min: 1, max: 40 }),
        async (rows, memoryBudget, elementsPerBundle) => {
          const expected = await made(enough, kind, rows);
          const given = await made(directRunner({ memoryBudget, elementsPerBundle }), kind, rows);
          expect(differenceOf(given.all, expected.all)).toBeUndefined();
        },
      ),
      campaign(20),
    );
  });
});
