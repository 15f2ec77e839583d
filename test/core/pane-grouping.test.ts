import { describe, expect, test } from "vitest";
import {
  afterCount,
  days,
  globalWindows,
  intervalWindow,
  intervalWindowCoder,
  MIN_INSTANT,
  NEVER,
  repeatedly,
  sessions,
  type Pane,
  type WindowFn,
} from "millrace";
import { manualMachine } from "../support/manual-trigger.ts";
import { PaneDriver, type DriverSettings } from "../support/pane-driver.ts";

const each = repeatedly(afterCount(1));
const everySecond = repeatedly(afterCount(2));

describe("a window expires", () => {
  test("when the watermark is past its end and the lateness, and not when it is there", () => {
    const driver = new PaneDriver({ trigger: each, allowedLateness: 4 });
    driver.watermark(13);
    expect(driver.event(5)).toEqual(["{5} ts9 [0,10) L(0,0) F"]);
    expect(driver.watermark(14)).toEqual([]);
    expect([...driver.grouping.liveKeys()]).toEqual([]);
    expect([driver.event(6), driver.grouping.drops.lateCount, driver.late]).toEqual([[], 1, [["k", 6]]]);
  });

  test("also for elements of later bundles that are in the very same list of windows", () => {
    const windows = [intervalWindow(0, 10)];
    const always: WindowFn = { assign: () => windows, windowCoder: intervalWindowCoder, isCompatible: () => false };
    const driver = new PaneDriver({ windowFn: always });
    driver.event(1);
    expect(driver.watermark(10)).toEqual(["{1} ts1 [0,10) O(0,0) F Z"]);
    expect([driver.event(2), driver.end(), driver.grouping.drops.lateCount]).toEqual([[], [], 1]);
  });

  test("before time is over, however much lateness is allowed", () => {
    const driver = new PaneDriver({ windowFn: globalWindows() as unknown as WindowFn, trigger: everySecond, allowedLateness: days(2) });
    driver.event(1);
    expect(driver.end()).toEqual([`{1} ts1 global O(0,0) F Z`]);
  });
});

describe("a pane is", () => {
  test("early while the input watermark is at the last instant of its window", () => {
    const driver = new PaneDriver({ trigger: each });
    driver.watermark(9);
    expect(driver.event(9)).toEqual(["{9} ts9 [0,10) E(0,-1) F"]);
  });

  test("on time while the output watermark is at the last instant of its window", () => {
    const driver = new PaneDriver({ timestampCombiner: "endOfWindow", allowedLateness: 100 });
    driver.event(1);
    expect(driver.watermark(50)).toEqual(["{1} ts9 [0,10) O(0,0) F"]);
  });

  test("judged by the output watermark before the step that made it due, although others have let go of it since", () => {
    const driver = new PaneDriver({ allowedLateness: 100 });
    driver.event(1);
    const timings: Pane["timing"][] = [];
    const times = { inputWatermark: 50, processingTime: 0, synchronizedProcessingTime: 0 };
    driver.grouping.run(
      [],
      { ...times, outputWatermark: 50, timersOutputWatermark: 1 },
      { pane: (_pair, _time, _windows, { timing }) => void timings.push(timing), pairs: () => {}, late: () => {} },
    );
    expect(timings).toEqual(["ON_TIME"]);
  });
});

describe("elements hold the watermark", () => {
  test.each([
    ["earliest", 3, 1],
    ["latest", 3, 3],
    ["endOfWindow", 9, 9],
  ] as const)("at their %s time", (timestampCombiner, first, both) => {
    const driver = new PaneDriver({ trigger: everySecond, timestampCombiner, allowedLateness: 1 });
    driver.event(3);
    expect(driver.elementHold).toBe(first);
    expect(driver.event(1)).toEqual([`{3,1} ts${both} [0,10) E(0,-1) F`]);
    expect(driver.elementHold).toBeUndefined();
  });

  test("at their time when the output watermark has come just there", () => {
    const driver = new PaneDriver({ trigger: everySecond, allowedLateness: 20 });
    driver.watermark(5);
    driver.event(5);
    expect(driver.elementHold).toBe(5);
  });

  test("until the window expires when they are behind the output watermark", () => {
    const driver = new PaneDriver({ trigger: everySecond, allowedLateness: 20 });
    driver.watermark(5);
    driver.event(4);
    expect(driver.elementHold).toBe(29);
  });

  test("until the window expires when its end has passed, although the output watermark is held before that", () => {
    const driver = new PaneDriver({ trigger: everySecond, timestampCombiner: "latest", allowedLateness: 100 });
    driver.event(1);
    driver.watermark(50);
    expect(driver.outputWatermark).toBe(1);
    expect(driver.event(7)).toEqual(["{1,7} ts1 [0,10) O(0,0) F"]);
  });

  test.each([
    ["earliest", 1],
    ["latest", 15],
    ["endOfWindow", 24],
  ] as const)("when their sessions merge, at the %s time of all", (timestampCombiner, hold) => {
    const driver = new PaneDriver({ windowFn: sessions(10), timestampCombiner, allowedLateness: 1 });
    driver.event(15);
    driver.event(1);
    driver.event(8);
    expect(driver.elementHold).toBe(hold);
    expect(driver.watermark(25)).toEqual([`{15,1,8} ts${hold} [1,25) O(0,0) F`]);
  });
});

