import { counter, distribution, gauge, map, stringSet, tap, type MetricResult, type PipelineResult, type RunningPipeline } from "millrace";
import { words } from "./inputs.ts";
import { is } from "./is.ts";

const parsed = counter("parsed");
const sizes = distribution("sizes", { namespace: "io" });
const level = gauge("level");
const seen = stringSet("seen");

words.apply(
  map((word, ctx) => {
    parsed.inc();
    parsed.dec(2);
    sizes.update(word.length);
    level.set(1);
    seen.add(word);
    ctx.metrics.counter("n").inc(2);
    ctx.metrics.distribution("d", { namespace: "io" }).update(1);
    ctx.metrics.gauge("g").set(1);
    ctx.metrics.stringSet("s").add(word);
    return word;
  }),
);

export function query(result: PipelineResult, running: RunningPipeline): void {
  is<readonly MetricResult[]>()(result.metrics());
  is<readonly MetricResult[]>()(running.metrics({ step: "Count" }));
  is<number | undefined>()(result.metrics({ kind: "counter" })[0]?.committed);
  is<number | undefined>()(result.metrics({ kind: "distribution", name: "sizes" })[0]?.attempted.max);
  for (const metric of result.metrics()) {
    is<string>()(metric.step + metric.namespace + metric.name);
    if (metric.kind === "stringSet") is<ReadonlySet<string>>()(metric.committed);
    if (metric.kind === "counter") is<number>()(metric.attempted);
  }
  // @ts-expect-error no such kind
  result.metrics({ kind: "timer" });
}

// @ts-expect-error a counter counts numbers
words.apply(tap(() => parsed.inc("1")));
// @ts-expect-error a counter has no update
words.apply(map((_, ctx) => ctx.metrics.counter("n").update(1)));
