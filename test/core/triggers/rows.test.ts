import { describe, expect, test } from "vitest";
import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterWatermark,
  minutes,
  never,
  orFinally,
  repeatedly,
  type Trigger,
} from "millrace";
import { afterFirstMachine } from "../../../runners/core/triggers/after-first.ts";
import { afterWatermarkMachine } from "../../../runners/core/triggers/after-watermark.ts";
import { manualTrigger } from "../../support/manual-trigger.ts";
import { driverOf, fixed, global, sessions, TriggerDriver, type Fired, type Timed } from "../../support/trigger-driver.ts";

// The rows of the catalogue that are about trigger machines: what they fire for, and when they finish.

/** A firing in a line: `[0,10) a b`, with a stop where it was the last. */
const lineOf = ({ window: [start, end], values, isFinished }: Fired): string =>
  `[${start},${end}) ${values.join(" ")}${isFinished ? "." : ""}`;
const linesOf = (fired: readonly Fired[]): readonly string[] => fired.map(lineOf);

const at = (text: string, times: readonly number[]): readonly Timed[] => Array.from(text, (value, i) => [value, times[i]!]);

/** Elements in events of one size. */
function inEvents(driver: TriggerDriver, elements: readonly Timed[], size: number): readonly Fired[] {
  const starts = Array.from({ length: Math.ceil(elements.length / size) }, (_, i) => i * size);
  return starts.flatMap((start) => driver.event(...elements.slice(start, start + size)));
}

describe("counts", () => {
  test("TRG-01 a count is ready with its last element, and finishes for that window only", () => {
    const driver = driverOf(afterCount(2), fixed(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.event(2, 11))).toEqual(["[0,10) 1 2."]);
    expect(linesOf(driver.event(12, 3))).toEqual(["[10,20) 11 12."]);
    expect(driver.dropped).toBe(1);
  });

  test("TRG-02 counts of sessions add up when they merge, and one that has finished is forgotten by the next", () => {
    const driver = driverOf(afterCount(2), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.event(2))).toEqual(["[1,12) 1 2."]);
    expect(driver.event(7)).toEqual([]);
    expect(linesOf(driver.event(9))).toEqual(["[7,19) 7 9."]);
  });

  test.each([
    [1, "a b"],
    [2, "a b"],
    [3, "a b c"],
    [4, "a b c"],
  ])("TRG-33 a count that is not repeated fires once, for events of %i", (size, values) => {
    const driver = driverOf(afterCount(2), fixed(10), true);
    expect(linesOf(inEvents(driver, at("abcz", [1, 2, 3, 11]), size))).toEqual([`[0,10) ${values}.`]);
    expect(driver.waiting).toEqual([[[10, 20], ["z"]]]);
  });

  test.each([1, 2, 3])("TRG-38 a count over sessions, for events of %i", (size) => {
    const driver = driverOf(afterCount(2), sessions(10));
    const elements = at("abcstzy", [1, 15, 6, 30, 31, 50, 50]);
    expect(linesOf(inEvents(driver, elements, size)).toSorted()).toEqual(["[1,25) a b c.", "[30,41) s t.", "[50,60) z y."]);
  });
});

test("TRG-03 a delay counts from the first element of a pane", () => {
  const driver = driverOf(afterProcessingTime(5), fixed(10));
  driver.clock(10);
  expect(driver.event(1)).toEqual([]);
  expect(driver.clock(12)).toEqual([]);
  expect(driver.event(11, 12)).toEqual([]);
  expect(driver.clock(14)).toEqual([]);
  expect(driver.event(2, 3)).toEqual([]);
  expect(linesOf(driver.clock(16))).toEqual(["[0,10) 1 2 3."]);
  expect(linesOf(driver.clock(18))).toEqual(["[10,20) 11 12."]);
});

