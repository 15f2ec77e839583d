import { describe, expect, test } from "vitest";
import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
  type Trigger,
} from "millrace";
import { machineOf } from "../../../runners/core/triggers/machine-of.ts";
import { driverOf, fixed, sessions, type Fired } from "../../support/trigger-driver.ts";

// Details of triggers that no row of the catalogue tells apart, as Apache Beam was seen to do them.

const linesOf = (fired: readonly Fired[]): readonly string[] =>
  fired.map(({ window: [start, end], values, isFinished }) => `[${start},${end}) ${values.join(" ")}${isFinished ? "." : ""}`);

describe("in windows that do not merge", () => {
  test("a part whose turn comes by a firing is asked by the next event, not at once", () => {
    const driver = driverOf(afterEach(afterCount(1), afterWatermark()), fixed(10));
    driver.watermark(12);
    expect(linesOf(driver.event(1))).toEqual(["[0,10) 1"]);
    expect(linesOf(driver.event(2))).toEqual(["[0,10) 2."]);
    expect([driver.event(3), driver.dropped]).toEqual([[], 1]);
  });

  test("a part whose turn has not come is told of nothing", () => {
    const driver = driverOf(afterEach(afterCount(2), afterCount(3)), fixed(10));
    expect(linesOf(driver.event(1, 2, 3))).toEqual(["[0,10) 1 2 3"]);
    expect(driver.event(4, 5)).toEqual([]);
    expect(linesOf(driver.event(6))).toEqual(["[0,10) 4 5 6."]);
  });

  test("an end that counts goes on counting across firings", () => {
    const driver = driverOf(afterEach(orFinally(repeatedly(afterCount(2)), afterCount(3)), never()), fixed(10));
    expect(linesOf(driver.event(1, 2))).toEqual(["[0,10) 1 2"]);
    expect(linesOf(driver.event(3))).toEqual(["[0,10) 3"]);
    expect(driver.event(4, 5)).toEqual([]);
  });

  test("the default trigger as a part never finishes", () => {
    const driver = driverOf(afterEach(defaultTrigger(), afterCount(2)), fixed(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(10))).toEqual(["[0,10) 1"]);
    expect(linesOf([...driver.event(2), ...driver.event(3)])).toEqual(["[0,10) 2", "[0,10) 3"]);
  });

  test.each<readonly [string, (...triggers: readonly Trigger[]) => Trigger, number]>([
    ["afterAll", afterAll, 2],
    ["afterFirst", afterFirst, 1],
  ])("%s around what is repeated finishes at its first firing", (_, together, first) => {
    const driver = driverOf(together(repeatedly(afterCount(1)), afterCount(2)), fixed(10));
    const fired = [...driver.event(1), ...driver.event(2), ...driver.event(3)];
    expect([fired.length, fired[0]!.isFinished, driver.dropped]).toEqual([1, true, 3 - first]);
  });

  test("where both parts of orFinally are ready, the second wins", () => {
    const driver = driverOf(orFinally(repeatedly(afterCount(2)), afterCount(2)), fixed(10));
    expect(linesOf(driver.event(1, 2))).toEqual(["[0,10) 1 2."]);
  });

  test("an end that is repeated is an end", () => {
    const driver = driverOf(orFinally(always(), repeatedly(afterCount(2))), fixed(10));
    expect(linesOf([...driver.event(1), ...driver.event(2)])).toEqual(["[0,10) 1", "[0,10) 2."]);
  });

  test("a delay of an earlier pane does not fire the next one", () => {
    const driver = driverOf(repeatedly(afterFirst(afterCount(2), afterProcessingTime(10))), fixed(10));
    expect(driver.event(1)).toEqual([]);
    driver.clock(5);
    expect(linesOf(driver.event(2))).toEqual(["[0,10) 1 2"]);
    expect(driver.event(3)).toEqual([]);
    expect(driver.clock(11)).toEqual([]);
    expect(linesOf(driver.clock(15))).toEqual(["[0,10) 3"]);
  });

  test("of several delays that all have to go by, the last one fires", () => {
    const driver = driverOf(afterAll(afterProcessingTime(3), afterProcessingTime(9)), fixed(10));
    expect(driver.event(1)).toEqual([]);
    expect(driver.clock(3)).toEqual([]);
    expect(driver.clock(8)).toEqual([]);
    expect(linesOf(driver.clock(9))).toEqual(["[0,10) 1."]);
  });

  test("a trigger early or late that takes all of its parts is ready at each event, once they have finished", () => {
    const all = afterAll(afterCount(2), afterProcessingTime(3));
    const driver = driverOf(afterWatermark({ early: all, late: all }), fixed(10));
    expect(driver.event(1, 2)).toEqual([]);
    expect(linesOf(driver.clock(3))).toEqual(["[0,10) 1 2"]);
    expect(linesOf(driver.event(3))).toEqual(["[0,10) 3"]);
    expect(linesOf(driver.watermark(10))).toEqual(["[0,10) "]);
    expect(driver.event(4, 5)).toEqual([]);
    expect(linesOf(driver.clock(6))).toEqual(["[0,10) 4 5"]);
    expect(linesOf(driver.event(6))).toEqual(["[0,10) 6"]);
  });

  test.each<readonly [string, Trigger]>([
    ["one after the other", afterEach(afterCount(1), afterCount(2))],
    ["until there is an end", orFinally(afterEach(afterCount(1), afterCount(2)), never())],
    ["repeated", repeatedly(afterEach(afterCount(1), afterCount(2)))],
  ])("what fires early begins anew when it has finished: %s", (_, early) => {
    const driver = driverOf(afterWatermark({ early }), fixed(10));
    expect(linesOf([...driver.event(1), ...driver.event(2), ...driver.event(3), ...driver.event(4)])).toEqual([
      "[0,10) 1",
      "[0,10) 2 3",
      "[0,10) 4",
    ]);
  });

  test.each<readonly [string, Trigger]>([
    ["a delay", afterProcessingTime(5)],
    ["the first of a delay and a count", afterFirst(afterProcessingTime(5), afterCount(9))],
  ])("what fires late begins anew when it has finished: %s", (_, late) => {
    const driver = driverOf(afterWatermark({ late }), fixed(10));
    driver.watermark(10);
    expect(linesOf(driver.event(1))).toEqual(["[0,10) 1"]);
    expect(driver.event(2)).toEqual([]);
    expect(linesOf(driver.clock(5))).toEqual(["[0,10) 2"]);
  });

  test("a delay goes by early and late, over and over", () => {
    const driver = driverOf(afterWatermark({ early: afterProcessingTime(5), late: afterProcessingTime(5) }), fixed(10));
    const rounds = [0, 10, 20, 30].map((now) => {
      if (now === 20) driver.watermark(10);
      driver.clock(now);
      return [...driver.event([now, 1]), ...driver.clock(now + 4), ...driver.ask(), ...driver.clock(now + 5)];
    });
    expect(rounds.map(linesOf)).toEqual([["[0,10) 0"], ["[0,10) 10"], ["[0,10) 20"], ["[0,10) 30"]]);
  });

  test.each([
    ["windows that stay", fixed(10)],
    ["sessions", sessions(9)],
  ])("what counted early does not count late, in %s", (_, windows) => {
    const driver = driverOf(afterWatermark({ early: afterCount(3), late: afterCount(3) }), windows);
    expect(driver.event(1, [2, 1])).toEqual([]);
    expect(driver.watermark(10)).toMatchObject([{ values: [1, 2] }]);
    expect(driver.event([3, 1], [4, 1])).toEqual([]);
    expect(driver.event([5, 1])).toMatchObject([{ values: [3, 4, 5] }]);
  });

  test("what fires late at the end of the window fires for each event", () => {
    const driver = driverOf(afterWatermark({ late: afterWatermark() }), fixed(10));
    driver.watermark(10);
    expect(linesOf([...driver.event(1), ...driver.event(2), ...driver.event(3)])).toEqual(["[0,10) 1", "[0,10) 2", "[0,10) 3"]);
  });

  test.each([
    ["put off to the next ten", 0, { alignTo: 10 }, 10],
    ["put off to the ten after that", 4, { alignTo: 10 }, 20],
    ["put off to the next ten after one", 4, { alignTo: 10, offset: 1 }, 11],
    ["on a boundary already", 3, { alignTo: 10 }, 10],
    ["not put off", 4, {}, 11],
  ])("a delay of 7 is %s", (_, first, alignment, due) => {
    const driver = driverOf(afterProcessingTime(7, alignment), fixed(10));
    driver.clock(first);
    expect(driver.event(1)).toEqual([]);
    expect(driver.clock(due - 1)).toEqual([]);
    expect(linesOf(driver.clock(due))).toEqual(["[0,10) 1."]);
  });

  test("synchronized processing time has to be past the first element, not at it", () => {
    const driver = driverOf(repeatedly(afterSynchronizedProcessingTime()), fixed(10));
    driver.clock(5, 2);
    expect(driver.event(1)).toEqual([]);
    expect(driver.clock(9, 5)).toEqual([]);
    expect(driver.event(2)).toEqual([]);
    expect(linesOf(driver.clock(9, 6))).toEqual(["[0,10) 1 2"]);
    expect(driver.event(3)).toEqual([]);
    expect(driver.clock(100, 9)).toEqual([]);
  });
});

