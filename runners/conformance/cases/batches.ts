import { kvCoder } from "../../../sdk/coders/kv.ts";
import { stringCoder } from "../../../sdk/coders/string.ts";
import { kv, ptransform, type KV, type PCollection } from "../../../sdk/pipeline.ts";
import { at, type At } from "../../../sdk/testing/at.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupIntoBatches } from "../../../sdk/transforms/group-into-batches.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { withTimestamps } from "../../../sdk/transforms/with-timestamps.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { sessions } from "../../../sdk/windows/sessions.ts";
import { caseModule } from "../case-module.ts";
import { createAt, oneByOne, panes, withTime, windowText } from "./support.ts";

const numbers = Array.from({ length: 10 }, (_, i) => i);
const everySecond = numbers.map((n): At<number> => at(n * 1_000, n));
const words = ["aa", "bbb", "cccccccc", "d", "ee", "fff"].map((word, i): At<string> => at(i, word));

/** Batches as lines: `[0,6000) ts0 {0,1}`, with their values in the order in which they have them. */
const batchLines = <V>() =>
  ptransform("BatchLines", (batches: PCollection<KV<unknown, readonly V[]>>) =>
    batches.apply(map(([, values], { window, timestamp }) => `${windowText(window)} ts${timestamp} {${values.join(",")}}`)),
  );

/** The values of batches behind the processing time at which they left. */
const whenLeft = <V>() =>
  ptransform("WhenLeft", (batches: PCollection<KV<unknown, readonly V[]>>) =>
    batches.apply(map(([, values], { processingTime }) => kv(processingTime, values))),
  );

/** The values of batches in windows of 10, grouped: what is late there is dropped. */
const regrouped = <V extends number | string>() =>
  ptransform("Regrouped", (batches: PCollection<KV<unknown, readonly V[]>>) =>
    batches.pipe(
      flatMap(([, values]) => values),
      windowInto(fixedWindows(10)),
      panes(),
    ),
  );