describe("the end of the window", () => {
  test.each([
    ["nothing early", afterWatermark()],
    ["a part that never fires early", afterWatermark({ early: never() })],
  ])("TRG-05 a window with an element is asked when the watermark has passed its end, with %s", (_, trigger) => {
    const driver = driverOf(trigger, fixed(100));
    expect(driver.watermark(0)).toEqual([]);
    expect(driver.event(1)).toEqual([]);
    expect([...driver.watermark(99), ...driver.ask()]).toEqual([]);
    expect(linesOf(driver.watermark(100))).toEqual(["[0,100) 1."]);
  });

  test("TRG-06 a part that fires early, and the end that finishes", () => {
    const early = manualTrigger();
    const driver = new TriggerDriver(afterWatermarkMachine({ early }, false), fixed(100));
    expect(driver.event(1)).toEqual([]);
    early.isOn = true;
    expect(linesOf(driver.ask())).toEqual(["[0,100) 1"]);
    expect(linesOf(driver.event(2))).toEqual(["[0,100) 2"]);
    early.isOn = false;
    expect(linesOf(driver.watermark(100))).toEqual(["[0,100) ."]);
  });

  test("TRG-07 a part that fires late does nothing before the end, and does not finish after it", () => {
    const late = manualTrigger();
    const driver = new TriggerDriver(afterWatermarkMachine({ late }, false), fixed(100));
    late.isOn = true;
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(100))).toEqual(["[0,100) 1"]);
    expect(linesOf(driver.event(2))).toEqual(["[0,100) 2"]);
    late.isOn = false;
    expect(driver.event(3)).toEqual([]);
    late.isOn = true;
    expect(linesOf(driver.ask())).toEqual(["[0,100) 3"]);
  });

  test("TRG-08 early, once on time, and late", () => {
    const [early, late] = [manualTrigger(), manualTrigger()];
    const driver = new TriggerDriver(afterWatermarkMachine({ early, late }, false), fixed(100));
    early.isOn = true;
    expect(linesOf([...driver.event(1), ...driver.event(2)])).toEqual(["[0,100) 1", "[0,100) 2"]);
    early.isOn = false;
    expect(driver.event(3)).toEqual([]);
    expect(linesOf(driver.watermark(100))).toEqual(["[0,100) 3"]);
    early.isOn = true;
    expect(driver.event(4)).toEqual([]);
    late.isOn = true;
    expect(linesOf([...driver.ask(), ...driver.event(5)])).toEqual(["[0,100) 4", "[0,100) 5"]);
  });

  test("TRG-31 counts before and after the end, for events of two elements", () => {
    const driver = driverOf(afterWatermark({ early: afterCount(3), late: afterCount(2) }), fixed(100));
    expect(linesOf(inEvents(driver, at("abcdefghi", [0, 1, 2, 3, 4, 5, 6, 7, 8]), 2))).toEqual(["[0,100) a b c d", "[0,100) e f g h"]);
    expect(linesOf(driver.watermark(100))).toEqual(["[0,100) i"]);
    expect(linesOf(inEvents(driver, at("vwxyz", [0, 1, 2, 3, 4]), 2))).toEqual(["[0,100) v w", "[0,100) x y"]);
    expect(driver.waiting).toEqual([[[0, 100], ["z"]]]);
  });

  test.each([1, 2, 3, 4, 5, 6])("TRG-37 each session fires once at its end, for events of %i", (size) => {
    const driver = driverOf(afterWatermark(), sessions(10));
    expect(inEvents(driver, at("abcdzefy", [1, 2, 15, 16, 30, 9, 10, 30]), size)).toEqual([]);
    const letters = driver.watermark(100).map(({ window, values }) => [window, values.map(String).toSorted().join("")]);
    expect(new Map(letters as [unknown, unknown][])).toEqual(
      new Map([
        [[1, 26], "abcdef"],
        [[30, 40], "yz"],
      ]),
    );
  });
});

