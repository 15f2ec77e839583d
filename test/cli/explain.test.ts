import type { AnySource } from "../../sdk/source.ts";
import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import { expect, test } from "vitest";
import { count, defaultTrigger, fixedWindows, globalWindows, kvCoder, minutes, numberCoder, stringCoder, structuralCoder } from "millrace";
import type { BoundedSource, Collection, Graph, OffsetRange, Sink, WindowFn, WindowingStrategy } from "millrace";
import { jsonOf } from "../../runners/cli/explain/json.ts";
import { mermaidOf } from "../../runners/cli/explain/mermaid.ts";
import { textOf } from "../../runners/cli/explain/text.ts";

const source: BoundedSource<unknown, OffsetRange> = {
  name: "Visits",
  restriction: () => ({ from: 0, to: 0 }),
  split: (all) => [all],
  async *read() {},
};
const sink: Sink<unknown, unknown> = {
  name: "Ledger",
  open: () => ({ write: () => {}, finish: () => Promise.resolve("") }),
  commit: () => Promise.resolve(),
};

const windowing = (windowFn: WindowingStrategy["windowFn"] | WindowFn, rest: object = {}): WindowingStrategy => ({
  ...DEFAULT_SETTINGS,
  windowFn,
  trigger: defaultTrigger(),
  ...rest,
});
const everywhere = windowing(globalWindows());
const byMinute = windowing(fixedWindows(minutes(1)), { accumulation: "discarding", allowedLateness: 5_000 });
const call = (): never => expect.fail("explaining runs nothing");

const collections: readonly Omit<Collection, "id">[] = [
  { name: "Read/Impulse", coder: structuralCoder, windowing: everywhere, isBounded: true },
  { name: "Read/Read", coder: stringCoder, windowing: everywhere, isBounded: false },
  { name: 'Not "bots"', coder: stringCoder, windowing: everywhere, isBounded: false },
  { name: 'Not "bots".failed', coder: structuralCoder, windowing: everywhere, isBounded: false },
  { name: "Minutes", coder: kvCoder(stringCoder, stringCoder), windowing: byMinute, isBounded: false },
  { name: "Count/GroupByKey", coder: kvCoder(stringCoder, structuralCoder), windowing: byMinute, isBounded: false },
  { name: "Count/Fold", coder: kvCoder(stringCoder, numberCoder), windowing: byMinute, isBounded: false },
  { name: "Save", coder: stringCoder, windowing: byMinute, isBounded: false },
];
const at = (id: number, path: string, inputs: readonly number[], outputs: Readonly<Record<string, number>>, parent?: number) => ({
  id,
  path,
  parent,
  inputs,
  outputs,
});
const visits: Graph = {
  nodes: [
    { ...at(0, "Read", [], { main: 1 }), kind: "composite", spec: undefined },
    { ...at(1, "Read/Impulse", [], { main: 0 }, 0), kind: "impulse" },
    {
      ...at(2, "Read/Read", [0], { main: 1 }, 0),
      kind: "parDo",
      fn: { kind: "read", of: { kind: "source", source: source as unknown as AnySource, isBounded: true } },
    },
    { ...at(3, 'Not "bots"', [1], { main: 2, failed: 3 }), kind: "parDo", fn: { kind: "filter", call } },
    { ...at(4, "Minutes", [2], { main: 4 }), kind: "windowInto", windowFn: byMinute.windowFn },
    { ...at(5, "Count", [4], { main: 6 }), kind: "composite", spec: { kind: "combine", fn: count() } },
    { ...at(6, "Count/GroupByKey", [4], { main: 5 }, 5), kind: "groupByKey" },
    { ...at(7, "Count/Fold", [5], { main: 6 }, 5), kind: "parDo", fn: { kind: "map", call } },
    { ...at(8, "Save", [6], { main: 7 }), kind: "sink", sink },
    { ...at(9, "Failed", [3], {}), kind: "collect" },
  ],
  collections: collections.map((collection, id) => ({ ...collection, id })),
};

