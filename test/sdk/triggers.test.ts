import fc from "fast-check";
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
  hours,
  MAX_INSTANT,
  never,
  orFinally,
  repeatedly,
  seconds,
  create,
  fixedWindows,
  windowInto,
  type Pipeline,
  type Trigger,
} from "millrace";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { continuationOf } from "../../sdk/triggers/continuation.ts";
import { watermarkThatGuaranteesFiring } from "../../sdk/triggers/guaranteed-firing.ts";
import { mayLoseData } from "../../sdk/triggers/may-lose-data.ts";
import { triggerText } from "../../sdk/triggers/trigger-text.ts";
import { campaign } from "../io/support/campaign.ts";
import { triggers } from "../support/triggers.ts";
import { errorOf } from "./support/graph.ts";

describe("what cannot be made", () => {
  test.each<readonly [string, () => Trigger, RegExp, string]>([
    ["a count of none", () => afterCount(0), /whole number of elements, at least 1/, "0"],
    ["half a count", () => afterCount(1.5), /whole number of elements, at least 1/, "1.5"],
    ["a count that is text", () => afterCount("2" as never), /whole number of elements, at least 1/, '"2"'],
    ["a delay that ends before it begins", () => afterProcessingTime(-1), /a delay in whole milliseconds, from 0 on/, "-1"],
    ["a delay without end", () => afterProcessingTime(Infinity), /a delay in whole milliseconds, from 0 on/, "Infinity"],
    ["a delay longer than all of time", () => afterProcessingTime(2e16), /a delay in whole milliseconds, from 0 on/, "20000000000000000"],
    ["an alignment to nothing", () => afterProcessingTime(1, { alignTo: 0 }), /more than 0, with an offset/, "alignTo 0, offset 0"],
    [
      "an offset as long as what it shifts",
      () => afterProcessingTime(1, { alignTo: 5, offset: 5 }),
      /more than 0, with an offset/,
      "alignTo 5, offset 5",
    ],
    ["an offset below 0", () => afterProcessingTime(1, { alignTo: 5, offset: -1 }), /more than 0, with an offset/, "alignTo 5, offset -1"],
    ["an offset of nothing", () => afterProcessingTime(1, { offset: 5 }), /shifts what alignTo sets/, "5"],
    ["one after the other, where there is one", () => afterEach(never()), /afterEach takes at least two triggers/, "1"],
    ["the first of none", () => afterFirst(), /afterFirst takes at least two triggers/, "0"],
    ["all of one", () => afterAll(never()), /afterAll takes at least two triggers/, "1"],
    ["a part that is none", () => afterAll(never(), undefined as never), /part 2 of afterAll is a trigger/, "undefined"],
    ["a repetition of a function that was not called", () => repeatedly(always as never), /what is repeated is a trigger/, String(always)],
    ["an early part that is text", () => afterWatermark({ early: "always" as never }), /early of afterWatermark is a trigger/, '"always"'],
    [
      "a late part of no known kind",
      () => afterWatermark({ late: { kind: "toString" } as never }),
      /late of afterWatermark/,
      '{"kind":"toString"}',
    ],
    ["no main part", () => orFinally(null as never, never()), /the first part of orFinally is a trigger/, "null"],
    ["no end", () => orFinally(never(), {} as never), /the second part of orFinally is a trigger/, "{}"],
  ])("%s is refused, with what was given", (_, make, what, got) => {
    const { code, parts } = errorOf(make);
    expect([code, parts.got]).toEqual(["BAD_TRIGGER", got]);
    expect(parts.what).toMatch(what);
  });

  test("the smallest settings are let through", () => {
    expect(afterCount(1)).toEqual({ kind: "afterCount", count: 1 });
    expect(afterProcessingTime(0)).toEqual({ kind: "afterProcessingTime", delay: 0 });
    expect(afterProcessingTime(0, { alignTo: 1 })).toEqual({ kind: "afterProcessingTime", delay: 0, alignment: { period: 1, offset: 0 } });
    expect(Object.keys(afterWatermark({}))).toEqual(["kind"]);
  });

  test("two triggers that are made alike are alike as text of JSON, by which windowings are compared", () => {
    expect(JSON.stringify(afterWatermark({ late: never(), early: always() }))).toBe(
      JSON.stringify(afterWatermark({ early: always(), late: never() })),
    );
  });
});

