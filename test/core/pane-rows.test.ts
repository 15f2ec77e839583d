import { describe, expect, test } from "vitest";
import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  days,
  defaultTrigger,
  fixedWindows,
  hours,
  minutes,
  NEVER,
  repeatedly,
  seconds,
  sessions,
  sum,
  type AnyCombineFn,
} from "millrace";
import { paneOf } from "../../runners/core/groupings/pane-state.ts";
import { SessionGrouping } from "../../runners/core/groupings/session-grouping.ts";
import type { Accumulation } from "../../sdk/windowing.ts";
import { manualMachine, type ManualMachine } from "../support/manual-trigger.ts";
import { GroupingDriver, PaneDriver, type DriverSettings } from "../support/pane-driver.ts";

// The rows of the catalogue that are about the panes and holds of a grouping, driven directly.

/** A driver whose trigger does what the test says. */
function manual(settings: DriverSettings): readonly [PaneDriver, ManualMachine] {
  const machine = manualMachine();
  return [new PaneDriver({ machine, ...settings }), machine];
}

/** What a driver emits with the trigger told to do something. */
function ordered(machine: ManualMachine, order: ManualMachine["order"], act: () => readonly string[]): readonly string[] {
  machine.order = order;
  const emitted = act();
  machine.order = "wait";
  return emitted;
}

const total = sum() as AnyCombineFn;

describe("a trigger that a test fires", () => {
  test("PANE-01 discards what it has emitted, and what comes when it has finished", () => {
    const [driver, m] = manual({ allowedLateness: 100 });
    expect(driver.event(1)).toEqual([]);
    expect(ordered(m, "fire", () => driver.event(2))).toEqual(["{1,2} ts1 [0,10) E(0,-1) F"]);
    expect(ordered(m, "finish", () => driver.event(3))).toEqual(["{3} ts3 [0,10) E(1,-1) Z"]);
    expect(driver.event(4)).toEqual([]);
    expect(driver.grouping.drops).toMatchObject({ closed: 1, lateCount: 0 });
    expect(driver.elementHold).toBeUndefined();
    expect(driver.grouping.nextDeadline).toBe(NEVER);
    expect([...driver.grouping.liveKeys()], "that it has finished is remembered").toHaveLength(1);
    expect(driver.watermark(109)).toEqual([]);
    expect(driver.grouping.nextTimer).toBe(109);
    expect(driver.end()).toEqual([]);
    expect([...driver.grouping.liveKeys()]).toEqual([]);
  });

  test.each([
    ["discarding", [2, 3], 4, 6, ["5 ts2 [0,10) E(0,-1) F", "4 ts4 [0,10) E(1,-1) Z"]],
    ["accumulating", [1, 2], 3, 4, ["3 ts1 [0,10) E(0,-1) F", "6 ts3 [0,10) E(1,-1) Z"]],
  ] as const)("PANE-03 combines, %s", (accumulation, [first, second], third, last, panes) => {
    const [driver, m] = manual({ accumulation, fn: total });
    expect([
      ...driver.event(first),
      ...ordered(m, "fire", () => driver.event(second)),
      ...ordered(m, "finish", () => driver.event(third)),
      ...driver.event(last),
    ]).toEqual(panes);
    expect([driver.end(), driver.grouping.drops.closed]).toEqual([[], 1]);
  });

  test("PANE-11 that finishes with its first firing, before the end", () => {
    const [driver, m] = manual({});
    driver.watermark(0);
    expect(ordered(m, "finish", () => driver.event(1))).toEqual(["{1} ts1 [0,10) E(0,-1) F Z"]);
    expect(driver.end()).toEqual([]);
  });

  test("PANE-12 that finishes with its first firing, when both watermarks are past the end", () => {
    const [driver, m] = manual({ allowedLateness: 100 });
    driver.watermark(15);
    expect(driver.outputWatermark).toBe(15);
    expect(ordered(m, "finish", () => driver.event(1))).toEqual(["{1} ts9 [0,10) L(0,0) F Z"]);
    expect(driver.end()).toEqual([]);
  });

  test.each<[Accumulation, readonly string[]]>([
    ["discarding", ["{1,2} ts1 [0,10) O(0,0) F", "{3} ts9 [0,10) L(1,1) Z"]],
    ["accumulating", ["{1,2} ts1 [0,10) O(0,0) F", "{1,2,3} ts9 [0,10) L(1,1) Z"]],
  ])("PANE-18 a firing without anything new uses up no index, %s", (accumulation, [first, last]) => {
    const [driver, m] = manual({ accumulation, onTime: "ifNonEmpty", allowedLateness: 100 });
    driver.event(1);
    driver.event(2);
    expect(ordered(m, "fire", () => driver.watermark(12))).toEqual([first]);
    expect(ordered(m, "fire", () => driver.clock(1))).toEqual([]);
    expect(ordered(m, "finish", () => driver.event(3))).toEqual([last]);
    expect(driver.end()).toEqual([]);
    expect(driver.grouping.drops).toMatchObject({ closed: 0, lateCount: 0 });
  });

  test("PANE-21 sees sessions only when they have merged", () => {
    const [driver] = manual({ windowFn: sessions(10) });
    expect(driver.event(1, 10)).toEqual([]);
    expect(driver.watermark(100)).toEqual(["{1,10} ts1 [1,20) O(0,0) F Z"]);
  });

  test("PANE-22 that finishes a merged session leaves nothing to emit when it expires", () => {
    const [driver, m] = manual({ windowFn: sessions(10), allowedLateness: 50 });
    driver.event(1, 10);
    expect(ordered(m, "finish", () => driver.watermark(30))).toEqual(["{1,10} ts1 [1,20) O(0,0) F Z"]);
    expect(driver.watermark(100)).toEqual([]);
    expect([...driver.grouping.liveKeys()]).toEqual([]);
  });

  test("PANE-24 a closed session swallows elements that together become it again", () => {
    const [driver, m] = manual({ windowFn: sessions(10) });
    expect(ordered(m, "finish", () => driver.event(1, 8))).toEqual(["{1,8} ts1 [1,18) E(0,-1) F Z"]);
    expect([...driver.event(1, 2, 8), ...driver.watermark(100)]).toEqual([]);
    expect(driver.grouping.drops).toMatchObject({ closed: 3, lateCount: 0 });
  });
});

