import type { PCollection, PTransform, Pipeline } from "../../../sdk/pipeline.ts";
import { testStream, type TestStream } from "../../../sdk/testing/test-stream.ts";
import { seconds, type Instant } from "../../../sdk/time.ts";
import {
  afterAll,
  afterCount,
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
} from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindows } from "../../../sdk/windows/global.ts";
import { caseModule } from "../case-module.ts";
import { windowed, type WindowedSettings } from "./windowed.ts";
import { at, mustDrop, panes, sums, timed } from "./support.ts";

// A trigger is asked after each event. Events of one element leave no choice to how a runner cuts its work.

/** Elements that arrive one by one, all at one time. */
const oneByOne = (stream: TestStream<number>, timestamp: Instant, ...numbers: readonly number[]): TestStream<number> =>
  numbers.reduce((events, n) => events.addElements(at(timestamp, n)), stream);

/** Three elements in the first ten seconds one by one, and what comes then. */
const three = oneByOne(testStream<number>(), seconds(1), 1, 2, 3);
const threeThenTwo = oneByOne(three.advanceWatermarkTo(seconds(11)), seconds(12), 4, 5);

const perTenSeconds = (trigger: Trigger, settings: WindowedSettings = {}): PTransform<PCollection<number>, PCollection<number>> =>
  windowed(fixedWindows(seconds(10)), { trigger, accumulation: "discarding", ...settings });

/** Two elements that share a pane, and a third before the deadline of that pane. */
const untilElevenMs = testStream<number>()
  .addElements(at(1, 1))
  .advanceProcessingTime(5)
  .addElements(at(2, 2))
  .addElements(at(3, 3))
  .advanceProcessingTime(6);
const byCountOrTime = (stream: TestStream<number>) => (p: Pipeline) =>
  p
    .apply(stream)
    .pipe(
      windowed(fixedWindows(10), { trigger: repeatedly(afterFirst(afterCount(2), afterProcessingTime(10))), accumulation: "discarding" }),
      panes(),
    );

