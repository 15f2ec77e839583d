import { expect, test } from "vitest";
import { counter, create, distribution, gauge, type BoundedSource, type OffsetRange } from "millrace";
import { OffsetTracker } from "../../runners/core/offset-tracker.ts";
import { enterContainer, leaveContainer, type CounterCell, type MetricContainer } from "../../sdk/metric-cells.ts";
import { graphOf, parDoAt } from "../sdk/support/graph.ts";
import { sourceContext } from "../support/source-context.ts";

// The rows of the catalogue that are about a part of the engine, where no other file has them.

/** Takes down what a step counts. */
function recording(): { readonly container: MetricContainer; readonly added: readonly number[] } {
  const added: number[] = [];
  const cell: CounterCell = { add: (by) => void added.push(by) };
  const unused = (): never => {
    throw new Error("only counters are used here");
  };
  return { container: { counter: () => cell, distribution: unused, gauge: unused, stringSet: unused }, added };
}

test("MET-09 metrics that are used where no step runs have no effect, and no error", () => {
  const calls = counter("calls");
  const { container, added } = recording();
  const outer = enterContainer(container);
  calls.inc();
  leaveContainer(outer);
  calls.inc();
  calls.inc(5);
  calls.dec();
  distribution("values").update(1);
  gauge("level").set(1);
  expect(added).toEqual([1]);
});

test("MET-10 a counter that is taken from counts down", () => {
  const { container, added } = recording();
  const outer = enterContainer(container);
  const calls = counter("calls");
  calls.inc();
  calls.inc(47);
  calls.dec(5);
  leaveContainer(outer);
  expect(added).toEqual([1, 47, -5]);
});

/** The source that a created collection is read from. */
function sourceOf(values: readonly unknown[]) {
  const { fn } = parDoAt(
    graphOf((p) => void p.apply(create(values))),
    "Create/Read",
  );
  if (fn.kind !== "read" || fn.of.kind !== "source") throw new Error(`the step is a ${fn.kind}`);
  return fn.of.source as unknown as BoundedSource<unknown, OffsetRange>;
}

type Source = ReturnType<typeof sourceOf>;

/** What a part gives until it is stopped after so many elements, and what is left of it. */
async function readOf(source: Source, part: OffsetRange, limit = Infinity) {
  const tracker = new OffsetTracker(part, { most: limit });
  const values: unknown[] = [];
  for await (const chunk of source.read(part, tracker, sourceContext)) values.push(...chunk.values);
  return { values, left: tracker.residual };
}

const eight = [0, 1, 2, 3, 4, 5, 6, 7];
const voids = Array.from({ length: 5 }, () => undefined);

test.each([
  ["eight numbers", eight, 3],
  ["five times nothing", voids, 3],
  ["no elements", [], 1],
])("CRE-07 the parts of %s are together the whole", async (_, values, count) => {
  const source = sourceOf(values);
  const parts = await source.split(await source.restriction(sourceContext), 3);
  expect(parts).toHaveLength(count);
  const read = await Promise.all(parts.map((part) => readOf(source, part)));
  expect(read.flatMap((part) => part.values)).toEqual(values);
});

test("CRE-07 a read that is stopped anywhere leaves what it has not given", async () => {
  const values = Array.from({ length: 25 }, (_, i) => i);
  const source = sourceOf(values);
  const whole = await source.restriction(sourceContext);
  for (let limit = 1; limit <= values.length; limit++) {
    const before = await readOf(source, whole, limit);
    const after = before.left === undefined ? [] : (await readOf(source, before.left)).values;
    expect([before.values.length, [...before.values, ...after]]).toEqual([limit, values]);
  }
});