test("PANE-33 an early pane at index 0 counts none that are not early, others there count themselves", () => {
  expect(paneOf("EARLY", 0, 0, false)).toMatchObject({ index: 0, nonSpeculativeIndex: -1, isFirst: true });
  for (const timing of ["ON_TIME", "LATE"] as const) expect(paneOf(timing, 0, 0, false).nonSpeculativeIndex).toBe(0);
});

test.each([
  ["always", 29, ["{} ts9 [0,10) L(1,0) Z"]],
  ["ifNonEmpty", undefined, []],
] as const)("PANE-36 a closing pane that is emitted %s holds at %s until the window expires", (closing, hold, last) => {
  const driver = new PaneDriver({
    trigger: repeatedly(afterCount(1)),
    timestampCombiner: "endOfWindow",
    allowedLateness: 20,
    closing,
  });
  expect(driver.event(1)).toEqual(["{1} ts9 [0,10) E(0,-1) F"]);
  expect(driver.elementHold).toBe(hold);
  expect(driver.watermark(15)).toEqual([]);
  expect(driver.elementHold).toBe(hold);
  expect(driver.watermark(30)).toEqual(last);
  expect(driver.elementHold).toBeUndefined();
});

describe("the hold of elements", () => {
  test("WM-12 is at the earliest that waits for its pane, and goes with the pane", () => {
    const [driver, m] = manual({ accumulation: "accumulating", allowedLateness: 10 });
    driver.event(1);
    driver.event(3);
    expect(driver.elementHold).toBe(1);
    expect(ordered(m, "fire", () => driver.event(2))).toEqual(["{1,3,2} ts1 [0,10) E(0,-1) F"]);
    expect(driver.elementHold).toBeUndefined();
  });

  test("WM-17 is at the end of the window, or where it expires for what comes later, when the trigger ignores the watermark", () => {
    const driver = new PaneDriver({
      trigger: repeatedly(afterProcessingTime(seconds(5))),
      timestampCombiner: "endOfWindow",
      allowedLateness: days(1),
    });
    driver.watermark(0);
    driver.event(1);
    expect(driver.elementHold).toBe(9);
    expect(driver.clock(6_000)).toEqual(["{1} ts9 [0,10) E(0,-1) F"]);
    expect(driver.elementHold).toBeUndefined();
    const later = 9 + hours(1);
    expect(driver.watermark(later)).toEqual([]);
    expect(driver.outputWatermark).toBe(later);
    driver.event(3);
    expect(driver.elementHold).toBe(9 + days(1));
  });

  test("WM-18 is none for late elements in new sessions that fire at once", () => {
    const driver = new PaneDriver({
      windowFn: sessions(10),
      trigger: repeatedly(afterWatermark({ late: afterCount(1) })),
      timestampCombiner: "endOfWindow",
      allowedLateness: minutes(1),
    });
    driver.watermark(40);
    expect(driver.event(1)).toEqual(["{1} ts10 [1,11) L(0,0) F"]);
    expect(driver.elementHold).toBeUndefined();
    expect(driver.event(10)).toEqual(["{10} ts19 [1,20) L(0,0) F"]);
    expect(driver.elementHold).toBeUndefined();
  });
});

