import { expect, test } from "vitest";
import { collect, combineGlobally, create, fixedWindows, groupByKey, keyBy, map, sum, windowInto, type Collected } from "millrace";
import { directRunner } from "millrace/runners/direct";

// Functions of the module: the loops of one run serve the next run of the same functions.
const half = (n: number): number => {
  if (n % 2 !== 0) throw new Error(`${n} is odd`);
  return n / 2;
};
const byParity = (n: number): number => n % 2;

test("a run that takes over the loops of another one names its own steps", async () => {
  for (const name of ["First", "Second"]) {
    const run = directRunner().run((p) => void p.apply(create([2, 4])).apply(name, map(half)));
    await expect(run).resolves.toMatchObject({ state: "DONE" });
  }
  const failing = directRunner().run((p) => void p.apply(create([2, 3])).apply("Third", map(half)));
  await expect(failing).rejects.toMatchObject({ parts: { at: "Third", got: "the element 3" } });
});

test("a run that takes over the loops of another one has its own windows, outputs and sums", async () => {
  for (const size of [10, 20, 40]) {
    let groups!: Collected<readonly [number, Iterable<number>]>;
    let total!: Collected<number>;
    const result = await directRunner().run((p) => {
      const numbers = p.apply(create([0, 10, 20, 30], { timestampOf: (n) => n }));
      groups = numbers.pipe(windowInto(fixedWindows(size)), keyBy(byParity), groupByKey(), collect());
      total = numbers.pipe(map(half), combineGlobally(sum()), collect());
    });
    expect(result.collected(groups)).toHaveLength(40 / size);
    expect(result.collected(total)).toEqual([30]);
  }
});
