import { describe, expect, test } from "vitest";
import { countPerElement, create, map, ptransform, writeTo, type MetricResult, type PCollection, type Pipeline, type Sink } from "millrace";
import { writeText } from "millrace/io/text";
import { progressBetween, stepCounts } from "../../runners/cli/view/progress.ts";
import { shapeOf, unknownShape } from "../../runners/cli/view/shape.ts";
import { fractionRead, totalsOf } from "../../runners/cli/view/totals.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { fileToFile, idle, sample } from "./samples.ts";

const counter = (step: string, name: string, committed: number, namespace = step): MetricResult<"counter"> => ({
  step,
  namespace,
  name,
  kind: "counter",
  attempted: committed + 1,
  committed,
});

test("a step's counts are those of its bundles that succeeded", () => {
  const metrics = [
    counter("Read", "elements_in", 1),
    counter("Read", "elements_out", 10),
    counter("Words", "elements_in", 10),
    counter("Words", "elements_in", 99, "a namespace of the user's"),
    counter("Words", "elements_out", 70),
    counter("Words", "of the user's", 5),
    counter("Read", "bytes", 1_234),
    counter("Read", "positions_total", 40),
    counter("Read", "positions_done", 30),
    counter("Read", "busy_ms", 2),
    counter("Read", "exchange_ms", 0.5),
    counter("Words", "dropped_late", 3),
    counter("Words", "dropped_closed", 1),
    counter("Words", "dropped_overflow", 1),
    counter("Words", "skipped", 6),
    counter("Words", "failed", 7),
  ];
  expect(stepCounts(metrics)).toEqual([
    { ...idle, path: "Read", in: 1, out: 10, bytes: 1_234, busyMs: 2.5, positionsDone: 30, positionsTotal: 40 },
    { ...idle, path: "Words", in: 10, out: 70, dropped: 5, late: 4, skipped: 6, failed: 7 },
  ]);
});

test("a step's pace is what it took or gave since the sample before, whichever is more", () => {
  const before = sample(1_000, ["Read", 1, 100], ["Write", 50, 0]);
  const now = sample(3_000, ["Read", 1, 700], ["Write", 450, 0], ["Late", 8, 4]);
  expect(progressBetween(before, now).map(({ path, perSecond }) => [path, perSecond])).toEqual([
    ["Read", 300],
    ["Write", 200],
    ["Late", 4],
  ]);
});

test("in no time there is no pace", () => {
  expect(progressBetween(sample(5, ["Read", 0, 0]), sample(5, ["Read", 1, 1]))[0]!.perSecond).toBe(0);
});

describe("the shape of a graph", () => {
  const ledger: Sink<unknown, string> = {
    name: "Ledger",
    open: () => ({ write: () => {}, finish: () => Promise.resolve("") }),
    commit: () => Promise.resolve(),
  };
  const saved = ptransform("Save", (elements: PCollection<unknown>) =>
    elements
      .apply(
        "Before",
        map((element) => element),
      )
      .apply(writeTo(ledger))
      .apply(
        "Log",
        map((done) => done),
      ),
  );
  const build = (p: Pipeline): void => {
    const words = p.apply("Words", create(["a", "b"]));
    words
      .apply("Count", countPerElement())
      .apply("Format", map(String))
      .apply("Write", writeText("never-written.txt"))
      .apply(
        "Show",
        map((file) => file),
      );
    words.apply(saved).apply(
      "After",
      map((done) => done),
    );
    words.apply(writeTo(ledger)).apply(
      "Told",
      map((done) => done),
    );
  };

  test("names what reads and writes, and the steps that serve no other purpose than that", () => {
    expect(shapeOf(buildGraph(build).graph)).toEqual({
      ends: ["Show", "After", "Told"],
      splits: new Set(["Words/Split"]),
      reads: new Set(["Words/Read"]),
      sinks: new Set(["Write/Files", "Save/Ledger", "Ledger"]),
      helpers: new Set(["Words/Split", "Words/Impulse", "Write/Names", "Save/Log"]),
      isBounded: true,
    });
  });
});

test("the totals are what sources gave and sinks took, and what became of elements on the way", () => {
  const now = sample(
    1,
    ["Read", 0, 100],
    ["Read/Split", 1, 2],
    ["Read/Read", 2, 100, { bytes: 5_000 }],
    ["Parse", 100, 97, { failed: 2, skipped: 1 }],
    ["Count", 97, 5, { dropped: 3 }],
    ["Write", 5, 1],
    ["Write/Files", 5, 1],
  );
  expect(totalsOf(now, fileToFile)).toEqual({ read: 100, bytes: 5_000, written: 5, dropped: 3, skipped: 1, failed: 2 });
});

describe("how much has been read", () => {
  const two = { ...fileToFile, splits: new Set(["A/Split", "B/Split"]), reads: new Set(["A/Read", "B/Read"]) };
  const cut = { positionsTotal: 60, busyMs: 1 };

  test("is the positions that reads have done, of those that all splits gave", () => {
    const now = sample(1, ["A/Split", 1, 2, cut], ["A/Read", 2, 9, { positionsDone: 15 }], ["B/Split", 1, 1, cut], ["B/Read", 0, 0]);
    expect(fractionRead(now, two)).toBe(0.125);
  });

  test("is not known before every source was cut into parts", () => {
    expect(fractionRead(sample(0), two)).toBeUndefined();
    expect(fractionRead(sample(1, ["A/Split", 1, 2, cut]), two)).toBeUndefined();
    expect(fractionRead(sample(1, ["A/Split", 1, 2, cut], ["B/Split", 0, 0]), two)).toBeUndefined();
  });

  test("is not known where a source has no end", () => {
    const now = sample(1, ["A/Split", 1, 2, cut], ["B/Split", 1, 1, { busyMs: 1 }]);
    expect(fractionRead(now, two)).toBeUndefined();
    expect(fractionRead(sample(1, ["A/Split", 1, 2, cut], ["B/Split", 1, 1, cut]), { ...two, isBounded: false })).toBeUndefined();
  });

  test("is all of it where there is nothing to read", () => {
    const now = sample(1, ["A/Split", 1, 0, { busyMs: 1 }], ["B/Split", 1, 0, { busyMs: 1 }]);
    expect(fractionRead(now, two)).toBe(1);
  });

  test("is never more than all, and nothing where the graph is not known", () => {
    const now = sample(1, ["Read/Split", 1, 2, cut], ["Read/Read", 2, 9, { positionsDone: 61 }]);
    expect(fractionRead(now, fileToFile)).toBe(1);
    expect(fractionRead(now, unknownShape)).toBeUndefined();
  });
});
