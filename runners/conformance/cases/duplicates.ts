import { kv, ptransform, type PCollection } from "../../../sdk/pipeline.ts";
import { at } from "../../../sdk/testing/at.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { minutes, seconds } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { deduplicate } from "../../../sdk/transforms/deduplicate.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { withTimestamps } from "../../../sdk/transforms/with-timestamps.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { caseModule, type Outputs } from "../case-module.ts";
import { mustEqual } from "../checks.ts";
import { createAt, oneByOne, sorted, withTime, withWindow } from "./support.ts";

const everyTenSeconds = ["k1", "k2", "k3", "k1", "k2", "k3", "k4", "k5", "k6"].map((key, i) => at(seconds(10 * i), key));

/** Elements of which some come again after a minute, and one when it may be forgotten. */
const repeated = testStream<string>()
  .advanceWatermarkTo(0)
  .addElements(at(0, "k1"), at(seconds(10), "k2"), at(seconds(20), "k3"), at(seconds(59), "maybe"));
const again = [at(seconds(30), "k1"), at(seconds(40), "k2"), at(seconds(50), "k3")];

/** The one that comes when it may be forgotten is there once or twice. */
const mustBeOnce = ({ main }: Outputs): void => {
  const often = main!.filter((key) => key === "maybe").length;
  const others = main!.filter((key) => key !== "maybe");
  mustEqual(sorted(others), ["k1", "k2", "k3"], "what is not forgotten");
  mustEqual(often === 1 || often === 2, true, "once or twice");
};

/** Elements behind the processing time at which they came through. */
const whenPassed = <T>() =>
  ptransform("WhenPassed", (elements: PCollection<T>) => elements.apply(map((element, { processingTime }) => kv(processingTime, element))));

const completed = testStream<string>().addElements(at(1, "a"), at(2, "a"), at(3, "b")).advanceWatermarkTo(20).advanceProcessingTime(5);

/** Windows, each behind the processing time at which it was complete. */
const whenComplete = () =>
  ptransform("WhenComplete", (elements: PCollection<string>) =>
    elements.pipe(
      withKeys("k"),
      groupByKey(),
      map(([, values], { processingTime, pane }) => [processingTime, pane.timing, ...sorted(values)]),
    ),
  );

