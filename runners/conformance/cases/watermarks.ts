import { testStream } from "../../../sdk/testing/test-stream.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { windowed } from "./windowed.ts";
import { panes, timed } from "./support.ts";

const earliest = { accumulation: "discarding", timestampCombiner: "earliest" } as const;

/** What holds the watermark back, and for how long: section WM of the catalogue. */
export const watermarkCases = caseModule(import.meta.url, {
  "WM-23": {
    title: "a pane is at the earliest of its elements that were not behind the watermark",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .advanceWatermarkTo(5)
            .addElements(...timed(2, 3, 7, 8))
            .advanceWatermarkTo(11),
        )
        .pipe(windowed(fixedWindows(10), earliest), panes()),
    expected: ["[0,10) {2,3,7,8} ts7 O(0,0) F Z"],
  },
  "WM-24": {
    title: "a pane whose elements were all behind the watermark is at the end of its window",
    build: (p) =>
      p
        .apply(
          testStream<number>()
            .advanceWatermarkTo(8)
            .addElements(...timed(2, 3, 7))
            .advanceWatermarkTo(11),
        )
        .pipe(windowed(fixedWindows(10), earliest), panes()),
    expected: ["[0,10) {2,3,7} ts9 O(0,0) F Z"],
  },
});