/** When the windows of a grouping are emitted: section TRG of the catalogue. */
export const triggerCases = caseModule(import.meta.url, {
  "TRG-20": {
    title: "never: each window when it expires",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(at(seconds(1), 1), at(seconds(1), 2), at(seconds(1), 3))
            .advanceWatermarkTo(seconds(11))
            .addElements(at(seconds(12), 5), at(seconds(12), 8)),
        )
        .pipe(perTenSeconds(never()), sums()),
    expected: ["[0,10000) 6 ts9999 O(0,0) F Z", "[10000,20000) 13 ts19999 O(0,0) F Z"],
  },
  "TRG-21": {
    title: "the default trigger: each window when the watermark is past its end",
    build: (p) => p.apply(threeThenTwo.advanceWatermarkTo(seconds(13))).pipe(perTenSeconds(defaultTrigger()), sums()),
    expected: ["[0,10000) 6 ts9999 O(0,0) F Z", "[10000,20000) 9 ts19999 O(0,0) F Z"],
  },
  "TRG-22": {
    title: "always: each element, and an empty pane on time",
    build: (p) => p.apply(three.advanceWatermarkTo(seconds(11))).pipe(perTenSeconds(always()), sums()),
    expected: ["[0,10000) 1 ts9999 E(0,-1) F", "[0,10000) 2 ts9999 E(1,-1)", "[0,10000) 3 ts9999 E(2,-1)", "[0,10000) 0 ts9999 O(3,0) Z"],
  },
  "TRG-22/ifNonEmpty": {
    title: "always, with no empty pane on time",
    build: (p) => p.apply(three.advanceWatermarkTo(seconds(11))).pipe(perTenSeconds(always(), { onTime: "ifNonEmpty" }), sums()),
    expected: ["[0,10000) 1 ts9999 E(0,-1) F", "[0,10000) 2 ts9999 E(1,-1)", "[0,10000) 3 ts9999 E(2,-1)"],
  },
  "TRG-23": {
    title: "a count that is not repeated closes the window; what it did not fire comes when the window expires",
    build(p) {
      const early = oneByOne(three.advanceWatermarkTo(seconds(2)), seconds(6), 4, 5).advanceWatermarkTo(seconds(10));
      const all = early.addElements(at(seconds(52), 10)).advanceWatermarkTo(seconds(53));
      return p.apply(all).pipe(perTenSeconds(afterCount(2)), panes());
    },
    expected: ["[0,10000) {1,2} ts9999 E(0,-1) F Z", "[50000,60000) {10} ts59999 O(0,0) F Z"],
    check: (_, result) => mustDrop(result, { late: 0, closed: 3 }),
  },
  "TRG-24": {
    title: "a repeated count in the global window, and an empty pane at its end",
    build: (p) =>
      p
        .apply(oneByOne(three.advanceWatermarkTo(seconds(2)), seconds(6), 4, 5, 6).advanceWatermarkTo(seconds(10)))
        .pipe(windowed(globalWindows(), { trigger: repeatedly(afterCount(2)), accumulation: "discarding" }), panes()),
    expected: ["global {1,2} tsGMAX E(0,-1) F", "global {3,4} tsGMAX E(1,-1)", "global {5,6} tsGMAX E(2,-1)", "global {} tsGMAX O(3,0) Z"],
  },
  "TRG-25": {
    title: "an early pane of two, and the rest on time",
    build: (p) =>
      p
        .apply(three.advanceWatermarkTo(seconds(11)))
        .pipe(perTenSeconds(afterWatermark({ early: afterCount(2), late: afterCount(1) })), panes()),
    expected: ["[0,10000) {1,2} ts9999 E(0,-1) F", "[0,10000) {3} ts9999 O(1,0) Z"],
  },
  "TRG-26": {
    title: "all of several triggers, again and again",
    build: (p) =>
      p
        .apply(testStream<number>().addElements(...[1, 2, 3, 4, 5].map((n) => at(seconds(1), n))))
        .pipe(perTenSeconds(repeatedly(afterAll(always(), afterCount(5)))), panes()),
    expected: ["[0,10000) {1,2,3,4,5} ts9999 E(0,-1) F", "[0,10000) {} ts9999 O(1,0) Z"],
  },
  "TRG-28": {
    title: "the first of several triggers, again and again",
    build: (p) => p.apply(threeThenTwo).pipe(perTenSeconds(repeatedly(afterFirst(afterCount(3), always()))), panes()),
    expected: [
      "[0,10000) {1} ts9999 E(0,-1) F",
      "[0,10000) {2} ts9999 E(1,-1)",
      "[0,10000) {3} ts9999 E(2,-1)",
      "[0,10000) {} ts9999 O(3,0) Z",
      "[10000,20000) {4} ts19999 E(0,-1) F",
      "[10000,20000) {5} ts19999 E(1,-1)",
      "[10000,20000) {} ts19999 O(2,0) Z",
    ],
  },
  "TRG-29": {
    title: "synchronized processing time that never moves leaves each window until it expires",
    build: (p) => p.apply(threeThenTwo).pipe(perTenSeconds(repeatedly(afterSynchronizedProcessingTime())), panes()),
    expected: ["[0,10000) {1,2,3} ts9999 O(0,0) F Z", "[10000,20000) {4,5} ts19999 O(0,0) F Z"],
  },
  "TRG-30": {
    title: "a trigger until another one fires, which is the last time",
    build: (p) => p.apply(threeThenTwo).pipe(perTenSeconds(orFinally(always(), afterCount(2))), panes()),
    expected: [
      "[0,10000) {1} ts9999 E(0,-1) F",
      "[0,10000) {2} ts9999 E(1,-1) Z",
      "[10000,20000) {4} ts19999 E(0,-1) F",
      "[10000,20000) {5} ts19999 E(1,-1) Z",
    ],
    check: (_, result) => mustDrop(result, { late: 0, closed: 1 }),
  },
  "TRG-41": {
    title: "the default trigger fires once on time, and again for each late event",
    build: (p) =>
      p
        .apply(testStream<number>().addElements(at(1, 1)).advanceWatermarkTo(10).addElements(at(2, 2)).addElements(at(3, 3)))
        .pipe(windowed(fixedWindows(10), { allowedLateness: 100, accumulation: "discarding" }), panes()),
    expected: ["[0,10) {1} ts9 O(0,0) F", "[0,10) {2} ts9 L(1,1)", "[0,10) {3} ts9 L(2,2)"],
  },
  "TRG-42": {
    title: "never, with allowed lateness: one pane when the window expires",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(1))
            .advanceWatermarkTo(29)
            .addElements(...timed(2))
            .advanceWatermarkTo(30),
        )
        .pipe(windowed(fixedWindows(10), neverWithLateness), panes()),
    expected: ["[0,10) {1,2} ts9 O(0,0) F Z"],
  },
  "TRG-42/late": {
    title: "never, where nothing was on time: the pane is a late one",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .advanceWatermarkTo(15)
            .addElements(...timed(1))
            .advanceWatermarkTo(30),
        )
        .pipe(windowed(fixedWindows(10), neverWithLateness), panes()),
    expected: ["[0,10) {1} ts9 L(0,0) F Z"],
  },
  "TRG-43": {
    title: "the deadline of a pane that another trigger has fired is not that of the next one",
    build: byCountOrTime(untilElevenMs.advanceProcessingTime(5)),
    expected: ["[0,10) {1,2} ts9 E(0,-1) F", "[0,10) {3} ts9 E(1,-1)", "[0,10) {} ts9 O(2,0) Z"],
  },
  "TRG-43/before": {
    title: "the deadline of a pane counts from its own first element",
    build: byCountOrTime(untilElevenMs),
    expected: ["[0,10) {1,2} ts9 E(0,-1) F", "[0,10) {3} ts9 O(1,0) Z"],
  },
});

const neverWithLateness = { trigger: never(), accumulation: "discarding", allowedLateness: 20, closing: "always" } as const;
