/** What a window function is asked by a grouping whose windows merge. */
import { expect, test } from "vitest";
import { defaultTrigger, intervalWindow, intervalWindowCoder, type IntervalWindow, type KV, type WindowFn } from "millrace";
import type { GroupingOutput } from "../../runners/core/groupings/grouping.ts";
import { MergingGrouping } from "../../runners/core/groupings/merging-grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import { batchWith, element } from "../support/batches.ts";
import { list } from "../support/pane-driver.ts";

const beginsIn = (a: IntervalWindow, b: IntervalWindow): boolean => a.start <= b.start && b.start < a.end;

/** What it was asked, as "start-end start-end …". */
const asked: string[] = [];

/** Windows become part of the one that starts at a full hundred and in which they begin. */
const hundreds: WindowFn = {
  name: "hundreds",
  assign: () => [],
  merge(windows) {
    asked.push(windows.map(({ start, end }) => `${start}-${end}`).join(" "));
    const hundred = windows.filter(({ start }) => start % 100 === 0);
    return hundred.map((into) => ({
      into,
      from: windows.filter((each) => each === into || (each.start % 100 !== 0 && beginsIn(into, each))),
    }));
  },
  windowCoder: intervalWindowCoder,
  isCompatible: () => false,
};

const emitted: unknown[] = [];
const output: GroupingOutput = {
  pairs() {},
  pane: (pair, _, [window]) => void emitted.push([`${(window as IntervalWindow).start}`, (pair as KV<unknown, unknown>)[1]]),
  late() {},
};

const grouping = new MergingGrouping(
  {
    path: "Group",
    fn: list,
    windowing: { ...DEFAULT_SETTINGS, windowFn: hundreds, trigger: defaultTrigger(), allowedLateness: 0 },
    emitsDefault: false,
  },
  new KeyDictionary(),
);

/** What the function is asked when these windows come, each in a bundle of its own. */
function askedFor(inputWatermark: number, ...windows: readonly (readonly [number, number])[]): readonly string[] {
  asked.length = 0;
  const times = { inputWatermark, outputWatermark: 0, timersOutputWatermark: 0, processingTime: 0, synchronizedProcessingTime: 0 };
  if (windows.length === 0) grouping.run([], times, output);
  for (const [start, end] of windows) {
    const elements = [element(start, start, [intervalWindow(start, end)])];
    grouping.run([batchWith(elements, { keys: { ids: Int32Array.of(0), distinct: ["key"] } })], times, output);
  }
  return [...asked];
}

test("a window function is asked of all windows that a key has, each once, and of no window alone", () => {
  expect(askedFor(0, [0, 90])).toEqual([]);
  expect(askedFor(0, [10, 20])).toEqual(["0-90 10-20"]);
  expect(askedFor(0, [0, 90])).toEqual([]);
  expect(askedFor(0, [95, 191])).toEqual(["0-90 95-191", "0-90 95-191"]);
  expect(askedFor(0, [40, 50])).toEqual([]);
  expect(askedFor(0, [40, 50])).toEqual(["0-90 95-191 40-50"]);
  expect(askedFor(0, [96, 192])).toEqual([]);
  expect(askedFor(90)).toEqual(["0-90 95-191 96-192"]);
  expect(emitted.splice(0)).toEqual([["0", [0, 10, 0, 40, 40]]]);
  expect(askedFor(191)).toEqual([]);
  expect(askedFor(191, [97, 193])).toEqual(["96-192 97-193", "96-192 97-193"]);
  expect(askedFor(193)).toEqual([]);
  expect(emitted.splice(0)).toEqual([
    ["95", [95]],
    ["96", [96]],
    ["97", [97]],
  ]);
  expect(askedFor(193, [310, 320])).toEqual([]);
  expect(askedFor(193, [330, 340])).toEqual(["310-320 330-340", "310-320 330-340"]);
  expect(askedFor(193, [350, 360])).toEqual([]);
  expect(askedFor(193, [370, 380])).toEqual(["310-320 330-340 350-360 370-380"]);
});

test("a window that becomes one which ends sooner is given out then", () => {
  askedFor(400);
  emitted.length = 0;
  expect(askedFor(400, [410, 490], [400, 450])).toEqual(["410-490 400-450"]);
  askedFor(449);
  expect(emitted).toEqual([]);
  askedFor(450);
  expect(emitted).toEqual([["400", [410, 400]]]);
});
