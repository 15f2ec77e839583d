import { kv, type PCollection, type Pipeline, type PTransform } from "../../../sdk/pipeline.ts";
import { testStream, type TestStream } from "../../../sdk/testing/test-stream.ts";
import { minutes, seconds, type Instant } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import {
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterWatermark,
  never,
  orFinally,
  repeatedly,
  type Trigger,
} from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindows } from "../../../sdk/windows/global.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual, mustHold } from "../checks.ts";
import { windowed, type WindowedSettings } from "./windowed.ts";
import { at, createAt, mustDrop, panes, sorted, sums, timed } from "./support.ts";

const notGrouped = { timing: "UNKNOWN", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true };
const only = { ...notGrouped, timing: "ON_TIME" };

/** Windows of ten, whose panes are at their earliest elements: what most rows of the section have. */
const perTen = (trigger: Trigger, settings: WindowedSettings): PTransform<PCollection<number>, PCollection<number>> =>
  windowed(fixedWindows(10), { trigger, timestampCombiner: "earliest", ...settings });

/** An event of ones, each at one of these times. */
const ones = (stream: TestStream<number>, ...times: readonly Instant[]): TestStream<number> =>
  stream.addElements(...times.map((timestamp) => at(timestamp, 1)));

/** Two elements; then the watermark passes the end of their window, and then its expiry. */
const twoThenExpiry = testStream<number>()
  .advanceWatermarkTo(0)
  .addElements(...timed(1, 2))
  .advanceWatermarkTo(50)
  .advanceWatermarkTo(150);
const byCountOrWatermark = repeatedly(afterFirst(afterCount(2), afterWatermark()));

/** Early panes by processing time, and then late ones. */
const earlyAndLateByTime = afterEach(orFinally(repeatedly(afterProcessingTime(5)), afterWatermark()), repeatedly(afterProcessingTime(25)));
const sumsByTime =
  (stream: TestStream<number>, settings: WindowedSettings = {}) =>
  (p: Pipeline) =>
    p.apply(stream).pipe(perTen(earlyAndLateByTime, { accumulation: "accumulating", allowedLateness: 100, ...settings }), sums());
const fourByTime = ones(testStream<number>().advanceWatermarkTo(0), 1, 3, 7, 5).advanceProcessingTime(6);

/** The panes of a trigger that ignores the watermark, after its first one. */
const byCount = (stream: TestStream<number>, allowedLateness: number) => (p: Pipeline) =>
  p.apply(stream).pipe(perTen(repeatedly(afterCount(2)), { accumulation: "accumulating", allowedLateness }), panes());
const oneAndTwo = testStream<number>().addElements(...timed(1, 2));

