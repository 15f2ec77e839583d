import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { Sink } from "../sink.ts";

/**
 * Writes a collection to a sink.
 *
 * Shape: `PCollection<T>` → `PCollection<C>` of what was committed, emitted after the commit, so that a step can wait for it.
 *
 * @throws PipelineError `SINK_FAILED` in the run, when the sink cannot write or commit; before the first commit nothing is published.
 */
export function writeTo<T, C>(sink: Sink<T, C>): PTransform<PCollection<T>, PCollection<C>> {
  return primitive(sink.name, () => ({
    kind: "sink",
    sink: sink as unknown as Sink<unknown, unknown>,
    output: { coder: sink.committableCoder },
  }));
}
