import { ptransform, type PCollection } from "../../../sdk/pipeline.ts";
import { at } from "../../../sdk/testing/at.ts";
import { testStream, testStreams } from "../../../sdk/testing/test-stream.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output } from "../../../sdk/transforms/par-do.ts";
import { wait } from "../../../sdk/transforms/wait.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { afterCount, afterWatermark } from "../../../sdk/trigger.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { createAt, windowText } from "./support.ts";

const tens = fixedWindows(10);

/** Elements behind the processing time at which they came through, and their window. */
const whenPassed = <T>() =>
  ptransform("WhenPassed", (elements: PCollection<T>) =>
    elements.apply(map((element, { processingTime, window }) => [processingTime, windowText(window), element])),
  );

const streams = testStreams({ main: output<string>(), signal: output<number>() })
  .addElements("main", at(1, "a"), at(11, "b"))
  .addElements("signal", at(2, 2), at(12, 12))
  .advanceWatermarkTo("main", 50)
  .advanceProcessingTime(1);

/** Elements that wait for other collections; the catalogue has no rows of it. */
export const waitCases = caseModule(import.meta.url, {
  "LIB-27+": {
    title: "elements of a window pass when the signal is complete there",
    build(p) {
      const { main, signal } = p.apply(
        streams
          .advanceWatermarkTo("signal", 9)
          .advanceProcessingTime(1)
          .advanceWatermarkTo("signal", 10)
          .advanceProcessingTime(1)
          .advanceWatermarkTo("signal", 20)
          .advanceProcessingTime(1)
          .addElements("main", at(13, "c")),
      );
      return main.pipe(
        windowInto(tens, { allowedLateness: 100, accumulation: "discarding" }),
        wait(signal.apply("Tens", windowInto(tens))),
        whenPassed(),
      );
    },
    expected: [
      [2, "[0,10)", "a"],
      [3, "[10,20)", "b"],
      [4, "[10,20)", "c"],
    ],
  },
  "LIB-27+/panes": {
    title: "panes of the signal's windows do not let elements pass, and neither does its lateness before it is over",
    build(p) {
      const { main, signal } = p.apply(
        streams.advanceWatermarkTo("signal", 14).advanceProcessingTime(1).advanceWatermarkTo("signal", 15).advanceProcessingTime(1),
      );
      const early = windowInto(tens, {
        trigger: afterWatermark({ early: afterCount(1) }),
        accumulation: "discarding",
        allowedLateness: 5,
        closing: "always",
      });
      return main.pipe(windowInto(tens), wait(signal.apply("Tens", early)), whenPassed());
    },
    expected: [
      [2, "[0,10)", "a"],
      [3, "[10,20)", "b"],
    ],
  },
  "LIB-27+/several": {
    title: "elements wait for all of several signals, which may be in other windows and hold nothing",
    build(p) {
      const { main, signal, other } = p.apply(
        testStreams({ main: output<string>(), signal: output<number>(), other: output<number>() })
          .addElements("main", at(-12, "a"), at(11, "b"))
          .advanceWatermarkTo("main", 50)
          .advanceWatermarkTo("signal", 50)
          .advanceProcessingTime(1)
          .advanceWatermarkTo("other", 10)
          .advanceProcessingTime(1)
          .advanceWatermarkTo("other", 20),
      );
      return main.pipe(
        windowInto(slidingWindows(10, 5)),
        wait(signal.apply("Tens", windowInto(tens)), other.apply("Twenties", windowInto(fixedWindows(20)))),
        whenPassed(),
      );
    },
    expected: [
      [1, "[-20,-10)", "a"],
      [1, "[-15,-5)", "a"],
      [2, "[5,15)", "b"],
      [2, "[10,20)", "b"],
    ],
  },
  "LIB-28+": {
    title: "in the global window elements wait for a collection that ends, whether it has elements or not",
    build(p) {
      const main = p.apply("Main", testStream<string>().addElements(at(1, "a")).advanceProcessingTime(1));
      const ending = p.apply("Signal", create([1, 2, 3]));
      return { some: main.apply("Some", wait(ending)), none: main.apply("None", wait(p.apply("Nothing", create<number>([])))) };
    },
    expected: { some: ["a"], none: ["a"] },
  },
  "LIB-28+/itself": {
    title: "a collection may wait for its own end",
    build(p) {
      const numbers = p.apply(create([1, 2, 3]));
      return numbers.apply(wait(numbers));
    },
    expected: [1, 2, 3],
  },
  "LIB-28+/memory": {
    title: "what signals hold is kept nowhere",
    build(p) {
      const signal = p.apply("Signal", createAt([at(1, "x"), at(2, "y")]));
      return p.apply(createAt([at(1, "a")])).apply(wait(signal));
    },
    expected: ["a"],
    check: (_, result) =>
      mustEqual(
        result
          .metrics({ name: "elements_in", kind: "counter" })
          .filter(({ step, committed }) => /^Wait\/.*GroupByKey$/.test(step) && committed > 0),
        [],
        "what the side input of a signal took in",
      ),
  },
  "LIB-28+/endless": {
    title: "a signal without end in the global window is refused",
    build(p) {
      const { main, signal } = p.apply(streams);
      return main.apply(wait(signal));
    },
    fails: /^SIDE_INPUT_NEVER_READY.*would never be complete/,
  },
});