describe("continuations", () => {
  test("CONT-01 a delay that was waited for becomes the same moment for all", () => {
    expect(continuationOf(afterProcessingTime(hours(1)))).toEqual(afterSynchronizedProcessingTime());
    expect(continuationOf(afterSynchronizedProcessingTime())).toEqual(afterSynchronizedProcessingTime());
  });

  test("CONT-02 one after the other becomes any of them, over and over", () => {
    expect(continuationOf(afterEach(afterCount(3), afterProcessingTime(1)))).toEqual(
      repeatedly(afterFirst(afterCount(1), afterSynchronizedProcessingTime())),
    );
  });

  test.each<readonly [Trigger, Trigger]>([
    [afterCount(7), afterCount(1)],
    [afterWatermark(), afterWatermark()],
    [
      afterWatermark({ early: afterCount(7), late: afterProcessingTime(1) }),
      afterWatermark({ early: afterCount(1), late: afterSynchronizedProcessingTime() }),
    ],
    [afterWatermark({ late: afterCount(7) }), afterWatermark({ late: afterCount(1) })],
    [afterFirst(afterCount(7), afterProcessingTime(1)), afterFirst(afterCount(1), afterSynchronizedProcessingTime())],
    [afterAll(afterCount(7), afterProcessingTime(1)), afterAll(afterCount(1), afterSynchronizedProcessingTime())],
    [repeatedly(afterCount(7)), repeatedly(afterCount(1))],
    [orFinally(afterCount(7), afterWatermark()), repeatedly(orFinally(afterCount(1), afterWatermark()))],
    [defaultTrigger(), defaultTrigger()],
    [never(), never()],
    [always(), always()],
  ])("CONT-04 the continuation of %j", (trigger, continuation) => {
    expect(continuationOf(trigger)).toEqual(continuation);
  });

  test("a continuation waits for no count and no delay of its own", () => {
    fc.assert(
      fc.property(triggers, (trigger) => {
        expect(triggerText(continuationOf(trigger))).not.toMatch(/afterProcessingTime|afterCount\((?!1\))/);
      }),
      campaign(200),
    );
  });
});

test.each<readonly [Trigger, number]>([
  [afterWatermark(), 9],
  [afterWatermark({ early: afterCount(1), late: afterCount(1) }), 9],
  [defaultTrigger(), 9],
  [repeatedly(afterWatermark()), 9],
  [orFinally(afterCount(100), afterWatermark()), 9],
  [orFinally(repeatedly(afterWatermark()), afterCount(1)), 9],
  [orFinally(repeatedly(afterCount(1)), afterCount(10)), MAX_INSTANT],
  [afterProcessingTime(1), MAX_INSTANT],
  [afterSynchronizedProcessingTime(), MAX_INSTANT],
  [never(), MAX_INSTANT],
  [always(), MAX_INSTANT],
  [afterEach(afterWatermark(), afterCount(4)), 9],
  [afterEach(afterCount(2), afterWatermark()), MAX_INSTANT],
  [afterFirst(afterCount(2), afterWatermark()), 9],
  [afterAll(afterCount(2), afterWatermark()), MAX_INSTANT],
  [afterAll(defaultTrigger(), afterWatermark()), 9],
])("CONT-05 the watermark that makes a firing of %j sure", (trigger, watermark) => {
  expect(watermarkThatGuaranteesFiring(trigger, { maxTimestamp: 9 })).toBe(watermark);
});

const [one, two, three] = [afterCount(1), afterCount(2), afterCount(3)];

