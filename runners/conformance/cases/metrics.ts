import type { MetricKind, MetricQuery, MetricValues } from "../../../sdk/metrics.ts";
import type { PCollection, Pipeline } from "../../../sdk/pipeline.ts";
import type { PipelineResult } from "../../../sdk/running.ts";
import { counter, distribution, gauge, stringSet, type StepMetrics } from "../../../sdk/step-metrics.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { filter } from "../../../sdk/transforms/filter.ts";
import { generate } from "../../../sdk/transforms/generate.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { tap } from "../../../sdk/transforms/tap.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";

const values = distribution("values");
const lengths = distribution("lengths");
const level = gauge("level");
const words = stringSet("words");
const total = counter("total");

/** P of the catalogue: two steps, the first of which gives each element twice. */
const inTwoSteps = (p: Pipeline, use: (n: number, metrics: StepMetrics) => void): PCollection<number> =>
  p
    .apply(create([5, 8, 13]))
    .apply(
      "Step1",
      parDo({
        output: output<number>(),
        process(n, ctx) {
          use(n, ctx.metrics);
          ctx.output(n);
          ctx.output(n);
        },
      }),
    )
    .apply(
      "Step2",
      tap((n, { metrics }) => use(n, metrics)),
    );

const twice = [5, 5, 8, 8, 13, 13];

/** What was committed of the only metric that a query asks for; attempted was the same, as nothing failed. */
function committed<K extends MetricKind>(result: PipelineResult, query: MetricQuery<K> & { readonly kind: K }): MetricValues[K] {
  const found = result.metrics(query);
  mustEqual(found.length, 1, `the number of metrics that ${JSON.stringify(query)} finds`);
  mustEqual(found[0]!.attempted, found[0]!.committed, "what was attempted");
  return found[0]!.committed as MetricValues[K];
}

/** Two steps that count in a metric of one name, in one namespace and by themselves. */
const sharing = (p: Pipeline): PCollection<string> =>
  p
    .apply(create(["a", "zzz"]))
    .apply(
      "One",
      tap((_, { metrics }) => {
        metrics.counter("x").inc();
        metrics.counter("x", { namespace: "shared" }).inc();
        metrics.counter("y", { namespace: "shared" }).inc();
      }),
    )
    .apply(
      "Two",
      tap((_, { metrics }) => metrics.counter("x", { namespace: "shared" }).inc(10)),
    );

/** Which metrics a query finds, but for those that every step has. */
const namesOf = (result: PipelineResult, query: MetricQuery): readonly string[] =>
  result
    .metrics(query)
    .filter(({ name }) => name.length === 1)
    .map(({ step, namespace, name }) => `${step} ${namespace} ${name}`)
    .toSorted();

/** Metrics: section MET of the catalogue. */
export const metricCases = caseModule(import.meta.url, {
  "MET-01": {
    title: "a counter counts for each step apart",
    build: (p) => inTwoSteps(p, (_, metrics) => metrics.counter("calls").inc()),
    expected: twice,
    check(_, result) {
      mustEqual(committed(result, { step: "Step1", name: "calls", kind: "counter" }), 3, "the counter of Step1");
      mustEqual(committed(result, { step: "Step2", name: "calls", kind: "counter" }), 6, "the counter of Step2");
    },
  },
  "MET-02": {
    title: "a distribution knows sum, count, least and greatest of each step",
    build: (p) => inTwoSteps(p, (n) => values.update(n)),
    expected: twice,
    check(_, result) {
      const of = (step: string): unknown => committed(result, { step, name: "values", kind: "distribution" });
      mustEqual(of("Step1"), { sum: 26, count: 3, min: 5, max: 13 }, "the distribution of Step1");
      mustEqual(of("Step2"), { sum: 52, count: 6, min: 5, max: 13 }, "the distribution of Step2");
    },
  },
  "MET-03": {
    title: "startBundle and finishBundle have metrics, too",
    build: (p) =>
      p.apply(create([5, 8, 13])).apply(
        "Step",
        parDo({
          output: output<number>(),
          startBundle: ({ metrics }) => metrics.distribution("ends").update(10),
          process: (n, ctx) => ctx.output(n),
          finishBundle: ({ metrics }) => metrics.distribution("ends").update(40),
        }),
      ),
    expected: [5, 8, 13],
    check(_, result) {
      const { min, max } = committed(result, { step: "Step", name: "ends", kind: "distribution" });
      mustEqual([min, max], [10, 40], "the distribution of both ends");
    },
  },
  "MET-04": {
    title: "a gauge has the last value and its time",
    build: (p) => inTwoSteps(p, () => level.set(12)),
    expected: twice,
    check(_, result) {
      const found = committed(result, { step: "Step2", name: "level", kind: "gauge" });
      mustEqual(found?.value, 12, "the gauge");
      mustEqual(Number.isInteger(found?.timestamp), true, "whether it has a time");
    },
  },
  "MET-07": {
    title: "two steps may count in one name, each in its own way",
    build: (p) =>
      p
        .apply(create(["a", "zzz"]))
        .apply(
          "Ones",
          tap(() => total.inc()),
        )
        .apply(
          "Lengths",
          tap((word) => {
            total.inc(word.length);
            lengths.update(word.length);
            level.set(3);
            words.add(word);
          }),
        ),
    expected: ["a", "zzz"],
    check(_, result) {
      const counts = result.metrics({ name: "total", kind: "counter" }).map((metric) => metric.committed);
      mustEqual(
        counts.reduce((a, b) => a + b, 0),
        6,
        "the sum of the counters",
      );
      const found = committed(result, { name: "lengths", kind: "distribution" });
      mustEqual(found, { sum: 4, count: 2, min: 1, max: 3 }, "the distribution");
      mustEqual(found.sum / found.count, 2, "the mean");
      mustEqual(committed(result, { name: "level", kind: "gauge" })?.value, 3, "the gauge");
      mustEqual(committed(result, { name: "words", kind: "stringSet" }), new Set(["a", "zzz"]), "the set");
    },
  },
  "MET-12": {
    title: "metrics are asked for by step, namespace and name",
    build: sharing,
    expected: ["a", "zzz"],
    check(_, result) {
      mustEqual(namesOf(result, { step: "One" }), ["One One x", "One shared x", "One shared y"], "what the step One has");
      mustEqual(namesOf(result, { namespace: "shared" }), ["One shared x", "One shared y", "Two shared x"], "what the namespace has");
      mustEqual(namesOf(result, { name: "x" }), ["One One x", "One shared x", "Two shared x"], "what has the name");
      mustEqual(namesOf(result, { step: "Two", namespace: "shared", name: "x" }), ["Two shared x"], "what has all three");
      mustEqual(namesOf(result, { step: "Two", name: "y" }), [], "what nobody has");
      mustEqual(committed(result, { step: "Two", name: "x", kind: "counter" }), 20, "the counter of the step Two");
    },
  },
  "MET-13": {
    title: "what was read is counted for the step that read it",
    build: (p) =>
      p.apply("Numbers", generate({ count: 1_000 })).apply(
        "FewOfThem",
        filter((n) => n < 2),
      ),
    expected: [0, 1],
    check(_, result) {
      mustEqual(committed(result, { step: "Numbers/Read", name: "elements_out", kind: "counter" }), 1_000, "the number of elements read");
      mustEqual(
        committed(result, { step: "FewOfThem", name: "elements_in", kind: "counter" }),
        1_000,
        "the number of elements that came in",
      );
      mustEqual(committed(result, { step: "FewOfThem", name: "elements_out", kind: "counter" }), 2, "the number of elements that went out");
    },
  },
});
