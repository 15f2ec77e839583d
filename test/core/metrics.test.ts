import { describe, expect, test } from "vitest";
import {
  combinePerKey,
  count,
  counter,
  create,
  distribution,
  filter,
  flatten,
  gauge,
  groupByKey,
  map,
  stringSet,
  sum,
  type KV,
  NEVER,
} from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import type { BundleResult } from "../../runners/core/bundle.ts";
import { BundleMetrics, type MetricDelta } from "../../runners/core/metric-container.ts";
import { RunMetrics } from "../../runners/core/run-metrics.ts";
import { enterContainer, leaveContainer } from "../../sdk/metric-cells.ts";
import { planOf, stageAt } from "../support/hand-driven.ts";

/** What a step's code adds to its metrics in one bundle. */
function takenIn(metrics: BundleMetrics, use: () => void): readonly MetricDelta[] {
  const outer = enterContainer(metrics);
  try {
    use();
  } finally {
    leaveContainer(outer);
  }
  return metrics.take();
}

const delta = (name: string, value: MetricDelta["value"], namespace = "Step"): MetricDelta => ({ step: "Step", name, namespace, value });

describe("the metrics of a step in a bundle", () => {
  test("MET-10 a counter adds and takes off", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => {
      const words = counter("words");
      words.inc();
      words.inc(47);
      words.dec(5);
    });
    expect(deltas).toEqual([delta("words", { kind: "counter", add: 43 })]);
  });

  test("a distribution keeps sum, count, least and greatest", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => [5, 8, 13].forEach((value) => distribution("d").update(value)));
    expect(deltas).toEqual([delta("d", { kind: "distribution", sum: 26, count: 3, min: 5, max: 13 })]);
  });

  test("a distribution of values below zero has its greatest below zero", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => [-5, -8].forEach((value) => distribution("d").update(value)));
    expect(deltas).toEqual([delta("d", { kind: "distribution", sum: -13, count: 2, min: -8, max: -5 })]);
  });

  test("a gauge keeps the last value, with its time", () => {
    let now = 100;
    const deltas = takenIn(new BundleMetrics("Step", () => now), () => {
      gauge("g").set(12);
      now = 200;
      gauge("g").set(7);
    });
    expect(deltas).toEqual([delta("g", { kind: "gauge", set: 7, timestamp: 200 })]);
  });

  test("a set keeps each string once", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => ["a", "b", "a"].forEach((text) => stringSet("s").add(text)));
    expect(deltas).toEqual([delta("s", { kind: "stringSet", add: ["a", "b"] })]);
  });

  test("are taken once, and begin anew for the next bundle", () => {
    const metrics = new BundleMetrics("Step", () => 0);
    const use = (): void => {
      counter("c").inc(2);
      distribution("d").update(1);
      gauge("g").set(1);
      stringSet("s").add("x");
    };
    const first = takenIn(metrics, use);
    expect(first).toHaveLength(4);
    expect(takenIn(metrics, () => {})).toEqual([]);
    expect(takenIn(metrics, use)).toEqual(first);
  });

  test("a counter that was counted to zero is there all the same", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => {
      counter("c").inc();
      counter("c").dec();
    });
    expect(deltas).toEqual([delta("c", { kind: "counter", add: 0 })]);
  });

  test("of one name are apart by kind and namespace", () => {
    const deltas = takenIn(new BundleMetrics("Step", () => 0), () => {
      counter("x").inc(1);
      counter("x", { namespace: "other" }).inc(2);
      gauge("x").set(3);
    });
    expect(deltas.map(({ namespace, value }) => [namespace, value.kind])).toEqual([
      ["Step", "counter"],
      ["other", "counter"],
      ["Step", "gauge"],
    ]);
  });

  test("MET-09 outside of a step have no effect", () => {
    const metrics = new BundleMetrics("Step", () => 0);
    const words = counter("words");
    expect(takenIn(metrics, () => words.inc())).toHaveLength(1);
    words.inc(100);
    words.dec();
    distribution("d").update(1);
    gauge("g").set(1);
    stringSet("s").add("x");
    expect(metrics.take()).toEqual([]);
  });

  test("of two steps do not mix, although they use one counter", () => {
    const [one, two] = [new BundleMetrics("One", () => 0), new BundleMetrics("Two", () => 0)];
    const words = counter("words");
    const inOne = enterContainer(one);
    words.inc();
    const inTwo = enterContainer(two);
    words.inc(10);
    leaveContainer(inTwo);
    words.inc();
    leaveContainer(inOne);
    expect(one.take()).toMatchObject([{ step: "One", value: { add: 2 } }]);
    expect(two.take()).toMatchObject([{ step: "Two", value: { add: 10 } }]);
  });
});

