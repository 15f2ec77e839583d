import { MIN_INSTANT, seconds } from "../../../sdk/time.ts";
import { testStream, testStreams } from "../../../sdk/testing/test-stream.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { afterProcessingTime } from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { windowed } from "./windowed.ts";
import { at, panes, withTime, withWindow } from "./support.ts";

/** Streams of which a test says what happens in them: section TSTR of the catalogue. */
export const testStreamCases = caseModule(import.meta.url, {
  "TSTR-01": {
    title: "elements without a time take the watermark of now",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .advanceWatermarkTo(0)
            .addElements("a", at(3, "b"), at(6, "c"))
            .advanceProcessingTime(10)
            .advanceWatermarkTo(8)
            .addElements("d")
            .advanceWatermarkToInfinity(),
        )
        .apply(withTime()),
    expected: [
      [0, "a"],
      [3, "b"],
      [6, "c"],
      [8, "d"],
    ],
  },
  "TSTR-01/start": {
    title: "before the watermark was moved it is at the beginning of time",
    build: (p) => p.apply(testStream<string>().addElements("a")).apply(withTime()),
    expected: [[MIN_INSTANT, "a"]],
  },
  "TSTR-03": {
    title: "what comes late comes, at its own time",
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
            .addElements(at(310, "last"))
            .advanceWatermarkToInfinity(),
        )
        .apply(withTime()),
    expected: [
      [10, "a"],
      [10, "b"],
      [10, "c"],
      [20, "d"],
      [20, "e"],
      [12, "late"],
      [310, "last"],
    ],
  },
  "TSTR-04": {
    title: "several streams of one test stream keep apart",
    build(p) {
      const { letters, numbers } = p.apply(
        testStreams({ letters: output<string>(), numbers: output<number>() })
          .advanceWatermarkTo("letters", 5)
          .addElements("letters", at(6, "a"), at(7, "b"), at(8, "c"))
          .advanceWatermarkTo("numbers", 10)
          .addElements("numbers", at(11, 1), at(12, 2), at(13, 3))
          .advanceWatermarkToInfinity("letters")
          .advanceWatermarkToInfinity("numbers"),
      );
      return { letters: letters.apply("LetterTimes", withTime()), numbers: numbers.apply("NumberTimes", withTime()) };
    },
    expected: {
      letters: [
        [6, "a"],
        [7, "b"],
        [8, "c"],
      ],
      numbers: [
        [11, 1],
        [12, 2],
        [13, 3],
      ],
    },
  },
  "TSTR-04/watermarks": {
    title: "the watermark of one stream says nothing of another",
    build(p) {
      const { ahead, behind } = p.apply(
        testStreams({ ahead: output<string>(), behind: output<string>() })
          .advanceWatermarkTo("ahead", 20)
          .addElements("ahead", at(3, "late"))
          .addElements("behind", at(3, "in time")),
      );
      return {
        ahead: ahead.apply("Ahead", windowInto(fixedWindows(10))).apply("AheadPanes", panes()),
        behind: behind.apply("Behind", windowInto(fixedWindows(10))).apply("BehindPanes", panes()),
      };
    },
    expected: { ahead: [], behind: ["[0,10) {in time} ts9 O(0,0) F Z"] },
  },
  "TSTR-06": {
    title: "a stream that is not ended ends after its last event",
    build: (p) =>
      p.apply(testStream<string>().addElements(at(3, "a"))).pipe(windowInto(fixedWindows(10)), (letters) => letters.apply(panes())),
    expected: ["[0,10) {a} ts9 O(0,0) F Z"],
  },
  "TSTR-08": {
    title: "two test streams in one pipeline",
    build: (p) => ({
      strings: p.apply("Strings", testStream<string>().addElements("foo", "bar").advanceWatermarkToInfinity()),
      numbers: p.apply("Numbers", testStream<number>().addElements(1, 2, 3, 4).advanceWatermarkToInfinity()),
    }),
    expected: { strings: ["foo", "bar"], numbers: [1, 2, 3, 4] },
  },
  "TSTR-11": {
    title: "an object is an element, whatever its fields",
    build(p) {
      const plain = testStream<object>().advanceWatermarkTo(10).addElements({ a: 0, b: 1, c: 2 }, { value: "a", timestamp: 3 });
      return p.apply(plain.advanceWatermarkToInfinity()).apply(withTime());
    },
    expected: [
      [10, { a: 0, b: 1, c: 2 }],
      [10, { value: "a", timestamp: 3 }],
    ],
  },
  "TSTR-12": {
    title: "processing time that goes on fires a trigger that waits for it",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .advanceWatermarkTo(seconds(10))
            .addElements("a")
            .advanceProcessingTime(seconds(5.1))
            .advanceWatermarkToInfinity(),
        )
        .pipe(windowed(fixedWindows(seconds(15)), { trigger: afterProcessingTime(seconds(5)), accumulation: "discarding" }), panes()),
    expected: ["[0,15000) {a} ts14999 E(0,-1) F Z"],
  },
  "TSTR-13": {
    title: "elements of a test stream are grouped like others",
    build: (p) =>
      p.apply(testStream<number>().addElements(at(100, 42)).advanceWatermarkToInfinity()).pipe(
        withKeys("k"),
        windowInto(fixedWindows(1_000)),
        groupByKey(),
        flatMap(([, numbers]) => numbers),
        withWindow(),
      ),
    expected: [["[0,1000)", 42]],
  },
});
