import type { KV } from "../../../sdk/pipeline.ts";
import { valueState } from "../../../sdk/state/specs.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { MAX_INSTANT } from "../../../sdk/time.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { reshuffle } from "../../../sdk/transforms/reshuffle.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { afterCount, afterWatermark, defaultTrigger, repeatedly } from "../../../sdk/trigger.ts";
import type { IntervalWindow } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { windowed } from "./windowed.ts";
import { at, mustDrop, panes, sorted, sums, timed, withTime } from "./support.ts";

/** A window of which an element is late by more, or not more, than is allowed. */
const lateBy = (watermark: number) =>
  testStream<number>()
    .advanceWatermarkTo(watermark)
    .addElements(...timed(3));
const fiveAllowed = windowed<number, IntervalWindow>(fixedWindows(10), { accumulation: "discarding", allowedLateness: 5 });

/** Elements that come when the watermark is past their windows: section LATE of the catalogue. */
export const lateCases = caseModule(import.meta.url, {
  "LATE-01": {
    title: "what drops an element is that its window has expired, and not that the watermark is past its own time",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .advanceWatermarkTo(15)
            .addElements(...timed(13, 5, 16, 18)),
        )
        .pipe(
          windowInto(fixedWindows(10)),
          withKeys("k"),
          groupByKey(),
          // Going through the values again counts nothing twice.
          map(([, numbers]) => [sorted(numbers), sorted(numbers)]),
        ),
    expected: [
      [
        [13, 16, 18],
        [13, 16, 18],
      ],
    ],
    check: (_, result) => mustDrop(result, { late: 1, closed: 0 }),
  },
  "LATE-02": {
    title: "the first element of a window may come when the window has expired",
    build: (p) =>
      p
        .apply(testStream<string>().advanceWatermarkTo(0).addElements(at(-1_000_000, "x"), at(100, "y")))
        .pipe(windowed(fixedWindows(1_000), { accumulation: "discarding", allowedLateness: 5_000 }), panes()),
    expected: ["[0,1000) {y} ts999 O(0,0) F Z"],
    check: (_, result) => mustDrop(result, { late: 1, closed: 0 }),
  },
  "LATE-04": {
    title: "what is late but allowed comes in a pane of its own",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .advanceWatermarkTo(10)
            .addElements("a", "b", "c")
            .advanceWatermarkTo(20)
            .addElements("d")
            .addElements("e")
            .advanceProcessingTime(10)
            .advanceWatermarkTo(300)
            .addElements(at(12, "late"))
            .addElements(at(310, "last")),
        )
        .pipe(windowed(fixedWindows(15), { trigger: defaultTrigger(), accumulation: "discarding", allowedLateness: 300 }), panes()),
    expected: [
      "[0,15) {a,b,c} ts14 O(0,0) F",
      "[0,15) {late} ts14 L(1,1)",
      "[15,30) {d,e} ts29 O(0,0) F",
      "[300,315) {last} ts314 O(0,0) F Z",
    ],
    check: (_, result) => mustDrop(result, { late: 0, closed: 0 }),
  },
  "LATE-05": {
    title: "what is later than is allowed is dropped and counted, window by window",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(1, 2, 10, 11, 80, 81))
            .advanceWatermarkTo(100)
            .addElements(...timed(7, 8))
            .addElements(...timed(17, 18))
            .addElements(...timed(82)),
        )
        .pipe(
          windowed(fixedWindows(10), {
            trigger: afterWatermark({ early: afterCount(3), late: afterCount(1) }),
            accumulation: "accumulating",
            allowedLateness: 20,
          }),
          panes(),
        ),
    expected: [
      "[0,10) {1,2} ts9 O(0,0) F Z",
      "[10,20) {10,11} ts19 O(0,0) F Z",
      "[80,90) {80,81} ts89 O(0,0) F",
      "[80,90) {80,81,82} ts89 L(1,1)",
    ],
    check: (_, result) => mustDrop(result, { late: 4, closed: 0 }),
  },
  "LATE-06": {
    title: "the default trigger emits a window again for what is late but allowed",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(1, 2, 3, 10, 11, 25))
            .advanceWatermarkTo(100)
            .addElements(...timed(7)),
        )
        .pipe(windowed(fixedWindows(10), { accumulation: "accumulating", allowedLateness: 100 }), panes()),
    expected: ["[0,10) {1,2,3} ts9 O(0,0) F", "[10,20) {10,11} ts19 O(0,0) F", "[20,30) {25} ts29 O(0,0) F", "[0,10) {1,2,3,7} ts9 L(1,1)"],
  },
  "LATE-07": {
    title: "steps that group nothing drop nothing",
    build(p) {
      const late = p.apply(testStream<string>().advanceWatermarkTo(300).addElements(at(12, "late"))).apply(windowInto(fixedWindows(10)));
      const passOn = parDo({ output: output<string>(), process: (element: string, ctx) => ctx.output(element) });
      return {
        parDo: late.apply(passOn).apply("AfterParDo", withTime()),
        flatten: flatten([late, late.apply("Other", passOn)]).apply("AfterFlatten", withTime()),
        reshuffle: late.apply(reshuffle()).apply("AfterReshuffle", withTime()),
      };
    },
    expected: {
      parDo: [[12, "late"]],
      flatten: [
        [12, "late"],
        [12, "late"],
      ],
      reshuffle: [[12, "late"]],
    },
  },
  "LATE-09": {
    title: "a step with state drops what comes when its window has expired, and counts it",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .advanceWatermarkTo(MAX_INSTANT - 1)
            .addElements(at(0, "late")),
        )
        .pipe(
          windowInto(fixedWindows(10)),
          withKeys("k"),
          parDo({
            output: output<string>(),
            state: { calls: valueState<number>() },
            process: ([, element]: KV<string, string>, ctx) => ctx.output(element),
          }),
        ),
    expected: [],
    check: (_, result) => mustDrop(result, { late: 1, closed: 0 }),
  },
  "LATE-13": {
    title: "a watermark that passes the end and the expiry of a window in one step gives one pane",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .addElements(...timed(2, 5))
            .advanceWatermarkTo(1_000),
        )
        .pipe(
          windowed(fixedWindows(100), {
            trigger: repeatedly(afterWatermark()),
            accumulation: "discarding",
            allowedLateness: 1,
            timestampCombiner: "earliest",
          }),
          sums(),
        ),
    expected: ["[0,100) 7 ts2 O(0,0) F Z"],
  },
  "LATE-14": {
    title: "a window whose last instant and allowed lateness the watermark has reached is not expired",
    build: (p) => p.apply(lateBy(14)).pipe(fiveAllowed, panes()),
    expected: ["[0,10) {3} ts9 L(0,0) F"],
    check: (_, result) => mustDrop(result, { late: 0, closed: 0 }),
  },
  "LATE-14/past": {
    title: "a window whose last instant and allowed lateness the watermark has passed is expired",
    build: (p) => p.apply(lateBy(15)).pipe(fiveAllowed, panes()),
    expected: [],
    check: (_, result) => mustDrop(result, { late: 1, closed: 0 }),
  },
});