describe("in sessions", () => {
  test("a count that has finished in one of them is finished in the merged one, and what counted for it counts for the next", () => {
    const driver = driverOf(afterEach(afterCount(2), afterCount(3)), sessions(10));
    expect(linesOf(driver.event(1, 2))).toEqual(["[1,12) 1 2"]);
    expect([...driver.event(3), ...driver.event(20)]).toEqual([]);
    expect(linesOf(driver.event(12))).toEqual(["[1,30) 3 20 12."]);
  });

  test("a delay that has gone by is waited for again when the session grows, but not in a session that stays as it is", () => {
    const driver = driverOf(afterEach(afterProcessingTime(5), afterCount(2)), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.clock(6))).toEqual(["[1,11) 1"]);
    expect([...driver.event(3), ...driver.event(4)]).toEqual([]);
    expect(linesOf(driver.clock(16))).toEqual(["[1,14) 3 4"]);
    expect(driver.event([5, 4])).toEqual([]);
    expect(linesOf(driver.event([6, 4]))).toEqual(["[1,14) 5 6."]);
  });

  test("a count that has finished stays so when the session grows", () => {
    const driver = driverOf(afterEach(afterCount(1), afterCount(2)), sessions(10));
    expect(linesOf(driver.event(1))).toEqual(["[1,11) 1"]);
    expect(driver.event(3)).toEqual([]);
    expect(linesOf(driver.event(4))).toEqual(["[1,14) 3 4."]);
  });

  test("of the delays of two sessions the earlier one counts", () => {
    const driver = driverOf(afterProcessingTime(5), sessions(10));
    expect(driver.event(15)).toEqual([]);
    driver.clock(2);
    expect(driver.event(1)).toEqual([]);
    driver.clock(4);
    expect(driver.event(8)).toEqual([]);
    expect(linesOf(driver.clock(5))).toEqual(["[1,25) 15 1 8."]);
  });

  test("of the delays of two sessions the earlier one counts, also where one of them has fired", () => {
    const driver = driverOf(repeatedly(afterProcessingTime(5)), sessions(10));
    expect(driver.event(1)).toEqual([]);
    driver.clock(2);
    expect(driver.event(15)).toEqual([]);
    expect(linesOf(driver.clock(6))).toEqual(["[1,11) 1"]);
    expect(driver.event(8)).toEqual([]);
    expect(linesOf(driver.clock(8))).toEqual(["[1,25) 15 8"]);
  });

  test("elements are taken down for a delay that has gone by, which a merge makes active again", () => {
    const driver = driverOf(afterEach(afterProcessingTime(5), never()), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.clock(5))).toEqual(["[1,11) 1"]);
    expect(driver.event([2, 1])).toEqual([]);
    driver.clock(8);
    expect(driver.event(3)).toEqual([]);
    expect(linesOf(driver.clock(10))).toEqual(["[1,13) 2 3"]);
  });

  test("a firing of one part clears what the parts after it have counted", () => {
    const driver = driverOf(afterEach(afterCount(2), afterCount(3)), sessions(10));
    expect(linesOf(driver.event(1, [2, 1], [3, 1]))).toEqual(["[1,11) 1 2 3"]);
    expect(driver.event([4, 1], [5, 1])).toEqual([]);
    expect(linesOf(driver.event([6, 1]))).toEqual(["[1,11) 4 5 6."]);
  });

  test("when a part becomes active again, those after it begin anew", () => {
    const driver = driverOf(afterEach(afterProcessingTime(5), afterCount(1), never()), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf([...driver.clock(5), ...driver.event([2, 1])])).toEqual(["[1,11) 1", "[1,11) 2"]);
    expect([...driver.event([3, 1]), ...driver.event([4, 3])]).toEqual([]);
    expect(linesOf([...driver.clock(10), ...driver.event([5, 3])])).toEqual(["[1,13) 3 4", "[1,13) 5"]);
    expect(driver.event([6, 3])).toEqual([]);
  });

  test("where the window stays, what had finished in it after that part stays finished", () => {
    const machine = machineOf(afterEach(afterWatermark(), afterCount(1), never()), true);
    const times = { maxTimestamp: 10, inputWatermark: 11, processingTime: 0, synchronizedProcessingTime: 0 };
    const waiting = machine.onElements(machine.initial, 1, times);
    const firedOnce = machine.fired(waiting, times);
    const firedTwice = machine.fired(machine.onElements(firedOnce, 1, times), times);
    const isReadyAgain = (into: unknown): boolean => {
      const merged = machine.fired(machine.merge([firedTwice, waiting], into, times), times);
      return machine.isReady(machine.onElements(merged, 1, times), times);
    };
    expect([isReadyAgain(undefined), isReadyAgain(firedTwice)]).toEqual([true, false]);
  });

  test("the first of several that has fired for a count stays finished when the session grows", () => {
    const driver = driverOf(afterEach(afterFirst(afterCount(2), afterWatermark()), afterCount(3)), sessions(10));
    expect(linesOf(driver.event(1, 2))).toEqual(["[1,12) 1 2"]);
    expect([...driver.event(5), ...driver.event(6)]).toEqual([]);
    expect(linesOf(driver.event(7))).toEqual(["[1,17) 5 6 7."]);
  });

  test.each<readonly [string, Trigger, number]>([
    ["of those that fire all together, one that has finished takes nothing down", afterAll(afterProcessingTime(5), afterCount(1)), 13],
    [
      "of those of which the first fires, one that has finished takes down what comes",
      afterFirst(afterProcessingTime(5), afterCount(9)),
      10,
    ],
  ])("%s", (_, first, due) => {
    const driver = driverOf(afterEach(first, never()), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.clock(5))).toEqual(["[1,11) 1"]);
    expect(driver.event([2, 1])).toEqual([]);
    driver.clock(8);
    expect(driver.event(3)).toEqual([]);
    expect(driver.clock(due - 1)).toEqual([]);
    expect(linesOf(driver.clock(due))).toEqual(["[1,13) 2 3"]);
  });

  test("one that its end has finished stays finished when the session grows", () => {
    const driver = driverOf(afterEach(orFinally(repeatedly(afterCount(2)), afterCount(3)), afterCount(1)), sessions(10));
    expect(linesOf(driver.event(1, 2, 3))).toEqual(["[1,13) 1 2 3"]);
    expect(linesOf(driver.event(5))).toEqual(["[1,15) 5."]);
  });

  test("an element within a session that was fired for on time leaves it finished", () => {
    const driver = driverOf(afterEach(afterWatermark({ early: afterCount(9) }), afterCount(1)), sessions(10));
    expect(driver.event(1, 5)).toEqual([]);
    expect(linesOf(driver.watermark(15))).toEqual(["[1,15) 1 5"]);
    expect(linesOf(driver.event(3))).toEqual(["[1,15) 3."]);
  });

  test("a delay counts from the first element after the firing of the part before it", () => {
    const driver = driverOf(afterEach(afterCount(1), afterProcessingTime(5)), sessions(10));
    expect(linesOf(driver.event(1))).toEqual(["[1,11) 1"]);
    driver.clock(3);
    expect(driver.event([2, 1])).toEqual([]);
    expect(driver.clock(7)).toEqual([]);
    expect(linesOf(driver.clock(8))).toEqual(["[1,11) 2."]);
  });

  test("an end that counts begins anew with a firing, where it is one of several parts", () => {
    const driver = driverOf(afterEach(orFinally(repeatedly(afterCount(2)), afterCount(3)), never()), sessions(10));
    expect(linesOf(driver.event(1, [2, 1]))).toEqual(["[1,11) 1 2"]);
    expect(driver.event([3, 1])).toEqual([]);
    expect(linesOf(driver.event([4, 1]))).toEqual(["[1,11) 3 4"]);
  });

  test("one that fired at its end owes the pane on time again when it ends later, and counts early until then", () => {
    const driver = driverOf(afterWatermark({ early: afterCount(2), late: afterCount(1) }), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(11))).toEqual(["[1,11) 1"]);
    expect(linesOf(driver.event([2, 1]))).toEqual(["[1,11) 2"]);
    expect(driver.event([5, 5])).toEqual([]);
    expect(linesOf(driver.event([6, 5], [7, 5]))).toEqual(["[1,15) 5 6 7"]);
    expect(linesOf(driver.watermark(15))).toEqual(["[1,15) "]);
    expect(linesOf(driver.event([8, 2]))).toEqual(["[1,15) 8"]);
  });

  test("elements that came late do not count early when the session ends later", () => {
    const driver = driverOf(afterWatermark({ early: afterCount(3), late: never() }), sessions(10));
    expect([...driver.event(1), ...driver.event(15)]).toEqual([]);
    expect(linesOf(driver.watermark(30))).toEqual(["[1,11) 1", "[15,25) 15"]);
    expect([...driver.event(8, 9), ...driver.event([10, 8])]).toEqual([]);
    expect([...driver.event(22), ...driver.event(23)]).toEqual([]);
    expect(linesOf(driver.event(24))).toEqual(["[1,34) 8 9 10 22 23 24"]);
  });

  test("a delay of an early pane that came on time does not fire when the session ends later", () => {
    const driver = driverOf(afterWatermark({ early: afterProcessingTime(5), late: never() }), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(11))).toEqual(["[1,11) 1"]);
    driver.clock(10);
    expect(driver.event(5)).toEqual([]);
    expect(linesOf([...driver.clock(14), ...driver.clock(15)])).toEqual(["[1,15) 5"]);
  });

  test("a delay counts from the first element that came late when the session ends later", () => {
    const driver = driverOf(afterWatermark({ early: afterProcessingTime(5), late: never() }), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(11))).toEqual(["[1,11) 1"]);
    driver.clock(10);
    expect(driver.event([2, 1])).toEqual([]);
    driver.clock(12);
    expect(driver.event(5)).toEqual([]);
    expect(linesOf([...driver.clock(14), ...driver.clock(15)])).toEqual(["[1,15) 2 5"]);
  });

  test("an early part that was ready on time has fired, and is known to have when the session ends later", () => {
    const driver = driverOf(afterWatermark({ early: afterFirst(afterCount(2), afterProcessingTime(99)), late: never() }), sessions(10));
    driver.watermark(11);
    expect(linesOf(driver.event(1, [2, 1]))).toEqual(["[1,11) 1 2"]);
    expect(linesOf(driver.event(5))).toEqual(["[1,15) 5"]);
  });

  test("what fired late begins anew when the session ends later", () => {
    const late = afterFirst(afterCount(2), afterProcessingTime(99));
    const driver = driverOf(afterWatermark({ late }), sessions(10));
    expect(driver.event(1)).toEqual([]);
    expect(linesOf(driver.watermark(11))).toEqual(["[1,11) 1"]);
    expect(linesOf([...driver.event([2, 1], [3, 1]), ...driver.event([4, 1])])).toEqual(["[1,11) 2 3", "[1,11) 4"]);
    expect(driver.event(5)).toEqual([]);
    expect(linesOf(driver.watermark(15))).toEqual(["[1,15) 5"]);
    expect(linesOf([...driver.event([6, 1]), ...driver.event([7, 1])])).toEqual(["[1,15) 6 7"]);
  });

  test("what counts late adds up over sessions that are all past their end", () => {
    const driver = driverOf(afterWatermark({ late: afterCount(3) }), sessions(10));
    expect([...driver.event(1), ...driver.event(15)]).toEqual([]);
    expect(linesOf(driver.watermark(30))).toEqual(["[1,11) 1", "[15,25) 15"]);
    expect([...driver.event([2, 1]), ...driver.event([16, 15])]).toEqual([]);
    expect(linesOf(driver.event(8))).toEqual(["[1,25) 2 16 8"]);
  });

  test.each([
    ["alone", afterWatermark()],
    ["with early and late panes", afterWatermark({ early: afterCount(9), late: afterCount(9) })],
  ])("a session that has not fired makes the merged one owe its pane on time, also behind the watermark: %s", (_, trigger) => {
    const machine = machineOf(trigger, true);
    const times = { maxTimestamp: 10, inputWatermark: 11, processingTime: 0, synchronizedProcessingTime: 0 };
    const waiting = machine.onElements(machine.initial, 1, times);
    const fired = machine.fired(waiting, times);
    expect(machine.isReady(machine.merge([fired, fired], fired, times), times)).toBe(false);
    expect(machine.isReady(machine.merge([fired, waiting], fired, times), times)).toBe(true);
  });

  test.each<readonly [string, Trigger, readonly string[]]>([
    ["alone", afterWatermark(), []],
    ["with early panes", afterWatermark({ early: afterCount(1) }), []],
    ["the default trigger", defaultTrigger(), ["[21,32) 21 22"]],
    ["repeated", repeatedly(afterWatermark()), ["[21,32) 21 22"]],
    ["repeated, as one of several", repeatedly(afterFirst(afterCount(9), afterWatermark())), ["[21,32) 21 22"]],
    ["repeated, as an end", repeatedly(orFinally(never(), afterWatermark())), ["[21,32) 21 22"]],
    ["late, as one of several", afterWatermark({ late: afterFirst(afterCount(9), afterWatermark()) }), ["[21,32) 21 22"]],
  ])("new windows that merge behind the watermark have missed the pane on time: %s", (_, trigger, lines) => {
    const driver = driverOf(trigger, sessions(10));
    driver.watermark(46);
    expect(linesOf(driver.event(21, 22))).toEqual(lines);
  });
});
