import { expansionOf, primitive } from "../transform.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import type { BoundedSource, OffsetRange } from "../source.ts";
import { impulse } from "./impulse.ts";

/**
 * Reads a source that ends. It is a splittable function of its parts, so it runs wherever functions run.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`. The order of elements within a part is kept, that of parts is not defined.
 *
 * @param source - how to split and read it; see {@link BoundedSource}.
 * @throws PipelineError in the run: `BAD_CLAIM` when positions go down or lie before the part, `RESTRICTION_NOT_DONE` when a
 * read returns before all of its part is claimed, `BAD_TIMESTAMP` when a time is no instant.
 */
export function boundedSource<T, R extends OffsetRange>(source: BoundedSource<T, R>): PTransform<Pipeline, PCollection<T>> {
  return expansionOf({ name: source.name, spec: undefined, expand: (p: Pipeline) => readOf(p, source) });
}

/** The steps of {@link boundedSource}, for a composite that has more. */
export function readOf<T, R extends OffsetRange>(p: Pipeline, source: BoundedSource<T, R>): PCollection<T> {
  const untyped = source as unknown as BoundedSource<unknown, OffsetRange>;
  const output = { coder: source.coder, isBounded: true };
  return p
    .apply(impulse())
    .apply(primitive("Split", () => ({ kind: "parDo", fn: { kind: "split", source: untyped }, output: {} })))
    .apply(
      primitive<PCollection<unknown>, T>("Read", () => ({
        kind: "parDo",
        fn: { kind: "read", source: untyped },
        ...(source.onlyOn === undefined ? {} : { onlyOn: source.onlyOn }),
        output,
      })),
    );
}