test.each<readonly [string, Trigger]>([
  ["default", defaultTrigger()],
  ["always", always()],
  ["afterSynchronizedProcessingTime", afterSynchronizedProcessingTime()],
  ["afterProcessingTime(60000)", afterProcessingTime(seconds(60))],
  ["afterProcessingTime(5, alignTo=10)", afterProcessingTime(5, { alignTo: 10 })],
  ["afterProcessingTime(5, alignTo=10, offset=3)", afterProcessingTime(5, { alignTo: 10, offset: 3 })],
  ["afterWatermark", afterWatermark()],
  ["afterWatermark", afterWatermark({ early: never(), late: never() })],
  ["afterWatermark(early=afterCount(1), late=afterCount(2))", afterWatermark({ late: two, early: one })],
  ["afterWatermark(late=repeatedly(afterCount(2)))", afterWatermark({ early: never(), late: repeatedly(two) })],
  ["repeatedly(never)", repeatedly(never())],
  ["orFinally(afterCount(1), afterCount(2))", orFinally(one, two)],
  ["afterEach(afterCount(3), afterCount(1), afterCount(2))", afterEach(three, one, two)],
  ["afterFirst(afterCount(1), afterAll(afterCount(3), afterCount(2)))", afterFirst(one, afterAll(three, two))],
])("CONT-06 a trigger is written as %s", (text, trigger) => {
  expect(triggerText(trigger)).toBe(text);
});

describe("triggers that can lose data", () => {
  test.each<readonly [Trigger, number, boolean]>([
    [afterCount(1), 0, true],
    [afterWatermark(), 10, true],
    [afterWatermark({ early: afterCount(1) }), 10, true],
  ])("GBK-10 %j at the lateness %i: %s", (trigger, lateness, expected) => {
    expect(mayLoseData(trigger, lateness)).toBe(expected);
  });

  test.each<readonly [Trigger, number, boolean]>([
    [afterWatermark(), 0, false],
    [afterWatermark({ early: afterCount(1) }), 0, false],
    [afterWatermark({ late: afterCount(1) }), 10, false],
  ])("GBK-11 %j at the lateness %i: %s", (trigger, lateness, expected) => {
    expect(mayLoseData(trigger, lateness)).toBe(expected);
  });

  test.each([
    { kind: "sometimes" },
    { kind: "afterCount" },
    { kind: "afterProcessingTime", delay: -1 },
    { kind: "repeatedly" },
    { kind: "repeatedly", trigger: { kind: "afterFirst", triggers: [] } },
    { kind: "orFinally", main: { kind: "always" } },
    { kind: "afterWatermark", early: { kind: "sometimes" } },
  ])("made by hand without a part or with a wrong one is refused as a setting: %j", (trigger) => {
    const settings = { trigger: trigger as Trigger, accumulation: "discarding" } as const;
    const build = (p: Pipeline): void => void p.apply(create([1])).apply(windowInto(fixedWindows(10), settings));
    expect(() => buildGraph(build)).toThrow(expect.objectContaining({ code: "BAD_WINDOWING" }));
  });

  test.each<readonly [Trigger, number, boolean]>([
    [orFinally(repeatedly(afterCount(1)), afterWatermark()), 0, true],
    [afterFirst(afterCount(1), afterWatermark()), 0, true],
    [afterAll(afterCount(1), afterWatermark()), 0, true],
    [afterFirst(afterCount(1), repeatedly(afterCount(1))), 0, true],
    [afterProcessingTime(1), 0, true],
    [never(), 10, false],
    [afterEach(afterCount(1), repeatedly(afterCount(1))), 0, false],
  ])("GBK-18 %j at the lateness %i: %s", (trigger, lateness, expected) => {
    expect(mayLoseData(trigger, lateness)).toBe(expected);
  });

  test.each<readonly [Trigger, number, boolean]>([
    [defaultTrigger(), 10, false],
    [always(), 10, false],
    [repeatedly(afterCount(1)), 10, false],
    [afterSynchronizedProcessingTime(), 0, true],
    [afterEach(afterCount(1), afterCount(2)), 0, true],
    [afterEach(afterCount(1), never()), 0, false],
    [orFinally(repeatedly(afterCount(1)), never()), 10, false],
    [orFinally(afterCount(1), never()), 0, true],
    [orFinally(always(), repeatedly(afterCount(1))), 0, true],
  ])("%j at the lateness %i: %s", (trigger, lateness, expected) => {
    expect(mayLoseData(trigger, lateness)).toBe(expected);
  });
});