/** Panes: section PANE of the catalogue. */
export const paneCases = caseModule(import.meta.url, {
  "PANE-04": {
    title: "a watermark that passes the end and the expiry of a window in one step gives one pane, which is first and last",
    build(p) {
      const numbers = p.apply(
        testStream<number>()
          .advanceWatermarkTo(0)
          .addElements(...timed(1))
          .advanceWatermarkTo(100),
      );
      const settings = { accumulation: "accumulating", allowedLateness: 50, timestampCombiner: "earliest" } as const;
      const panesIn = (name: string, window: PTransform<PCollection<number>, PCollection<number>>): PCollection<string> =>
        numbers.apply(`${name}Windows`, window).apply(`${name}Panes`, panes());
      return {
        fixed: panesIn("Fixed", windowed(fixedWindows(10), settings)),
        fixedClosing: panesIn("FixedClosing", windowed(fixedWindows(10), { ...settings, closing: "always" })),
        sessions: panesIn("Sessions", windowed(sessions(10), settings)),
        sessionsClosing: panesIn("SessionsClosing", windowed(sessions(10), { ...settings, closing: "always" })),
      };
    },
    expected: {
      fixed: ["[0,10) {1} ts1 O(0,0) F Z"],
      fixedClosing: ["[0,10) {1} ts1 O(0,0) F Z"],
      sessions: ["[1,11) {1} ts1 O(0,0) F Z"],
      sessionsClosing: ["[1,11) {1} ts1 O(0,0) F Z"],
    },
  },
  "PANE-05": {
    title: "only one pane is on time",
    build: (p) =>
      p
        .apply(testStream<number>().advanceWatermarkTo(0).addElements(at(1, 1)).advanceWatermarkTo(10).addElements(at(3, 3)))
        .pipe(windowed(fixedWindows(10), { accumulation: "accumulating", allowedLateness: 100, timestampCombiner: "earliest" }), sums()),
    expected: ["[0,10) 1 ts1 O(0,0) F", "[0,10) 4 ts9 L(1,1)"],
  },
  "PANE-07": {
    title: "panes on time and at last that have nothing new are empty where panes are discarded",
    build: (p) =>
      p
        .apply(twoThenExpiry)
        .pipe(perTen(byCountOrWatermark, { accumulation: "discarding", allowedLateness: 100, closing: "always" }), panes()),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F", "[0,10) {} ts9 O(1,0)", "[0,10) {} ts9 L(2,1) Z"],
  },
  "PANE-08": {
    title: "panes on time and at last that have nothing new repeat what was where panes accumulate",
    build: (p) =>
      p
        .apply(twoThenExpiry)
        .pipe(perTen(byCountOrWatermark, { accumulation: "accumulating", allowedLateness: 100, closing: "always" }), panes()),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F", "[0,10) {1,2} ts9 O(1,0)", "[0,10) {1,2} ts9 L(2,1) Z"],
  },
  "PANE-10": {
    title: "a pane on time with which the trigger finishes is the last one",
    build: (p) =>
      p.apply(oneAndTwo.advanceWatermarkTo(150)).pipe(
        perTen(orFinally(repeatedly(afterCount(2)), afterWatermark()), {
          accumulation: "discarding",
          allowedLateness: 100,
          closing: "always",
        }),
        panes(),
      ),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F", "[0,10) {} ts9 O(1,0) Z"],
  },
  "PANE-13": {
    title: "the pane on time is emitted although nothing is new",
    build: sumsByTime(fourByTime.advanceWatermarkTo(11)),
    expected: ["[0,10) 4 ts1 E(0,-1) F", "[0,10) 4 ts9 O(1,0)"],
  },
  "PANE-15": {
    title: "where no empty pane on time is wanted, the next pane is the first that is not early",
    build: sumsByTime(ones(fourByTime.advanceWatermarkTo(11), 9).advanceProcessingTime(26), { onTime: "ifNonEmpty" }),
    expected: ["[0,10) 4 ts1 E(0,-1) F", "[0,10) 5 ts9 L(1,0)"],
  },
  "PANE-17": {
    title: "early panes by processing time, one on time, late ones by processing time, and a last one",
    build(p) {
      const onTime = ones(ones(fourByTime, 8, 4).advanceWatermarkTo(11), 8, 4, 5).advanceWatermarkTo(12);
      const late = ones(ones(onTime, 3).advanceProcessingTime(9), 5).advanceProcessingTime(17);
      return sumsByTime(ones(late, 3).advanceWatermarkTo(125))(p);
    },
    expected: ["[0,10) 4 ts1 E(0,-1) F", "[0,10) 6 ts4 O(1,0)", "[0,10) 11 ts9 L(2,1)", "[0,10) 12 ts9 L(3,2) Z"],
  },
  "PANE-19": {
    title: "what is left in the global window comes at the end of time",
    build(p) {
      const numbers = Array.from({ length: 20 }, (_, i) => i);
      const stream = numbers.reduce((events, n) => events.addElements(...timed(n)), testStream<number>());
      return p
        .apply(stream.advanceWatermarkToInfinity())
        .pipe(
          windowed(globalWindows(), { trigger: repeatedly(afterCount(3)), accumulation: "discarding", timestampCombiner: "earliest" }),
          panes(),
        );
    },
    expected: [
      "global {0,1,2} ts0 E(0,-1) F",
      "global {3,4,5} ts3 E(1,-1)",
      "global {6,7,8} ts6 E(2,-1)",
      "global {9,10,11} ts9 E(3,-1)",
      "global {12,13,14} ts12 E(4,-1)",
      "global {15,16,17} ts15 E(5,-1)",
      "global {18,19} ts18 O(6,0) Z",
    ],
  },
  "PANE-26": {
    title: "the numbers of panes begin anew when a session becomes another window",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(1, 2))
            .addElements(...timed(3))
            .addElements(...timed(4))
            .addElements(...timed(5))
            .advanceWatermarkTo(100)
            .addElements(...timed(1))
            .addElements(...timed(3, 4)),
        )
        .pipe(
          windowed(sessions(10), {
            trigger: afterWatermark({ early: afterCount(2), late: afterCount(3) }),
            accumulation: "accumulating",
            allowedLateness: 100,
          }),
          panes(),
        ),
    expected: [
      "[1,12) {1,2} ts11 E(0,-1) F",
      "[1,14) {1,2,3,4} ts13 E(0,-1) F",
      "[1,15) {1,2,3,4,5} ts14 O(0,0) F",
      "[1,15) {1,1,2,3,3,4,4,5} ts14 L(1,1)",
    ],
  },
  "PANE-27": {
    title: "early panes by processing time, each from the first element of its own pane on",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(at(seconds(1), 1))
            .advanceProcessingTime(minutes(6))
            .addElements(at(seconds(2), 2))
            .advanceProcessingTime(minutes(6))
            .addElements(at(seconds(3), 3))
            .advanceProcessingTime(minutes(6)),
        )
        .pipe(
          windowed(fixedWindows(minutes(30)), {
            trigger: afterWatermark({ early: afterProcessingTime(minutes(5)) }),
            accumulation: "accumulating",
          }),
          sums(),
        ),
    expected: [
      "[0,1800000) 1 ts1799999 E(0,-1) F",
      "[0,1800000) 3 ts1799999 E(1,-1)",
      "[0,1800000) 6 ts1799999 E(2,-1)",
      "[0,1800000) 6 ts1799999 O(3,0) Z",
    ],
  },
  "PANE-28": {
    title: "early panes of the global window",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(at(seconds(1), 1), at(seconds(2), 2))
            .advanceProcessingTime(minutes(12))
            .addElements(at(seconds(3), 3))
            .advanceProcessingTime(minutes(6)),
        )
        .pipe(
          windowed(globalWindows(), {
            trigger: afterWatermark({ early: afterProcessingTime(minutes(5)) }),
            accumulation: "accumulating",
          }),
          sums(),
        ),
    expected: ["global 3 tsGMAX E(0,-1) F", "global 6 tsGMAX E(1,-1)", "global 6 tsGMAX O(2,0) Z"],
  },
  "PANE-29": {
    title: "each element is in one pane where panes are discarded: early, on time, late",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .advanceWatermarkTo(0)
            .addElements(at(100, "p1"), at(200, "p2"))
            .addElements(at(500, "o"))
            .advanceWatermarkTo(1_000)
            .addElements(at(750, "l1"), at(250, "l2")),
        )
        .pipe(
          windowed(fixedWindows(1_000), {
            trigger: afterWatermark({ early: afterCount(2), late: never() }),
            accumulation: "discarding",
            allowedLateness: 5_000,
          }),
          panes(),
        ),
    expected: ["[0,1000) {p1,p2} ts999 E(0,-1) F", "[0,1000) {o} ts999 O(1,0)", "[0,1000) {l1,l2} ts999 L(2,1) Z"],
  },
  "PANE-30": {
    title: "late panes repeat what was where panes accumulate, and so does the last one",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(at(0, 1), at(0, 2), at(0, 3))
            .advanceWatermarkTo(minutes(6))
            .addElements(at(0, 4), at(0, 5))
            .advanceWatermarkTo(minutes(20))
            .addElements(at(0, -1), at(0, -2), at(0, -3)),
        )
        .pipe(
          windowed(fixedWindows(minutes(5)), {
            trigger: afterWatermark({ early: afterProcessingTime(minutes(2)), late: afterCount(1) }),
            accumulation: "accumulating",
            allowedLateness: minutes(5),
            closing: "always",
          }),
          withKeys("k"),
          groupByKey(),
          map(([, numbers], { pane }) => ({ timing: pane.timing, isLast: pane.isLast, numbers: sorted(numbers) })),
        ),
    // How many late panes there are depends on whether 4 and 5 are looked at together.
    check({ main = [] }, result) {
      const all = main as readonly { readonly timing: string; readonly isLast: boolean; readonly numbers: readonly number[] }[];
      const heldBy = (isOne: (pane: (typeof all)[number]) => boolean): readonly unknown[] =>
        all.filter(isOne).map(({ numbers }) => numbers);
      mustHold(
        heldBy(({ timing }) => timing === "ON_TIME"),
        [[1, 2, 3]],
        "on time",
      );
      mustHold(
        heldBy(({ isLast }) => isLast),
        [[1, 2, 3, 4, 5]],
        "last",
      );
      const isStrange = (numbers: readonly number[]): boolean =>
        numbers.some((n, i) => n !== i + 1) || numbers.length < 3 || numbers.length > 5;
      mustEqual(
        all.filter(({ numbers }) => isStrange(numbers)),
        [],
        "the list of panes with other elements",
      );
      mustDrop(result, { late: 3, closed: 0 });
    },
  },
  "PANE-31": {
    title: "a pane on time is empty where an early one took everything",
    build: (p) =>
      p
        .apply(testStream<string>().advanceWatermarkTo(10).addElements(at(11, "a")).advanceWatermarkTo(20).addElements(at(21, "b")))
        .pipe(windowed(fixedWindows(15), { trigger: afterWatermark({ early: afterCount(1) }), accumulation: "discarding" }), panes()),
    expected: ["[0,15) {a} ts14 E(0,-1) F", "[0,15) {} ts14 O(1,0) Z", "[15,30) {b} ts29 E(0,-1) F", "[15,30) {} ts29 O(1,0) Z"],
  },
  "PANE-32": {
    title: "elements that went through no grouping have a pane of their own",
    build(p) {
      const letters = p.apply(create(["a"]));
      const paneOf = parDo({ output: output<unknown>(), process: (_: string, ctx) => ctx.output({ ...ctx.pane }) });
      return {
        created: letters.apply("OfCreated", paneOf),
        mapped: letters.apply(parDo({ output: output<string>(), process: (letter, ctx) => ctx.output(letter) })).apply("OfMapped", paneOf),
      };
    },
    expected: { created: [notGrouped], mapped: [notGrouped] },
  },
  "PANE-34": {
    title: "a trigger that ignores the watermark gives no pane at the end of a window, nor at its expiry if nothing is new",
    build: byCount(oneAndTwo.advanceWatermarkTo(50).advanceWatermarkTo(150), 100),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F"],
  },
  "PANE-34/atOnce": {
    title: "the same where the watermark passes the end and the expiry of the window in one step",
    build: byCount(oneAndTwo.advanceWatermarkTo(150), 100),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F"],
  },
  "PANE-34/noLateness": {
    title: "a window that expires at its end gives a pane on time, whatever its trigger",
    build: byCount(oneAndTwo.advanceWatermarkTo(10), 0),
    expected: ["[0,10) {1,2} ts1 E(0,-1) F", "[0,10) {1,2} ts9 O(1,0) Z"],
  },
  "PANE-35": {
    title: "an element that comes when its window has ended does not count for the time of the pane",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(1))
            .advanceWatermarkTo(50)
            .addElements(...timed(7)),
        )
        .pipe(
          perTen(repeatedly(afterCount(2)), { accumulation: "discarding", allowedLateness: 100, timestampCombiner: "latest" }),
          panes(),
        ),
    expected: ["[0,10) {1,7} ts1 O(0,0) F"],
  },
  "PANE-37+": {
    title: "a window that fires once has one pane: on time, first and last",
    build: (p) =>
      p.apply(createAt([at(3, "a"), at(17, "a")])).pipe(
        windowInto(fixedWindows(10)),
        keyBy((k) => k),
        groupByKey(),
        map((_, { pane, timestamp }) => kv(timestamp, { ...pane })),
      ),
    expected: [9, 19].map((timestamp) => [timestamp, only]),
  },
});
