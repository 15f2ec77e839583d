import type { PCollection, Pipeline } from "../pipeline.ts";
import type { AnySource, BoundedSource, OffsetRange, UnboundedSource } from "../source.ts";
import type { Splittable } from "../graph.ts";
import { primitive } from "../transform.ts";
import { impulse } from "./impulse.ts";

/** The steps that read a source: its parts, and their elements. */
export function readOf<T, R extends OffsetRange>(
  p: Pipeline,
  given: BoundedSource<T, R> | UnboundedSource<T, R>,
  isBounded: boolean,
): PCollection<T> {
  const of: Splittable = { kind: "source", source: given as unknown as AnySource, isBounded };
  return p
    .apply(impulse())
    .apply(primitive("Split", () => ({ kind: "parDo", fn: { kind: "split", of }, output: {} })))
    .apply(
      primitive<PCollection<unknown>, T>("Read", () => ({
        kind: "parDo",
        fn: { kind: "read", of },
        ...(given.onlyOn === undefined ? {} : { onlyOn: given.onlyOn }),
        output: { coder: given.coder, isBounded },
      })),
    );
}
