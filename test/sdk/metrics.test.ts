import { afterEach, describe, expect, test } from "vitest";
import { enterContainer, leaveContainer, type MetricContainer, type MetricKey } from "../../sdk/metric-cells.ts";
import { counter, distribution, gauge, stringSet } from "../../sdk/index.ts";
import { metricsOf, stepMetrics } from "../../sdk/step-metrics.ts";
import { errorOf } from "./support/graph.ts";

/** Takes down what cells receive, and how often it is asked for one. */
class Recorder implements MetricContainer {
  readonly received: unknown[] = [];
  readonly asked: MetricKey[] = [];

  readonly counter = (key: MetricKey) => ({ add: this.#cell(key) });
  readonly distribution = (key: MetricKey) => ({ update: this.#cell(key) });
  readonly gauge = (key: MetricKey) => ({ set: this.#cell(key) });
  readonly stringSet = (key: MetricKey) => ({ add: this.#cell(key) });

  #cell(key: MetricKey): (value: unknown) => void {
    this.asked.push(key);
    return (value) => void this.received.push(value);
  }
}

afterEach(() => leaveContainer(undefined));

test("MET-09 outside of a step metrics have no effect, before one and after", () => {
  const container = new Recorder();
  leaveContainer(enterContainer(container));
  counter("n").inc();
  counter("n").dec();
  distribution("d").update(1);
  gauge("g").set(1);
  stringSet("s").add("a");
  expect(container.asked).toEqual([]);
});

test("MET-10 a counter adds, and takes off", () => {
  const container = new Recorder();
  enterContainer(container);
  const n = counter("n");
  n.inc();
  n.inc(47);
  n.dec(5);
  n.dec();
  expect(container.received).toEqual([1, 47, -5, -1]);
});

test("each kind reaches its own cell", () => {
  const container = new Recorder();
  enterContainer(container);
  distribution("m", { namespace: "io" }).update(2);
  gauge("m").set(3);
  stringSet("m").add("a");
  expect(container.received).toEqual([2, 3, "a"]);
  expect(container.asked.map(({ name, namespace }) => [name, namespace])).toEqual([["m", "io"], ["m", undefined], ["m", undefined]]); // prettier-ignore
});

test("a metric counts for the step that runs", () => {
  const [first, second] = [new Recorder(), new Recorder()];
  const n = counter("n");
  const outside = enterContainer(first);
  n.inc(1);
  const outer = enterContainer(second);
  n.inc(2);
  leaveContainer(outer);
  n.inc(3);
  leaveContainer(outside);
  n.inc(4);
  enterContainer(first);
  n.inc(5);
  expect(first.received).toEqual([1, 3, 5]);
  expect(second.received).toEqual([2]);
});

test("a container is asked once for a metric that counts many elements", () => {
  const container = new Recorder();
  enterContainer(container);
  for (let i = 0; i < 1_000; i++) stepMetrics.counter("n").inc();
  expect(container.received).toHaveLength(1_000);
  expect(container.asked).toHaveLength(1);
});

test("two metrics of one kind, namespace and name are one, whoever makes them", () => {
  const container = new Recorder();
  enterContainer(container);
  counter("n", { namespace: "io" }).inc();
  metricsOf(container).counter("n", { namespace: "io" }).inc();
  distribution("n", { namespace: "io" }).update(1);
  expect(container.asked[0]).toBe(container.asked[1]);
  expect(container.asked[2]).not.toBe(container.asked[0]);
  expect(counter("n", { namespace: "io" })).toBe(counter("n", { namespace: "io" }));
  expect(counter("n")).not.toBe(counter("n", { namespace: "io" }));
});

test("the metrics of an async step count for it while others run", () => {
  const [mine, other] = [new Recorder(), new Recorder()];
  const metrics = metricsOf(mine);
  enterContainer(other);
  metrics.counter("n").inc();
  metrics.distribution("d").update(2);
  metrics.gauge("g").set(3);
  metrics.stringSet("s").add("a");
  expect(mine.received).toEqual([1, 2, 3, "a"]);
  expect(other.received).toEqual([]);
});

describe("MET-08 names", () => {
  test.each(Object.entries({ counter, distribution, gauge, stringSet }))(
    "a %s has a name and a namespace that are not empty",
    (_, make) => {
      expect(errorOf(() => make("")).code).toBe("BAD_NAME");
      expect(errorOf(() => make(undefined as never)).code).toBe("BAD_NAME");
      expect(errorOf(() => make("n", { namespace: "" })).parts.what).toContain("namespace");
      expect(errorOf(() => metricsOf(new Recorder()).counter("")).code).toBe("BAD_NAME");
    },
  );
});
