import { describe, expect, test } from "vitest";
import { afterCount, afterWatermark, globalWindow, intervalWindow, repeatedly, sessions, slidingWindows } from "millrace";
import { Drops } from "../../runners/core/groupings/grouping.ts";
import { SessionGrouping } from "../../runners/core/groupings/session-grouping.ts";
import { SinglePaneGrouping } from "../../runners/core/groupings/single-pane-grouping.ts";
import { GroupingDriver, PaneDriver } from "../support/pane-driver.ts";

const window = intervalWindow(0, 10);

describe("what a grouping has dropped", () => {
  test("is told once", () => {
    const drops = new Drops();
    drops.late(3, "k", window, 5);
    drops.closed += 2;
    expect(drops.take()).toEqual({ droppedLate: 3, droppedClosed: 2, lateSample: ['key "k" in [0, 10), 5 ms late'] });
    expect(drops.take()).toEqual({ droppedLate: 0, droppedClosed: 0, lateSample: [] });
  });

  test("is counted whole, and the last ten are described", () => {
    const drops = new Drops();
    for (let i = 0; i < 25; i++) drops.late(1, i, window, i);
    const { droppedLate, lateSample } = drops.take();
    expect([droppedLate, lateSample.length]).toEqual([25, 10]);
    expect([lateSample[0], lateSample[9]]).toEqual(["key 15 in [0, 10), 15 ms late", "key 24 in [0, 10), 24 ms late"]);
  });

  test("is described shortly, and by the end of a window that is no interval", () => {
    const drops = new Drops();
    drops.late(1, "x".repeat(100), globalWindow, 1);
    const [text] = drops.take().lateSample;
    expect(text).toBe(`key "${"x".repeat(38)}… in the window that ends at ${globalWindow.maxTimestamp}, 1 ms late`);
  });
});

test("is described by its windows, and by how long after their expiry it came", () => {
  const driver = new PaneDriver({
    windowFn: slidingWindows(10, 5),
    trigger: repeatedly(afterCount(1)),
    allowedLateness: 3,
  });
  driver.watermark(20);
  // In [0, 10), which has expired at 12, and in [5, 15), which expires at 17.
  driver.event(["value", 7]);
  expect(driver.late).toEqual([
    ["k", "value"],
    ["k", "value"],
  ]);
  expect(driver.grouping.drops.take()).toEqual({
    droppedLate: 2,
    droppedClosed: 0,
    lateSample: ['key "k" in [0, 10), 8 ms late', 'key "k" in [5, 15), 3 ms late'],
  });
});

test.each([
  ["panes", () => new PaneDriver({ trigger: afterWatermark() })],
  ["one pane each", () => new GroupingDriver({}, (spec, keys) => new SinglePaneGrouping(spec, keys, true))],
  ["sessions", () => new GroupingDriver({ windowFn: sessions(10) }, (spec, keys) => new SessionGrouping(spec, keys))],
])("windows with %s count and describe late elements alike", (_, make) => {
  const driver = make();
  driver.watermark(35);
  driver.eventOf("late", 0, 0);
  driver.eventOf("in time", 35);
  expect(driver.grouping.drops.take()).toEqual({
    droppedLate: 2,
    droppedClosed: 0,
    lateSample: ['key "late" in [0, 10), 26 ms late', 'key "late" in [0, 10), 26 ms late'],
  });
});