describe("triggers of triggers", () => {
  test("TRG-11 one after the other, each until it ends", () => {
    const first = orFinally(repeatedly(afterCount(2)), afterCount(3));
    const second = orFinally(repeatedly(afterCount(5)), afterWatermark());
    const driver = driverOf(afterEach(first, second), fixed(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.event(2))).toEqual(["[0,10) 1 2"]);
    expect(linesOf(driver.event(3, 4, 5))).toEqual(["[0,10) 3 4 5"]);
    expect(driver.event(6, 7, 8, 9)).toEqual([]);
    expect(linesOf(driver.event(0))).toEqual(["[0,10) 6 7 8 9 0"]);
    expect(linesOf(driver.watermark(10))).toEqual(["[0,10) ."]);
  });

  test.each([
    ["none", false, false, []],
    ["the first", true, false, ["[0,10) 1."]],
    ["the second", false, true, ["[0,10) 1."]],
    ["both", true, true, ["[0,10) 1."]],
  ])("TRG-12 the first of two fires and finishes, where %s is ready", (_, isFirst, isSecond, lines) => {
    const [first, second] = [manualTrigger(), manualTrigger()];
    const driver = new TriggerDriver(afterFirstMachine([first, second]), fixed(10));
    expect(driver.event(1)).toEqual([]);
    [first.isOn, second.isOn] = [isFirst, isSecond];
    expect(linesOf(driver.ask())).toEqual(lines);
  });

  test.each([
    ["one and two", [1, 2]],
    ["two and one", [2, 1]],
  ])("TRG-13 all of %s elements are ready with the second", (_, counts) => {
    const driver = driverOf(afterAll(...counts.map(afterCount)), fixed(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.event(2))).toEqual(["[0,10) 1 2."]);
  });

  test.each<readonly [string, Trigger, string]>([
    ["a count", repeatedly(afterCount(5)), "count"],
    ["a delay", repeatedly(afterProcessingTime(minutes(15))), "delay"],
    ["the first of both, by the count", repeatedly(afterFirst(afterProcessingTime(minutes(15)), afterCount(5))), "count"],
    ["the first of both, by the delay", repeatedly(afterFirst(afterProcessingTime(minutes(15)), afterCount(5))), "delay"],
  ])("TRG-15 what is repeated begins anew when it has fired: %s", (_, trigger, by) => {
    const driver = driverOf(trigger, global);
    for (const round of [0, 1]) {
      driver.clock(minutes(100 * round));
      expect(driver.event(1, 2, 3, 4)).toEqual([]);
      expect(driver.clock(minutes(100 * round + 14))).toEqual([]);
      const fired = by === "count" ? driver.event(5) : driver.clock(minutes(100 * round + 15));
      expect(linesOf(fired)).toEqual([by === "count" ? "[-Infinity,Infinity) 1 2 3 4 5" : "[-Infinity,Infinity) 1 2 3 4"]);
      expect(driver.ask()).toEqual([]);
    }
  });

  test("TRG-16 what is repeated adds up when windows merge", () => {
    const driver = driverOf(repeatedly(afterCount(2)), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.event(5))).toEqual(["[1,15) 1 5"]);
  });

  test("TRG-17 one that has an end finishes with its own, or goes on until the end", () => {
    const once = driverOf(orFinally(afterCount(2), afterCount(100)), global);
    expect(once.event(1, 2)).toMatchObject([{ values: [1, 2], isFinished: true }]);
    const often = driverOf(orFinally(repeatedly(afterCount(2)), afterCount(100)), global);
    expect(often.event(1, 2)).toMatchObject([{ values: [1, 2], isFinished: false }]);
    expect(often.event(3, 4)).toMatchObject([{ values: [3, 4], isFinished: false }]);
  });

  test.each([
    ["orFinally", orFinally(afterCount(5), afterWatermark())],
    ["afterFirst", afterFirst(afterCount(5), afterWatermark())],
  ])("TRG-19 %s that has fired at the end of a session waits again when the session grows", (_, first) => {
    const driver = driverOf(afterEach(first, repeatedly(afterCount(1))), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(11))).toEqual(["[1,11) 1"]);
    expect(driver.event(5)).toEqual([]);
    expect(driver.ask()).toEqual([]);
    expect(linesOf(driver.event(1, 2, 3, 4, 5))).toEqual(["[1,15) 5 1 2 3 4 5"]);
    expect(linesOf(driver.event([6, 2]))).toEqual(["[1,15) 6"]);
  });

  test.each([
    [2, "a b", 1],
    [5, "a b c", 0],
  ])("TRG-34 a count of %i or the end, which is not repeated", (count, values, dropped) => {
    const driver = driverOf(afterFirst(afterCount(count), afterWatermark()), fixed(10), true);
    const early = inEvents(driver, at("abc", [1, 2, 3]), 1);
    expect(linesOf([...early, ...driver.watermark(10)])).toEqual([`[0,10) ${values}.`]);
    expect(inEvents(driver, at("xyz", [1, 2, 3]), 1)).toEqual([]);
    expect(driver.dropped).toBe(dropped + 3);
  });

  test("TRG-35 a count or the end, repeated: after the end each element fires", () => {
    const driver = driverOf(repeatedly(afterFirst(afterCount(3), afterWatermark())), fixed(100), true);
    const fired = [
      ...inEvents(driver, at("abcdefg", [1, 2, 3, 4, 5, 6, 7]), 1),
      ...driver.watermark(100),
      ...inEvents(driver, at("xyz", [1, 2, 3]), 1),
    ];
    expect(fired.map(({ values }) => values.join(""))).toEqual(["abc", "abcdef", "abcdefg", "abcdefgx", "abcdefgxy", "abcdefgxyz"]);
  });
});
