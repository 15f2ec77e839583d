/** Elements on their way: what holds the watermark back until they have arrived. */
import { expect, test } from "vitest";
import { create, fixedWindows, groupByKey, keyBy, map, sessions, windowInto, withTimestamps } from "millrace";
import { directRunner, type Cut } from "millrace/runners/direct";
import { collectedBy, inOrder } from "../support/runs.ts";

// A step may move an element in time beyond its window (`withTimestamps` says that windows stay). It holds the watermark at
// the end of its window while it is on its way, and so comes before the window has expired, however the work is cut.
test.each([
  ["a fixed window", fixedWindows(5)],
  ["a session", sessions(5)],
])("whether an element that is later than %s is grouped does not depend on the cut", async (_, windowFn) => {
  const groupedBy = async (cut: Cut): Promise<readonly string[]> => {
    const groups = await collectedBy(directRunner(cut), (p) =>
      p
        .apply(create([1, 2, 3, 4], { timestampOf: () => 1 }))
        .apply(windowInto(windowFn))
        .apply(withTimestamps(() => 16))
        .apply(keyBy(() => "all"))
        .apply(groupByKey())
        .apply(map(([, values]) => [...values].toSorted((a, b) => a - b))),
    );
    return inOrder(groups);
  };
  const whole = await groupedBy({});
  expect(whole).toEqual(["[1,2,3,4]"]);
  expect(await groupedBy({ elementsPerBundle: 1 })).toEqual(whole);
  expect(await groupedBy({ partitions: 3, elementsPerBundle: 2 })).toEqual(whole);
});
