import type { KV, PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { valueState } from "../../../sdk/state/specs.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import type { Instant } from "../../../sdk/time.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { IntervalWindow } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { globalWindows } from "../../../sdk/windows/global.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { at, createAt, mustDrop, timed } from "./support.ts";

/** Times from one down to another. */
const down = (from: number, to: number): readonly number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i);

/** How far the time of each element is from that of the one before; the first one's from 0. */
const distances = () =>
  parDo({
    requiresTimeSortedInput: true,
    output: output<number>(),
    state: { last: valueState<Instant>() },
    process(_: KV<string, number>, { state: { last }, timestamp, output: emit }) {
      emit(timestamp - (last.read() ?? 0));
      last.write(timestamp);
    },
  });

const thousandOnes = Array.from({ length: 1_000 }, () => 1);

/** All elements that are not behind the watermark, the watermark at 100, and those that are. */
const lateAfterHundred = testStream<number>()
  .addElements(...timed(...down(1_000, 100)))
  .advanceWatermarkTo(100)
  .addElements(...timed(...down(99, 1)));

/** Passes elements on in the order of their times. */
const passedOn = (): PTransform<PCollection<KV<string, number>>, PCollection<KV<string, number>>> =>
  parDo({
    requiresTimeSortedInput: true,
    output: output<KV<string, number>>(),
    process: (element: KV<string, number>, ctx) => ctx.output(element),
  });

/** Sums of a window as its elements come: each with its time, and the processing time at which it came out. */
const runningSums = (requiresTimeSortedInput: boolean) =>
  parDo({
    requiresTimeSortedInput,
    output: output<readonly [sum: number, time: Instant, outAt: Instant]>(),
    state: { sum: valueState<number>() },
    process([, n]: KV<string, number>, { state: { sum }, timestamp, processingTime, output: emit }) {
      sum.write((sum.read() ?? 0) + n);
      emit([sum.read()!, timestamp, processingTime]);
    },
  });

/** Two windows one after the other; the clock goes on whenever the watermark has. */
const twoWindows = testStream<number>()
  .addElements(at(5, 1), at(4, 2))
  .advanceWatermarkTo(4)
  .advanceProcessingTime(1)
  .advanceWatermarkTo(7)
  .advanceProcessingTime(1)
  .addElements(at(15, 1), at(14, 2), at(13, 3))
  .advanceWatermarkTo(13)
  .advanceProcessingTime(1)
  .advanceWatermarkTo(17);

const lateByOne = windowInto<number, IntervalWindow>(fixedWindows(10), { accumulation: "discarding", allowedLateness: 1 });

/** Steps whose elements come in the order of their times: section RTSI of the catalogue. */
export const timeSortedCases = caseModule(import.meta.url, {
  "RTSI-01": {
    title: "elements of a key come in the order of their times",
    build: (p) => p.apply(createAt(timed(...down(1_000, 1)))).pipe(withKeys("k"), distances()),
    expected: thousandOnes,
  },
  "RTSI-01/unbounded": {
    title: "elements of a key come in the order of their times in an unbounded input",
    build: (p) => p.apply(testStream<number>().addElements(...timed(...down(1_000, 1)))).pipe(withKeys("k"), distances()),
    expected: thousandOnes,
  },
  "RTSI-02": {
    title: "what is late but allowed is sorted in",
    build: (p) =>
      p
        .apply(lateAfterHundred)
        .pipe(windowInto(globalWindows(), { accumulation: "discarding", allowedLateness: 5_000 }), withKeys("k"), distances()),
    expected: thousandOnes,
  },
  "RTSI-04": {
    title: "a second step that sorts loses nothing more than the first",
    build(p) {
      const first = p.apply(lateAfterHundred).pipe(withKeys("k"), passedOn());
      return { first, second: first.apply("Second", passedOn()) };
    },
    check({ first = [], second = [] }, result) {
      mustEqual(second.length, first.length, "the number of elements that the second step saw");
      if (first.length < 900 || first.length > 999) throw new Error(`the first step saw ${first.length} elements`);
      mustDrop(result, { late: 1_000 - first.length, closed: 0 });
    },
  },
  "RTSI-05": {
    title: "elements are released in their order, once the watermark has passed their time and the allowed lateness",
    build: (p) => p.apply(twoWindows).pipe(lateByOne, withKeys("k"), runningSums(true)),
    expected: [
      [2, 4, 1],
      [3, 5, 1],
      [3, 13, 3],
      [5, 14, 3],
      [6, 15, 3],
    ],
  },
  "RTSI-05/unsorted": {
    title: "a step that needs no order gets elements as they come",
    build: (p) => p.apply(twoWindows).pipe(lateByOne, withKeys("k"), runningSums(false)),
    expected: [
      [1, 5, 0],
      [3, 4, 0],
      [1, 15, 2],
      [3, 14, 2],
      [6, 13, 2],
    ],
  },
});
