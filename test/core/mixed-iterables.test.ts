import { expect, test } from "vitest";
import {
  collect,
  create,
  flatMap,
  groupByKey,
  intervalWindow,
  intervalWindowCoder,
  keyBy,
  map,
  windowInto,
  type Collected,
  type WindowFn,
} from "millrace";
import { directRunner } from "millrace/runners/direct";

/** One window for each instant, in a list of its own each time, as a window function is free to do. */
const instants = (over: Partial<WindowFn> = {}): WindowFn => ({
  name: "instants",
  assign: ({ timestamp }) => [intervalWindow(timestamp, timestamp + 1)],
  assignAt: (timestamp) => [intervalWindow(timestamp, timestamp + 1)],
  windowCoder: intervalWindowCoder,
  isCompatible: () => true,
  ...over,
});

async function countsOf(windowFn: WindowFn, generatesCode: boolean, elements = 4_000): Promise<readonly number[]> {
  let counts!: Collected<number>;
  const result = await directRunner({ generatesCode }).run((p) => {
    counts = p
      .apply(create(Array.from({ length: elements }, (_, i) => i)))
      .apply(flatMap((x) => (x % 2 === 1 ? [x] : new Set([x]))))
      .apply("Windows", windowInto(windowFn))
      .pipe(
        keyBy((x) => x % 10),
        groupByKey(),
        map(([, values]) => [...values].length),
        collect(),
      );
  });
  return result.collected(counts);
}

test.each([true, false])(
  "arrays and other iterables from one flatMap end in the same windows (generated code: %s)",
  async (generatesCode) => {
    expect(await countsOf(instants(), generatesCode)).toEqual(Array.from({ length: 10 }, () => 400));
  },
);

test.each([
  ["gives no window", { assignAt: () => [] }, { code: "BAD_WINDOW" }],
  ["gives no list", { assignAt: () => undefined as never }, { code: "BAD_WINDOW" }],
  [
    "throws",
    {
      assignAt() {
        throw new Error("no time");
      },
    },
    { code: "STEP_FAILED", parts: { at: "Windows" }, cause: { message: "no time" } },
  ],
])("a window function whose assignAt %s fails the run and names the step", async (_, over, failure) => {
  await expect(countsOf(instants(over), true)).rejects.toMatchObject(failure);
});