describe("a deadline in processing time", () => {
  const settings: DriverSettings = { windowFn: fixedWindows(100), trigger: repeatedly(afterProcessingTime(10)), fn: total };

  test("LATE-11 does nothing for a window that has expired meanwhile", () => {
    const driver = new PaneDriver(settings);
    driver.clock(5_000);
    driver.event(2, 5);
    expect(driver.both(100, 6_000), "the expiry is all that emits").toEqual(["7 ts2 [0,100) O(0,0) F Z"]);
    expect(driver.grouping.nextDeadline).toBe(NEVER);
    expect(driver.clock(7_000)).toEqual([]);
  });

  test("WM-21 does not end a window", () => {
    const driver = new PaneDriver(settings);
    driver.clock(5_000);
    driver.event(2, 5);
    expect(driver.clock(10_000)).toEqual(["7 ts2 [0,100) E(0,-1) F"]);
    expect([...driver.grouping.liveKeys()]).toHaveLength(1);
    expect(driver.grouping.nextTimer).toBe(99);
  });
});

describe("WM-11 what has become due is done in the order of time", () => {
  const ends = [10_000, 1_000, 5_000];
  /** Each element is in a window of its own that begins at its time. */
  const own = fixedWindows(1);

  test("in event time", () => {
    const driver = new PaneDriver({ windowFn: own, trigger: defaultTrigger() });
    for (const end of ends) driver.event(end);
    const values = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(" ")[0]!);
    expect(values(driver.watermark(1_500))).toEqual(["{1000}"]);
    expect(values(driver.watermark(50_000))).toEqual(["{5000}", "{10000}"]);
  });

  test("in processing time", () => {
    const driver = new PaneDriver({ trigger: repeatedly(afterProcessingTime(1_000)) });
    for (const [key, at] of [
      ["first", 0],
      ["second", 200],
      ["third", 400],
    ] as const) {
      driver.clock(at);
      driver.eventOf(key, at);
    }
    expect(driver.clock(1_100)).toEqual(["first: {0} ts0 [0,10) E(0,-1) F"]);
    expect(driver.clock(5_000)).toEqual(["second: {200} ts200 [200,210) E(0,-1) F", "third: {400} ts400 [400,410) E(0,-1) F"]);
  });
});

describe.each([
  ["panes", () => manual({ windowFn: sessions(10) })[0]],
  ["one pane each", () => new GroupingDriver({ windowFn: sessions(10) }, (spec, keys) => new SessionGrouping(spec, keys))],
])("sessions that emit %s", (_, make) => {
  test.each([
    [[], ["[1,12)", "[15,25)"]],
    [[3], ["[1,13)", "[15,25)"]],
    [[3, 8], ["[1,25)"]],
    [[3, 8, 9], ["[1,25)"]],
    [[3, 8, 9, 1], ["[1,25)"]],
  ])("WIN-31 are after 1, 2, 15 and %j those that they should be", (later, windows) => {
    const driver = make();
    driver.event(1, 2, 15);
    for (const at of later) driver.event(at);
    expect(driver.end().map((line) => line.split(" ")[2])).toEqual(windows);
  });
});