test("as text, a graph is the tree of its steps, and what groups, reads and writes", () => {
  expect(textOf("visits", visits)).toBe(`visits: 8 steps, without end

step          kind           coder                  window        bounded
Read
  Impulse     impulse        structural             global        bounded
  Read        read Visits    string                 global        unbounded
Not "bots"    filter
  .main                      string                 global        unbounded
  .failed                    structural             global        unbounded
Minutes       windowInto     kv(string,string)      fixed(60000)  unbounded
Count         combine count
  GroupByKey  groupByKey     kv(string,structural)  fixed(60000)  unbounded
  Fold        map            kv(string,number)      fixed(60000)  unbounded
Save          sink Ledger    string                 fixed(60000)  unbounded
Failed        collect

groupings
  Count/GroupByKey: window fixed(60000), trigger default, discarding, allowed lateness 5000 ms

combines
  Count: count

sources
  Read/Read: Visits, each element once in a run

sinks
  Save: Ledger, published once, when the run succeeds
`);
});

test("as mermaid, a graph is a flowchart with a frame for each composite", () => {
  expect(mermaidOf(visits)).toBe(`flowchart TB
  subgraph n0["Read"]
    n1(["Impulse"])
    n2["Read<br>read Visits"]
  end
  n3["Not #quot;bots#quot;<br>filter"]
  n4["Minutes<br>windowInto"]
  subgraph n5["Count"]
    n6{{"GroupByKey"}}
    n7["Fold<br>map"]
  end
  n8(["Save<br>sink Ledger"])
  n9(["Failed<br>collect"])
  n1 --> n2
  n2 --> n3
  n3 --> n4
  n4 -->|"fixed(60000)"| n6
  n6 -->|"fixed(60000)"| n7
  n7 -->|"fixed(60000)"| n8
  n3 -->|"failed"| n9
`);
});

test("as JSON, a graph is what it is, without its functions", () => {
  const { name, nodes, collections: all } = JSON.parse(JSON.stringify(jsonOf("visits", visits))) as Record<string, unknown[]>;
  const visitsRead = { source: "Visits", delivery: "oncePerRun" };
  const minuteWindows = { windowFn: "fixed(60000)", accumulation: "discarding", allowedLateness: 5_000 };
  const ledger = { sink: "Ledger", shards: 1, delivery: "onCommit" };
  expect(name).toBe("visits");
  expect(nodes).toEqual([
    { id: 0, path: "Read", kind: "composite", inputs: [], outputs: { main: 1 } },
    { id: 1, path: "Read/Impulse", kind: "impulse", parent: 0, inputs: [], outputs: { main: 0 } },
    { id: 2, path: "Read/Read", kind: "parDo", fn: "read", ...visitsRead, parent: 0, inputs: [0], outputs: { main: 1 } },
    { id: 3, path: 'Not "bots"', kind: "parDo", fn: "filter", inputs: [1], outputs: { main: 2, failed: 3 } },
    { id: 4, path: "Minutes", kind: "windowInto", ...minuteWindows, inputs: [2], outputs: { main: 4 } },
    { id: 5, path: "Count", kind: "composite", combineFn: "count", emitDefault: false, inputs: [4], outputs: { main: 6 } },
    { id: 6, path: "Count/GroupByKey", kind: "groupByKey", parent: 5, inputs: [4], outputs: { main: 5 } },
    { id: 7, path: "Count/Fold", kind: "parDo", fn: "map", parent: 5, inputs: [5], outputs: { main: 6 } },
    { id: 8, path: "Save", kind: "sink", ...ledger, inputs: [6], outputs: { main: 7 } },
    { id: 9, path: "Failed", kind: "collect", inputs: [3], outputs: {} },
  ]);
  expect(all).toHaveLength(8);
  expect(all![6]).toEqual({
    id: 6,
    name: "Count/Fold",
    coder: "kv(string,number)",
    windowing: { ...DEFAULT_SETTINGS, ...minuteWindows, trigger: { kind: "default" } },
    isBounded: false,
  });
});