/** Elements that have come a short time ago: rows of section LIB of the catalogue, and what they do not have. */
export const duplicateCases = caseModule(import.meta.url, {
  "LIB-09": {
    title: "the first element of each window passes",
    build: (p) =>
      p.apply(oneByOne(everyTenSeconds)).pipe(windowInto(fixedWindows(seconds(30))), deduplicate({ within: minutes(10) }), withWindow()),
    expected: [
      ...["k1", "k2", "k3"].flatMap((key) => [kv("[0,30000)", key), kv("[30000,60000)", key)]),
      ...["k4", "k5", "k6"].map((key) => kv("[60000,90000)", key)),
    ],
  },
  "LIB-10/event": {
    title: "elements that come again in event time are dropped",
    build: (p) =>
      p
        .apply(
          repeated
            .advanceWatermarkTo(minutes(1))
            .addElements(...again)
            .advanceWatermarkTo(minutes(11))
            .addElements(at(seconds(59), "maybe")),
        )
        .apply(deduplicate({ within: minutes(10), time: "event" })),
    check: mustBeOnce,
  },
  "LIB-10/processing": {
    title: "elements that come again in processing time are dropped",
    build: (p) =>
      p
        .apply(
          repeated
            .advanceProcessingTime(minutes(1))
            .addElements(...again)
            .advanceProcessingTime(minutes(10))
            .addElements(at(seconds(59), "maybe")),
        )
        .apply(deduplicate({ within: minutes(10) })),
    check: mustBeOnce,
  },
  "LIB-23+": {
    title: "in processing time the next element passes once the time is over, and others with it are dropped again",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(1, "a"), at(2, "a"))
            .advanceProcessingTime(9)
            .addElements(at(3, "a"))
            .advanceProcessingTime(1)
            .addElements(at(4, "a"))
            .advanceProcessingTime(9)
            .addElements(at(5, "a")),
        )
        .pipe(deduplicate({ within: 10 }), whenPassed()),
    expected: [
      [0, "a"],
      [10, "a"],
    ],
  },
  "LIB-24+": {
    title: "in event time an element passes that is later by more, wherever the watermark is, and what is earlier is dropped",
    build: (p) =>
      p
        .apply(testStream<string>().addElements(at(100, "a"), at(40, "a"), at(110, "a"), at(111, "a"), at(121, "a"), at(122, "a")))
        .pipe(deduplicate({ within: 10, time: "event" }), withTime()),
    expected: [
      [100, "a"],
      [111, "a"],
      [122, "a"],
    ],
  },
  "LIB-24+/forgotten": {
    title: "in event time a key is known until the watermark has passed its time",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(100, "a"))
            .advanceWatermarkTo(110)
            .addElements(at(101, "a"))
            .advanceWatermarkTo(111)
            .addElements(at(102, "a")),
        )
        .pipe(deduplicate({ within: 10, time: "event" }), withTime()),
    expected: [
      [100, "a"],
      [102, "a"],
    ],
  },
  "LIB-25+/processing": {
    title: "what is known of keys for a time does not hold the watermark back",
    build: (p) => p.apply(completed).pipe(deduplicate({ within: 60 }), windowInto(fixedWindows(10)), whenComplete()),
    expected: [[0, "ON_TIME", "a", "b"]],
  },
  "LIB-25+/event": {
    title: "what is known of keys for some event time does not hold the watermark back",
    build: (p) => p.apply(completed).pipe(deduplicate({ within: 60, time: "event" }), windowInto(fixedWindows(10)), whenComplete()),
    expected: [[0, "ON_TIME", "a", "b"]],
  },
  "LIB-25+/lateness": {
    title: "what is known of keys does not keep the windows that they are known in from being complete",
    build: (p) =>
      p
        .apply(completed)
        .pipe(
          windowInto(fixedWindows(10), { allowedLateness: 100, accumulation: "discarding" }),
          deduplicate({ within: 60 }),
          whenComplete(),
        ),
    expected: [[0, "ON_TIME", "a", "b"]],
  },
  "LIB-26+": {
    title: "elements are compared as keys are, whole or by what they have in common",
    build(p) {
      const pairs = p.apply(
        create([
          { a: 1, b: 2 },
          { b: 2, a: 1 },
          { a: 1, b: 3 },
          { a: 2, b: 2 },
        ]),
      );
      return {
        whole: pairs.apply("Whole", deduplicate({ within: 10 })),
        // Which one is the first is not defined where they come at once.
        byA: pairs.apply("ByA", deduplicate({ within: 10, key: ({ a }) => ({ is: a }) })).apply(map(({ a }) => a)),
      };
    },
    expected: {
      whole: [
        { a: 1, b: 2 },
        { a: 1, b: 3 },
        { a: 2, b: 2 },
      ],
      byA: [1, 2],
    },
  },
  "LIB-26+/moved": {
    title: "elements that have been moved beyond the expiry of their window are compared in it",
    build: (p) =>
      p.apply(createAt([at(1, "a"), at(2, "a"), at(3, "b")])).pipe(
        windowInto(fixedWindows(10)),
        withTimestamps(() => 50),
        deduplicate({ within: 10 }),
        withTime(),
      ),
    expected: [
      [50, "a"],
      [50, "b"],
    ],
  },
  "LIB-26+/merging": {
    title: "in sessions there are no duplicates to be found, since what is known would belong to no window for good",
    build: (p) => p.apply(create([1])).pipe(windowInto(sessions(10)), deduplicate({ within: 10 })),
    fails: /^STATE_IN_MERGING_WINDOW/,
  },
});
