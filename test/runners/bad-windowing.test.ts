import { describe, expect, test } from "vitest";
import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterWatermark,
  combinePerKey,
  defaultTrigger,
  fixedWindows,
  groupByKey,
  never,
  orFinally,
  repeatedly,
  sum,
  windowInto,
  withWindowing,
  type KV,
  type PCollection,
  type PipelineError,
  type PTransform,
  type Trigger,
} from "millrace";
import { testStream } from "millrace/testing";
import { errorOf, graphOf } from "../sdk/support/graph.ts";
import { failureOfRun, runners } from "../support/runs.ts";
import { run } from "../support/scenarios.ts";
import { badWindows } from "./pipelines/scenarios.ts";

/** For each thing that is wrong: the code, and what the error says that it got. */
const expected: Readonly<Record<string, readonly [code: string, got: RegExp]>> = {
  "a time that is NaN": ["BAD_TIMESTAMP", /^NaN, for the element 701$/],
  "a time out of range": ["BAD_TIMESTAMP", /^8640000000000000, for the element 701$/],
  "a time further back than the skew": ["BAD_TIMESTAMP", /^an output at 695; the input is at 701, the allowed skew is 5 ms$/],
  "no window": ["BAD_WINDOW", /^\[\], for the element 701$/],
  "no list": ["BAD_WINDOW", /^undefined, for the element 701$/],
  "no window by time": ["BAD_WINDOW", /^\[\], for the element 701$/],
  "an inverted window": ["BAD_WINDOW", /"start":10,"end":5.*, for the element 701$/],
  "an inverted window by time": ["BAD_WINDOW", /"start":10,"end":5.*, for the element 701$/],
  "a window without an end": ["BAD_WINDOW", /"start":0.*, for the element 701$/],
  "a window that ends after all time": ["BAD_WINDOW", /"start":0.*, for the element 701$/],
  "an empty place in the list": ["BAD_WINDOW", /^null, for the element 701$/],
  "a merge that throws": ["STEP_FAILED", /"start":701,"end":720.*"start":705,"end":720/],
  "a merge that gives nothing": ["BAD_WINDOW", /^mine gave undefined$/],
  "a merge of strangers": ["BAD_WINDOW", /^mine merged .*"start":0,"end":3/],
  "a merge into an inverted window": ["BAD_WINDOW", /^mine merged .* into \{"start":720,"end":1/],
  "a merge into nothing": ["BAD_WINDOW", /^mine merged .* into undefined$/],
  "a window that is merged twice": ["BAD_WINDOW", /^mine merged .*"end":730/],
};

/** Threads begin anew after each failure, which takes them a while. */
const few = ["a time that is NaN", "an inverted window by time", "a merge of strangers"];

describe.each(runners)("fails a run on %s, and names the step:", (name, make) => {
  test.each(name === "threadsRunner" ? few : badWindows)("%s", async (how) => {
    const { code, parts } = (await failureOfRun(run(make(), "badWindows", how))) as PipelineError;
    const [wanted, got] = expected[how]!;
    expect([code, parts.at]).toEqual([wanted, "Step"]);
    expect(parts.got).toMatch(got);
  });
});

describe("is refused as the graph is built, and the step is named:", () => {
  type Pairs = PCollection<KV<string, number>>;
  const built = (...steps: readonly PTransform<Pairs, Pairs>[]): PipelineError =>
    errorOf(() =>
      graphOf((p) => {
        const before = steps.reduce<Pairs>((input, step) => input.apply("Step", step), p.apply(testStream<KV<string, number>>()));
        before.apply("Group", groupByKey());
      }),
    );

  test("an allowed lateness below zero", () => {
    const { code, parts } = built(windowInto(fixedWindows(10), { allowedLateness: -1, accumulation: "discarding" }));
    expect([code, parts.at, parts.got]).toEqual(["BAD_WINDOWING", "Step", "-1"]);
    expect(parts.what).toContain("allowedLateness");
  });

  test("a trigger without an accumulation mode", () => {
    const { code, parts } = built(withWindowing({ trigger: repeatedly(afterCount(2)) }));
    expect([code, parts.at, parts.got]).toEqual(["BAD_WINDOWING", "Step", "the trigger repeatedly"]);
    expect(parts.fix).toContain("accumulation");
  });

  const soon = repeatedly(afterCount(1));
  test.each<Trigger>([
    defaultTrigger(),
    never(),
    afterWatermark(),
    afterWatermark({ early: never(), late: afterCount(1) }),
    repeatedly(never()),
    afterAll(soon, never()),
    afterAll(afterCount(1), afterWatermark()),
    afterFirst(never(), defaultTrigger()),
    afterEach(never(), soon),
    orFinally(never(), afterWatermark()),
    repeatedly(orFinally(afterAll(soon, never()), never())),
  ])("a trigger that can never fire, because its window never ends: %o", (trigger) => {
    const { code, parts } = built(withWindowing({ trigger, accumulation: "discarding" }));
    expect([code, parts.at]).toEqual(["UNBOUNDED_GROUP", "Group"]);
    expect(parts.got).toContain(`the trigger ${trigger.kind}`);
    const combined = errorOf(() =>
      graphOf((p) => {
        const endless = p.apply(testStream<KV<string, number>>()).apply(withWindowing({ trigger, accumulation: "discarding" }));
        endless.apply("Sum", combinePerKey(sum()));
      }),
    );
    expect(combined.code).toBe("UNBOUNDED_GROUP");
  });

  test.each<Trigger>([
    soon,
    afterWatermark({ early: soon, late: soon }),
    repeatedly(afterFirst(never(), afterProcessingTime(5))),
    repeatedly(afterAll(afterCount(3), afterProcessingTime(5))),
    afterEach(afterCount(1), never()),
    orFinally(soon, never()),
  ])("but not one that may fire before that: %o", (trigger) => {
    expect(() =>
      graphOf((p) => {
        const endless = p.apply(testStream<KV<string, number>>()).apply(withWindowing({ trigger, accumulation: "discarding" }));
        endless.apply(groupByKey());
      }),
    ).not.toThrow();
  });

  test("and it is let through where that is asked for, or the windows end", () => {
    const build = (windowing: PTransform<Pairs, Pairs>) => () =>
      graphOf((p) => void p.apply(testStream<KV<string, number>>()).apply(windowing).apply(groupByKey()));
    const trigger = never();
    expect(build(withWindowing({ trigger, accumulation: "discarding", allowUnsafeTriggers: true }))).not.toThrow();
    expect(build(windowInto(fixedWindows(10), { trigger, accumulation: "discarding" }))).not.toThrow();
  });
});
