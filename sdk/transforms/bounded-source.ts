import { expansionOf } from "../transform.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import type { BoundedSource, OffsetRange } from "../source.ts";
import { mustBePolicy } from "../watermark.ts";
import { readOf } from "./source-steps.ts";

/**
 * Reads a source that ends. It is a splittable function of its parts, so it runs wherever functions run.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`. The order of elements within a part is kept, that of parts is not defined.
 *
 * @param source - how to split and read it; see {@link BoundedSource}.
 * @throws PipelineError `BAD_ARGUMENT` when its watermark is no policy. In the run: `BAD_CLAIM` when positions go down or lie before the part, `RESTRICTION_NOT_DONE` when a
 * read returns before all of its part is claimed, `BAD_TIMESTAMP` when a time is no instant, `BAD_WATERMARK` when an estimator goes
 * back or gives what is no instant.
 */
export function boundedSource<T, R extends OffsetRange>(source: BoundedSource<T, R>): PTransform<Pipeline, PCollection<T>> {
  const { name, watermark } = source;
  if (watermark !== undefined) mustBePolicy(watermark, "the watermark of a source is a policy, which finds it", name);
  return expansionOf({ name, spec: undefined, expand: (p: Pipeline) => readOf(p, source, true) });
}
