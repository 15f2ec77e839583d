import { expect, test } from "vitest";
import {
  boundedSource,
  combinePerKey,
  count,
  filter,
  fixedWindows,
  groupByKey,
  keyBy,
  map,
  seconds,
  stringCoder,
  windowInto,
  writeTo,
} from "millrace";
import type { BoundedSource, OffsetRange, Pipeline, Sink } from "millrace";
import { jsonOf } from "../../runners/cli/explain/json.ts";
import { mermaidOf } from "../../runners/cli/explain/mermaid.ts";
import { textOf } from "../../runners/cli/explain/text.ts";
import { triggerText } from "../../runners/cli/explain/words.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";

const source: BoundedSource<string, OffsetRange> = {
  name: "Visits",
  restriction: () => ({ from: 0, to: 0 }),
  split: (all) => [all],
  async *read() {},
  coder: stringCoder,
};
const sink: Sink<unknown, string> = {
  name: "Ledger",
  open: () => ({ write: () => {}, finish: () => Promise.resolve("") }),
  commit: () => Promise.resolve(),
  committableCoder: stringCoder,
};

const visits = buildGraph((p: Pipeline) => {
  const byPage = p
    .apply(boundedSource(source))
    .apply(
      'Not "bots"',
      filter((visit) => !visit.includes("bot")),
    )
    .apply(
      "ByPage",
      keyBy((visit) => visit.split(" ")[0]!),
    );
  byPage
    .apply("Minutes", windowInto(fixedWindows(seconds(60))))
    .apply("PerMinute", combinePerKey(count()))
    .apply("Save", writeTo(sink));
  byPage.apply("All", groupByKey()).apply(
    "Pages",
    map(([page]) => page),
  );
});

test("text", () => {
  expect(textOf("visits", visits)).toBe("");
});

test("mermaid", () => {
  expect(mermaidOf(visits)).toBe("");
});

test("json", () => {
  expect(JSON.stringify(jsonOf("visits", visits), undefined, 1)).toBe("");
});