describe("a timer", () => {
  test.each<[string, DriverSettings]>([
    ["", {}],
    [" of its own", { windowFn: sessions(10) }],
  ])("waits for the expiry of a window%s that has ended when its first element comes", (_, settings) => {
    const driver = new PaneDriver({ ...settings, allowedLateness: 100 });
    driver.watermark(12);
    expect(driver.event(0)).toHaveLength(1);
    expect(driver.grouping.nextTimer).toBe(109);
  });

  test("waits for the end of a window, and then for its expiry", () => {
    const driver = new PaneDriver({ allowedLateness: 100 });
    driver.event(0);
    expect(driver.grouping.nextTimer).toBe(9);
    driver.watermark(12);
    expect(driver.grouping.nextTimer).toBe(109);
  });

  test("waits for the new end of a session that grows when it has ended", () => {
    const driver = new PaneDriver({ windowFn: sessions(10), allowedLateness: 100, accumulation: "accumulating" });
    driver.event(1);
    expect(driver.watermark(12)).toEqual(["{1} ts1 [1,11) O(0,0) F"]);
    expect(driver.event(10)).toEqual([]);
    expect(driver.grouping.nextTimer).toBe(19);
    expect(driver.watermark(20)).toEqual(["{1,10} ts19 [1,20) O(0,0) F"]);
  });
});

describe("a session whose trigger has finished", () => {
  test("takes part in no merge", () => {
    const machine = manualMachine();
    const driver = new PaneDriver({ windowFn: sessions(10), machine });
    machine.order = "finish";
    expect(driver.event(1)).toEqual(["{1} ts1 [1,11) E(0,-1) F Z"]);
    machine.order = "wait";
    expect(driver.event(5)).toEqual([]);
    expect(driver.end()).toEqual(["{5} ts5 [5,15) O(0,0) F Z"]);
    expect(driver.grouping.drops.closed).toBe(0);
  });

  test("swallows another that becomes equal to it, with all that is in that, and its hold", () => {
    const machine = manualMachine();
    const driver = new PaneDriver({ windowFn: sessions(10), machine, allowedLateness: 5 });
    machine.order = "finish";
    expect(driver.event(1, 8)).toHaveLength(1);
    machine.order = "wait";
    driver.event(3);
    driver.event(1);
    expect(driver.elementHold).toBe(1);
    expect([driver.event(8), driver.grouping.drops.closed, driver.elementHold]).toEqual([[], 3, undefined]);
    expect([...driver.grouping.liveKeys()], "the closed one is remembered").toHaveLength(1);
    expect(driver.end()).toEqual([]);
  });

  test("by a merge drops what is in it, and holds nothing", () => {
    const machine = { ...manualMachine(), merge: () => true };
    const driver = new PaneDriver({ windowFn: sessions(10), machine, allowedLateness: 5 });
    driver.event(1);
    expect(driver.elementHold).toBe(1);
    expect([driver.event(8), driver.grouping.drops.closed, driver.elementHold]).toEqual([[], 2, undefined]);
    expect(driver.grouping.nextDeadline).toBe(NEVER);
    expect([driver.event(1, 8), driver.grouping.drops.closed, driver.end()]).toEqual([[], 4, []]);
  });
});

test("a grouping without anything waits for nothing", () => {
  const driver = new PaneDriver({});
  const { hold, elementHold, nextTimer, nextDeadline, nextSynchronizedDeadline } = driver.grouping;
  expect([hold, elementHold, nextTimer, nextDeadline, nextSynchronizedDeadline]).toEqual([NEVER, NEVER, NEVER, NEVER, NEVER]);
  expect(driver.outputWatermark).toBe(MIN_INSTANT);
});
