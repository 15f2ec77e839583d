import { describe, expect, test } from "vitest";
import {
  MAX_INSTANT,
  MIN_INSTANT,
  days,
  globalWindow,
  groupByKey,
  keyBy,
  numberCoder,
  output,
  seconds,
  stringCoder,
  structuralCoder,
  type PTransform,
  type Pipeline,
  type TestStreamEvent,
} from "millrace";
import { at, testStream, testStreams } from "millrace/testing";
import { errorOf, graphOf, nodeAt, outputOf } from "./support/graph.ts";

/** The events of a stream as its node has them. */
function eventsOf(stream: PTransform<Pipeline, unknown>): readonly TestStreamEvent[] {
  const node = nodeAt(
    graphOf((p) => void p.apply(stream)),
    "TestStream",
  );
  if (node.kind !== "testStream") throw new Error(`the step is a ${node.kind}`);
  return node.events;
}

const letters = testStream<string>();
const two = testStreams({ letters: output<string>(), numbers: output(numberCoder) });
const lastLegal = globalWindow.maxTimestamp;

describe("events", () => {
  test("TSTR-01 elements without a time take the watermark of now, and the last event is the end", () => {
    const stream = letters
      .advanceWatermarkTo(0)
      .addElements("a", at(3, "b"), at(6, "c"))
      .advanceProcessingTime(10)
      .advanceWatermarkTo(8)
      .addElements("d")
      .advanceWatermarkToInfinity();
    expect(eventsOf(stream)).toEqual([
      { kind: "watermark", tag: "main", to: 0 },
      {
        kind: "elements",
        tag: "main",
        elements: [
          { value: "a", timestamp: 0 },
          { value: "b", timestamp: 3 },
          { value: "c", timestamp: 6 },
        ],
      },
      { kind: "processingTime", by: 10 },
      { kind: "watermark", tag: "main", to: 8 },
      { kind: "elements", tag: "main", elements: [{ value: "d", timestamp: 8 }] },
      { kind: "watermark", tag: "main", to: MAX_INSTANT },
    ]);
  });

  test("TSTR-01 before the watermark was moved it is at the beginning of time", () => {
    const [first] = eventsOf(letters.addElements("a"));
    expect(first).toEqual({ kind: "elements", tag: "main", elements: [{ value: "a", timestamp: MIN_INSTANT }] });
  });

  test("TSTR-04 each stream has a watermark of its own", () => {
    const stream = two
      .advanceWatermarkTo("letters", 5)
      .advanceWatermarkTo("numbers", 4)
      .addElements("letters", "a")
      .addElements("numbers", 1);
    expect(eventsOf(stream).slice(2, 4)).toEqual([
      { kind: "elements", tag: "letters", elements: [{ value: "a", timestamp: 5 }] },
      { kind: "elements", tag: "numbers", elements: [{ value: 1, timestamp: 4 }] },
    ]);
  });

  test("TSTR-06 every stream that was not ended ends at last", () => {
    const stream = two.advanceWatermarkToInfinity("numbers").addElements("letters", "a");
    expect(eventsOf(stream)).toEqual([
      { kind: "watermark", tag: "numbers", to: MAX_INSTANT },
      { kind: "elements", tag: "letters", elements: [{ value: "a", timestamp: MIN_INSTANT }] },
      { kind: "watermark", tag: "letters", to: MAX_INSTANT },
    ]);
  });

  test("TSTR-11 an element that looks like one with a time is an element", () => {
    const stream = testStream<{ readonly value: string; readonly timestamp: number }>().addElements({ value: "a", timestamp: 3 });
    expect(eventsOf(stream)[0]).toMatchObject({ elements: [{ value: { value: "a", timestamp: 3 }, timestamp: MIN_INSTANT }] });
  });

  test("no elements are no event", () => {
    expect(eventsOf(letters.addElements().advanceWatermarkToInfinity())).toHaveLength(1);
  });

  test("an event leaves the stream that it is added to as it was", () => {
    const start = letters.addElements("a");
    start.advanceWatermarkTo(7).addElements("b");
    expect(eventsOf(start)).toEqual(eventsOf(letters.addElements("a")));
  });
});