/** Values in batches: rows of section LIB of the catalogue, and what they do not have. */
export const batchCases = caseModule(import.meta.url, {
  "LIB-06": {
    title: "a batch leaves when it has so many elements, and at the end of its window",
    build: (p) =>
      p.apply(oneByOne(everySecond)).pipe(withKeys("k"), windowInto(fixedWindows(6_000)), groupIntoBatches({ size: 5 }), batchLines()),
    expected: ["[0,6000) ts0 {0,1,2,3,4}", "[0,6000) ts5000 {5}", "[6000,12000) ts6000 {6,7,8,9}"],
  },
  "LIB-06/bounded": {
    title: "batches of a collection that ends are as large as those of one that does not",
    build: (p) =>
      p.apply(createAt(everySecond)).pipe(
        withKeys("k"),
        windowInto(fixedWindows(6_000)),
        groupIntoBatches({ size: 5 }),
        map(([key, values], { window }) => [key, windowText(window), values.length]),
      ),
    expected: [
      ["k", "[0,6000)", 5],
      ["k", "[0,6000)", 1],
      ["k", "[6000,12000)", 4],
    ],
  },
  "LIB-17+": {
    title: "a batch has never more bytes than it may, unless one value alone has more",
    build: (p) =>
      p.apply(oneByOne(words)).pipe(withKeys("k"), groupIntoBatches({ byteSize: 5, byteSizeOf: (word) => word.length }), batchLines()),
    expected: ["global ts0 {aa,bbb}", "global ts2 {cccccccc}", "global ts3 {d,ee}", "global ts5 {fff}"],
  },
  "LIB-17+/coder": {
    title: "bytes are those of the coder of the values, unless they are counted otherwise",
    build: (p) =>
      p
        .apply(testStream(kvCoder(stringCoder, stringCoder)).addElements(at(0, kv("k", "é")), at(1, kv("k", "ab")), at(2, kv("k", "c"))))
        .pipe(groupIntoBatches({ byteSize: 4 }), batchLines()),
    expected: ["global ts0 {é,ab}", "global ts2 {c}"],
  },
  "LIB-17+/both": {
    title: "whichever limit is met first counts",
    build: (p) =>
      p
        .apply(oneByOne(words))
        .pipe(withKeys("k"), groupIntoBatches({ size: 2, byteSize: 9, byteSizeOf: (word) => word.length }), batchLines()),
    expected: ["global ts0 {aa,bbb}", "global ts2 {cccccccc,d}", "global ts4 {ee,fff}"],
  },
  "LIB-17+/exactly": {
    title: "a batch that has as many bytes as it may leaves at once",
    build: (p) =>
      p
        .apply(testStream<string>().addElements(at(1, "aa"), at(2, "bbb")).advanceProcessingTime(5))
        .pipe(withKeys("k"), groupIntoBatches({ byteSize: 5, byteSizeOf: (word) => word.length }), whenLeft()),
    expected: [[0, ["aa", "bbb"]]],
  },
  "LIB-17+/wrong": {
    title: "what is no number of bytes fails the run, and the error shows the value",
    build: (p) => p.apply(create(["a"])).pipe(withKeys("k"), groupIntoBatches({ byteSize: 5, byteSizeOf: () => Number.NaN })),
    fails: /^BAD_ARGUMENT.*byteSizeOf[^]*NaN for "a"/,
  },
  "LIB-18+": {
    title: "a batch leaves when its first value has waited for so long",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(1, "a"))
            .advanceProcessingTime(6)
            .addElements(at(2, "b"))
            .advanceProcessingTime(4)
            .addElements(at(3, "c"))
            .advanceProcessingTime(9)
            .addElements(at(4, "d"))
            .advanceProcessingTime(1)
            .addElements(at(5, "e")),
        )
        .pipe(withKeys("k"), groupIntoBatches({ maxBufferingDuration: 10 }), whenLeft()),
    expected: [
      [10, ["a", "b"]],
      [20, ["c", "d"]],
      [20, ["e"]],
    ],
  },
  "LIB-18+/full": {
    title: "the time of a batch that was full before it was over does not count for the next one",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(1, "a"))
            .advanceProcessingTime(6)
            .addElements(at(2, "b"), at(3, "c"))
            .advanceProcessingTime(9)
            .addElements(at(4, "d"))
            .advanceProcessingTime(9),
        )
        .pipe(withKeys("k"), groupIntoBatches({ size: 2, maxBufferingDuration: 10 }), whenLeft()),
    expected: [
      [6, ["a", "b"]],
      [15, ["c", "d"]],
    ],
  },
  "LIB-19+": {
    title: "the watermark waits at the earliest value of a batch, so that batches are not late",
    build: (p) =>
      p
        .apply(testStream<string>().addElements(at(19, "a")).addElements(at(3, "b")).advanceWatermarkTo(20).addElements(at(25, "c")))
        .pipe(withKeys("k"), groupIntoBatches({ size: 3 }), regrouped()),
    expected: ["[0,10) {a,b,c} ts9 O(0,0) F Z"],
  },
  "LIB-19+/overdue": {
    title: "it waits where a batch leaves because it has waited for long enough",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(19, "a"))
            .addElements(at(3, "b"))
            .advanceWatermarkTo(20)
            .advanceProcessingTime(10)
            .addElements(at(25, "c"))
            .advanceProcessingTime(10),
        )
        .pipe(withKeys("k"), groupIntoBatches({ size: 3, maxBufferingDuration: 10 }), regrouped()),
    expected: ["[0,10) {a,b} ts9 O(0,0) F Z", "[20,30) {c} ts29 O(0,0) F Z"],
  },
  "LIB-19+/bytes": {
    title: "it waits for the value that had no room in the batch before",
    build: (p) =>
      p
        .apply(testStream<string>().addElements(at(15, "aaa")).addElements(at(3, "bbb")).advanceWatermarkTo(20).addElements(at(25, "cc")))
        .pipe(withKeys("k"), groupIntoBatches({ byteSize: 5, byteSizeOf: (word) => word.length }), regrouped()),
    expected: ["[0,10) {bbb,cc} ts9 O(0,0) F Z", "[10,20) {aaa} ts19 O(0,0) F Z"],
  },
  "LIB-20+": {
    title: "what is left leaves when its window ends, whatever lateness is allowed, and what comes later at once",
    build: (p) =>
      p
        .apply(
          testStream<string>()
            .addElements(at(1, "a"), at(2, "b"))
            .advanceWatermarkTo(15)
            .advanceProcessingTime(5)
            .addElements(at(3, "c"), at(4, "d"))
            .advanceProcessingTime(5),
        )
        .pipe(
          windowInto(fixedWindows(10), { allowedLateness: 100, accumulation: "discarding" }),
          withKeys("k"),
          groupIntoBatches({ size: 5 }),
          whenLeft(),
        ),
    expected: [
      [0, ["a", "b"]],
      [5, ["c", "d"]],
    ],
  },
  "LIB-21+": {
    title: "keys, and windows of an element, have batches of their own",
    build: (p) =>
      p
        .apply(oneByOne([at(1, kv({ id: 1 }, "a")), at(2, kv({ id: 2 }, "b")), at(3, kv({ id: 1 }, "c")), at(11, kv({ id: 1 }, "d"))]))
        .pipe(windowInto(fixedWindows(10)), groupIntoBatches({ size: 2 }), withTime()),
    expected: [
      [1, [{ id: 1 }, ["a", "c"]]],
      [2, [{ id: 2 }, ["b"]]],
      [11, [{ id: 1 }, ["d"]]],
    ],
  },
  "LIB-21+/moved": {
    title: "elements that have been moved beyond the end of their window have batches in it",
    build: (p) =>
      p.apply(createAt([at(1, "a"), at(2, "b"), at(3, "c")])).pipe(
        windowInto(fixedWindows(10)),
        withTimestamps(() => 50),
        withKeys("k"),
        groupIntoBatches({ size: 2 }),
        map(([, { length }], { window, timestamp }) => `${windowText(window)} ts${timestamp} ${length}`),
      ),
    expected: ["[0,10) ts50 2", "[0,10) ts50 1"],
  },
  "LIB-22+": {
    title: "sessions have no batches, since they would belong to no window for good",
    build: (p) => p.apply(create([1])).pipe(withKeys("k"), windowInto(sessions(10)), groupIntoBatches({ size: 2 })),
    fails: /^STATE_IN_MERGING_WINDOW/,
  },
});
