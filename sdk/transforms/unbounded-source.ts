import { mustBeDuration } from "../check.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import type { OffsetRange, UnboundedSource } from "../source.ts";
import { mustBePolicy } from "../watermark.ts";
import { readOf } from "./source-steps.ts";

/**
 * Reads a source that has no end, on `rxjsRunner()` and `threadsRunner()`: until the run is stopped, drained or cancelled. It is a
 * splittable function of its parts, so it runs wherever functions run.
 *
 * Shape: `Pipeline` → unbounded `PCollection<T>`. The order of elements within a part is kept.
 *
 * @param source - how to split and read it; see {@link UnboundedSource}.
 * @throws PipelineError `BAD_ARGUMENT` when the source has no watermark policy. In the run: `BAD_CLAIM` when positions go down,
 * `RESTRICTION_NOT_DONE` when a read returns before all of its part is claimed, `BAD_TIMESTAMP` when a time is no instant,
 * `BAD_WATERMARK` when an estimator goes back or gives what is no instant.
 *
 * @example
 * ```ts
 * const ticks = unboundedSource<number, OffsetRange>({
 *   name: "Ticks",
 *   watermark: wallClockWatermark(),
 *   restriction: () => ({ from: 0, to: Infinity }),
 *   split: (whole) => [whole],
 *   async *read({ from }, tracker) {
 *     for (let n = from; tracker.tryClaim(n); n++) {
 *       yield { values: [n] };
 *       yield resume({ after: seconds(1) });
 *     }
 *   },
 * });
 * ```
 */
export function unboundedSource<T, R extends OffsetRange>(source: UnboundedSource<T, R>): PTransform<Pipeline, PCollection<T>> {
  const { name, watermark, idleTimeout } = source;
  mustBePolicy(watermark, "a source without an end says how its watermark is found", name);
  if (idleTimeout !== undefined) mustBeDuration("the idle timeout of a source", idleTimeout, 1);
  return expansionOf({ name, spec: undefined, expand: (p: Pipeline) => readOf(p, source, false) });
}