describe("events that cannot happen", () => {
  test.each<[string, () => unknown]>([
    ["the watermark goes back", () => letters.advanceWatermarkTo(5).advanceWatermarkTo(4)],
    ["the watermark goes back below zero", () => letters.advanceWatermarkTo(0).advanceWatermarkTo(-1)],
    ["the watermark is moved to the end of time as if that were an instant like others", () => letters.advanceWatermarkTo(MAX_INSTANT)],
    ["an element is at the end of time", () => letters.addElements(at(MAX_INSTANT, "a"))],
  ])("TSTR-02 %s: refused while the stream is made", (_, make) => {
    expect(errorOf(make).code).toBe("BAD_TEST_STREAM");
  });

  test("TSTR-02 processing time goes back: refused while the stream is made", () => {
    expect(errorOf(() => letters.advanceProcessingTime(-1)).code).toBe("BAD_ARGUMENT");
  });

  test("TSTR-02 the last legal time of an element is the end of the global window", () => {
    expect(eventsOf(letters.addElements(at(lastLegal, "a")))[0]).toMatchObject({ elements: [{ value: "a", timestamp: lastLegal }] });
    expect(errorOf(() => letters.addElements(at(lastLegal + 1, "a"))).code).toBe("BAD_TEST_STREAM");
  });

  test.each<[string, () => unknown]>([
    ["a time that is no number", () => letters.addElements(at(NaN, "a"))],
    ["a time before time", () => letters.addElements(at(MIN_INSTANT - 1, "a"))],
    ["a part of a millisecond", () => letters.addElements(at(0.5, "a"))],
    ["a watermark that is no number", () => letters.advanceWatermarkTo(NaN)],
    ["an element after the end", () => letters.advanceWatermarkToInfinity().addElements("a")],
    ["a second end", () => two.advanceWatermarkToInfinity("numbers").advanceWatermarkToInfinity("numbers")],
    ["an element without a time when the global window is over", () => letters.advanceWatermarkTo(lastLegal + days(0.5)).addElements("a")],
    // @ts-expect-error no such stream
    ["a stream that is not declared", () => two.addElements("lost", "a")],
  ])("%s", (_, make) => {
    const { code, parts } = errorOf(make);
    expect(code).toBe("BAD_TEST_STREAM");
    expect(parts.got).toBeDefined();
    expect(parts.fix).toBeDefined();
  });

  test("the tag of a stream is a text that is not empty", () => {
    expect(errorOf(() => testStreams({ "": output<string>() })).code).toBe("BAD_NAME");
  });
});

describe("the step", () => {
  const stream = two.addElements("letters", "a");

  test("an output for each stream, with its coder; none of them ends by itself", () => {
    const graph = graphOf((p) => void p.apply(stream));
    expect(outputOf(graph, "TestStream", "letters")).toMatchObject({
      name: "TestStream.letters",
      coder: structuralCoder,
      isBounded: false,
    });
    expect(outputOf(graph, "TestStream", "numbers")).toMatchObject({ name: "TestStream.numbers", coder: numberCoder, isBounded: false });
  });

  test("the coder of a single stream", () => {
    const graph = graphOf((p) => void p.apply(testStream(stringCoder).addElements("a")));
    expect(outputOf(graph, "TestStream").coder).toBe(stringCoder);
  });

  test("one stream can be applied several times, under names of its own", () => {
    const graph = graphOf((p) => {
      p.apply("First", letters.addElements("a"));
      p.apply("Second", letters.addElements("a"));
    });
    expect(graph.nodes.map(({ path }) => path)).toEqual(["First", "Second"]);
  });

  test("a grouping of it that would never emit is refused, as of any stream without an end", () => {
    const error = errorOf(() =>
      graphOf((p) => {
        p.apply(letters).pipe(
          keyBy((letter) => letter),
          groupByKey(),
        );
      }),
    );
    expect(error.code).toBe("UNBOUNDED_GROUP");
  });

  test("TSTR-09 events are data: they come back from bytes as they were", () => {
    const events = eventsOf(
      letters
        .addElements("hey")
        .advanceWatermarkTo(22_521_600)
        .advanceProcessingTime(42)
        .addElements("hey", at(3, "joe"))
        .advanceWatermarkToInfinity(),
    );
    expect(structuralCoder.decode(structuralCoder.encode(events))).toEqual({ _tag: "Right", right: events });
    const tagged = eventsOf(two.addElements("letters", "hey").addElements("numbers", 1).advanceProcessingTime(seconds(1)));
    expect(structuralCoder.decode(structuralCoder.encode(tagged))).toEqual({ _tag: "Right", right: tagged });
  });
});