describe("the metrics of a run", () => {
  const plan = planOf((p) => {
    const numbers = p.apply("Numbers", create([1, 2]));
    const even = numbers.apply(
      "Even",
      filter((n) => n % 2 === 0),
    );
    even
      .apply(
        "Pairs",
        map((n): KV<string, number> => ["a", n]),
      )
      .apply("Sum", combinePerKey(sum()));
    flatten("Twice", [numbers, numbers]);
  });
  const result = (path: string, given: Partial<BundleResult<Label>> = {}): BundleResult<Label> => ({
    stage: stageAt(plan, path).id,
    partition: 0,
    batches: [],
    residuals: [],
    resting: [],
    reading: [],
    readBytes: 0,
    wantsCommit: false,
    blocked: [],
    hold: 0,
    held: 0,
    nextTimer: 0,
    nextDeadline: NEVER,
    nextSynchronizedDeadline: NEVER,
    droppedClosed: 0,
    lateSample: [],
    counts: new Map(),
    droppedLate: 0,
    metrics: [],
    committables: [],
    ...given,
  });
  const collectionOf = (path: string): number => Object.values(plan.graph.nodes.find((node) => node.path === path)!.outputs)[0]!;

  test("count the elements of each step by what enters and leaves it", () => {
    const metrics = new RunMetrics(plan);
    for (const times of [1, 2]) {
      metrics.add(
        result("Numbers/Read", {
          counts: new Map([
            [collectionOf("Numbers/Read"), 10 * times],
            [collectionOf("Even"), 5 * times],
          ]),
        }),
      );
    }
    const countsOf = (step: string): unknown => metrics.query({ step, kind: "counter" }).map(({ name, committed }) => [name, committed]);
    expect(countsOf("Even")).toEqual([
      ["elements_in", 30],
      ["elements_out", 15],
    ]);
    expect(countsOf("Pairs")).toEqual([
      ["elements_in", 15],
      ["elements_out", 0],
    ]);
    expect(countsOf("Twice")).toEqual([
      ["elements_in", 60],
      ["elements_out", 0],
    ]);
  });

  test("have no counts of what a combine expands to, since it is not executed", () => {
    const steps = new Set(new RunMetrics(plan).query().map(({ step }) => step));
    expect(steps).toContain("Sum");
    expect([...steps].filter((step) => step.startsWith("Sum/"))).toEqual([]);
  });

  test("are there before anything ran, at zero", () => {
    expect(new RunMetrics(plan).query({ step: "Sum" }).map(({ name, committed, attempted }) => [name, committed, attempted])).toEqual([
      ["elements_in", 0, 0],
      ["elements_out", 0, 0],
    ]);
  });

  test("add up what bundles took in, by kind", () => {
    const metrics = new RunMetrics(plan);
    const add = (...values: readonly MetricDelta["value"][]): void =>
      metrics.add(result("Numbers/Read", { metrics: values.map((value) => delta("x", value)) }));
    add({ kind: "counter", add: 3 }, { kind: "distribution", sum: 4, count: 2, min: 1, max: 3 }, { kind: "stringSet", add: ["a"] });
    add(
      { kind: "counter", add: -1 },
      { kind: "distribution", sum: -9, count: 1, min: -9, max: -9 },
      { kind: "stringSet", add: ["b", "a"] },
    );
    const committed = Object.fromEntries(metrics.query({ name: "x" }).map((metric) => [metric.kind, metric.committed]));
    expect(committed).toEqual({ counter: 2, distribution: { sum: -5, count: 3, min: -9, max: 3 }, stringSet: new Set(["a", "b"]) });
  });

  test("keep the latest value of a gauge, in whatever order bundles commit", () => {
    const metrics = new RunMetrics(plan);
    for (const [set, timestamp] of [
      [1, 10],
      [3, 30],
      [2, 20],
      [4, 30],
    ] as const) {
      metrics.add(result("Numbers/Read", { metrics: [delta("g", { kind: "gauge", set, timestamp })] }));
    }
    expect(metrics.query({ name: "g" })).toMatchObject([{ committed: { value: 4, timestamp: 30 } }]);
  });

  test("count what groupings drop, from zero on, and nothing of that kind for other steps", () => {
    const metrics = new RunMetrics(plan);
    metrics.add(result("Sum"));
    expect(metrics.query({ name: "dropped_late" })).toMatchObject([{ step: "Sum", committed: 0 }]);
    metrics.add(result("Sum", { droppedLate: 2 }));
    metrics.add(result("Sum", { droppedLate: 3 }));
    metrics.add(result("Numbers/Read", { droppedLate: 7 }));
    expect(metrics.query({ name: "dropped_late" }).map(({ step, committed }) => [step, committed])).toEqual([["Sum", 5]]);
  });

  test("MET-12 are asked for by step, namespace, name and kind", () => {
    const metrics = new RunMetrics(plan);
    const add = (step: string, namespace: string, name: string): void =>
      metrics.add(result("Numbers/Read", { metrics: [{ step, namespace, name, value: { kind: "counter", add: 1 } }] }));
    add("Even", "Even", "x");
    add("Even", "shared", "x");
    add("Pairs", "shared", "x");
    add("Pairs", "shared", "y");
    const found = (query: Parameters<RunMetrics["query"]>[0]): readonly string[] =>
      metrics
        .query(query)
        .filter(({ name }) => !name.startsWith("elements_"))
        .map(({ step, namespace, name }) => `${step} ${namespace} ${name}`);
    expect(found({ step: "Even" })).toEqual(["Even Even x", "Even shared x"]);
    expect(found({ namespace: "shared" })).toEqual(["Even shared x", "Pairs shared x", "Pairs shared y"]);
    expect(found({ name: "x", namespace: "shared", step: "Pairs" })).toEqual(["Pairs shared x"]);
    expect(found({ kind: "gauge" })).toEqual([]);
    expect(found({ step: "Nowhere" })).toEqual([]);
  });

  test("of a step and a name that need quotes are not taken for others", () => {
    const metrics = new RunMetrics(plan);
    for (const [step, name] of [
      ["a", 'b"'],
      ['a"', "b"],
      ["a/b", "c"],
      ["a", "b/c"],
    ] as const) {
      metrics.add(result("Numbers/Read", { metrics: [{ step, namespace: step, name, value: { kind: "counter", add: 1 } }] }));
    }
    expect(metrics.query().filter(({ committed }) => committed === 1)).toHaveLength(4);
  });
});

test("a grouping of a run is counted under its own name", () => {
  const plan = planOf(
    (p) => void p.apply("Pairs", create<KV<string, number>>([])).apply("Group", groupByKey()).apply("Count", combinePerKey(count())),
  );
  expect(new Set(new RunMetrics(plan).query().map(({ step }) => step))).toEqual(
    new Set(plan.graph.nodes.map(({ path }) => path).filter((path) => !path.startsWith("Count/"))),
  );
});
