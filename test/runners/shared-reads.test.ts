import fc from "fast-check";
import { expect, test } from "vitest";
import { boundedSource, evenly, type OffsetRange } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { collectedBy } from "../support/runs.ts";
import { workers, type Place } from "./pipelines/lopsided.ts";
import lopsided from "./pipelines/lopsided.ts";

/** A source that is one part at first, and is cut when it is asked again. It tells how many reads are open. */
function oneAtFirst(size: number) {
  let open = 0;
  let isFirst = true;
  const source = boundedSource<number, OffsetRange>({
    name: "OneAtFirst",
    restriction: () => ({ from: 0, to: size }),
    split(range, parts) {
      const whole = isFirst;
      isFirst = false;
      return whole ? [range] : evenly(range, parts);
    },
    async *read({ from, to }, tracker) {
      open++;
      try {
        for (let n = from; n < to; n++) {
          if (!tracker.tryClaim(n)) return;
          yield { values: [n] };
        }
      } finally {
        open--;
      }
    },
  });
  return { source, stillOpen: () => open };
}

test("parts of a lopsided source go to partitions that have nothing to do, and each position is read once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(directRunner, rxjsRunner),
      async (size, partitions, elementsPerBundle, make) => {
        const { source, stillOpen } = oneAtFirst(size);
        const read = await collectedBy(make({ partitions, elementsPerBundle }), (p) => p.apply(source));
        expect(read.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, n) => n));
        expect(stillOpen()).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test("a source whose split knows only of the whole is not cut again", async () => {
  const parts = ["a", "b"].map((name) => ({ from: 0, to: 5, name }));
  const source = boundedSource<string, OffsetRange & { readonly name: string }>({
    name: "Fixed",
    restriction: () => ({ from: 0, to: 5, name: "" }),
    split: () => parts,
    async *read({ from, to, name }, tracker) {
      for (let n = from; n < to; n++) {
        if (!tracker.tryClaim(n)) return;
        yield { values: [`${name}${n}`] };
      }
    },
  });
  const read = await collectedBy(directRunner({ partitions: 4, elementsPerBundle: 1 }), (p) => p.apply(source));
  expect(read.toSorted()).toEqual(["a0", "a1", "a2", "a3", "a4", "b0", "b1", "b2", "b3", "b4"]);
});

test("a part that goes to another thread is read on there, and nothing of it twice", async () => {
  const result = await threadsRunner({ threads: 3, elementsPerBundle: 20 }).run(lopsided, {});
  const read = result.collected(workers()) as readonly Place[];
  expect(read.map(([n]) => n).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, n) => n));
  expect(new Set(read.map(([, thread]) => thread)).size).toBe(3);
});
