/** What a window function is asked by a grouping whose windows merge. */
import { expect, test } from "vitest";
import {
  defaultTrigger,
  intervalWindow,
  intervalWindowCoder,
  type AnyCombineFn,
  type IntervalWindow,
  type KV,
  type WindowFn,
} from "millrace";
import type { GroupingOutput } from "../../runners/core/groupings/grouping.ts";
import { MergingGrouping } from "../../runners/core/groupings/merging-grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import { batchWith, element } from "../support/batches.ts";

const list: AnyCombineFn = {
  name: "list",
  create: () => [],
  add: (values: unknown[], value: unknown) => [...values, value],
  merge: (a: unknown[], b: unknown[]) => [...a, ...b],
  extract: (values: unknown[]) => values,
};

const holds = (a: IntervalWindow, b: IntervalWindow): boolean => a.start <= b.start && b.end <= a.end;

/** What it was asked, as "start-end start-end …". */
const asked: string[] = [];

/** Windows become part of the one that starts at a full hundred and holds them. */
const hundreds: WindowFn = {
  name: "hundreds",
  assign: () => [],
  merge(windows) {
    asked.push(windows.map(({ start, end }) => `${start}-${end}`).join(" "));
    const hundred = windows.filter(({ start }) => start % 100 === 0);
    return hundred.map((into) => ({ into, from: windows.filter((each) => each === into || holds(into, each)) }));
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
  expect(askedFor(0, [30, 91])).toEqual(["0-90 30-91", "0-90 30-91"]);
  expect(askedFor(0, [40, 50])).toEqual([]);
  expect(askedFor(0, [40, 50])).toEqual(["0-90 30-91 40-50"]);
  expect(askedFor(0, [60, 92])).toEqual([]);
  expect(askedFor(90)).toEqual(["0-90 30-91 60-92"]);
  expect(emitted).toEqual([["0", [0, 10, 0, 40, 40]]]);
  expect(askedFor(91)).toEqual([]);
  expect(askedFor(91, [70, 93])).toEqual(["60-92 70-93", "60-92 70-93"]);
  expect(askedFor(93)).toEqual([]);
  expect(emitted.slice(1)).toEqual([
    ["30", [30]],
    ["60", [60]],
    ["70", [70]],
  ]);
  expect(askedFor(93, [110, 120])).toEqual([]);
  expect(askedFor(93, [130, 140])).toEqual(["110-120 130-140", "110-120 130-140"]);
  expect(askedFor(93, [150, 160])).toEqual([]);
  expect(askedFor(93, [170, 180])).toEqual(["110-120 130-140 150-160 170-180"]);
});
