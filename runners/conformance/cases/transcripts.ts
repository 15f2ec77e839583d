import type { Pipeline } from "../../../sdk/pipeline.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { afterCount, afterWatermark } from "../../../sdk/trigger.ts";
import type { TimestampCombiner } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { windowed } from "./windowed.ts";
import { mustDrop, panes, timed } from "./support.ts";

const threeWindows = testStream<number>()
  .addElements(...timed(1, 2, 3, 10, 11, 25))
  .advanceWatermarkTo(100);
const timesBy = (timestampCombiner: TimestampCombiner) => (p: Pipeline) =>
  p.apply(threeWindows).pipe(windowed(fixedWindows(10), { accumulation: "discarding", timestampCombiner }), panes());

/** Three of Beam's transcripts: section TRN of the catalogue. */
export const transcriptCases = caseModule(import.meta.url, {
  "TRN-04": {
    title: "early panes at every second element, the rest on time",
    build: (p) =>
      p
        .apply(
          [[1, 2], [4], [14], [5], [18], [6]]
            .reduce((stream, numbers) => stream.addElements(...timed(...numbers)), testStream<number>())
            .advanceWatermarkTo(100),
        )
        .pipe(windowed(fixedWindows(10), { trigger: afterWatermark({ early: afterCount(2) }), accumulation: "discarding" }), panes()),
    expected: [
      "[0,10) {1,2} ts9 E(0,-1) F",
      "[0,10) {4,5} ts9 E(1,-1)",
      "[0,10) {6} ts9 O(2,0) Z",
      "[10,20) {14,18} ts19 E(0,-1) F",
      "[10,20) {} ts19 O(1,0) Z",
    ],
  },
  "TRN-05": {
    title: "a trigger that has finished closes its window, and those that have not are left",
    build: (p) =>
      p
        .apply([1, 2, 3, 10, 11, 25].reduce((stream, n) => stream.addElements(...timed(n)), testStream<number>()))
        .pipe(windowed(fixedWindows(10), { trigger: afterCount(2), accumulation: "discarding", allowedLateness: 10 }), panes()),
    expected: ["[0,10) {1,2} ts9 E(0,-1) F Z", "[10,20) {10,11} ts19 E(0,-1) F Z", "[20,30) {25} ts29 O(0,0) F Z"],
    check: (_, result) => mustDrop(result, { late: 0, closed: 1 }),
  },
  "TRN-06/earliest": {
    title: "a pane is at the time of its earliest element",
    build: timesBy("earliest"),
    expected: ["[0,10) {1,2,3} ts1 O(0,0) F Z", "[10,20) {10,11} ts10 O(0,0) F Z", "[20,30) {25} ts25 O(0,0) F Z"],
  },
  "TRN-06/latest": {
    title: "a pane is at the time of its latest element",
    build: timesBy("latest"),
    expected: ["[0,10) {1,2,3} ts3 O(0,0) F Z", "[10,20) {10,11} ts11 O(0,0) F Z", "[20,30) {25} ts25 O(0,0) F Z"],
  },
  "TRN-06/endOfWindow": {
    title: "a pane is at the end of its window",
    build: timesBy("endOfWindow"),
    expected: ["[0,10) {1,2,3} ts9 O(0,0) F Z", "[10,20) {10,11} ts19 O(0,0) F Z", "[20,30) {25} ts29 O(0,0) F Z"],
  },
});
