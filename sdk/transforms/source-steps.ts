import type { PCollection, Pipeline } from "../pipeline.ts";
import { isBoundedSource, type AnySource, type BoundedSource, type OffsetRange, type UnboundedSource } from "../source.ts";
import { primitive } from "../transform.ts";
import { impulse } from "./impulse.ts";

/** The steps that read a source: its parts, and their elements. */
export function readOf<T, R extends OffsetRange>(p: Pipeline, given: BoundedSource<T, R> | UnboundedSource<T, R>): PCollection<T> {
  const source = given as unknown as AnySource;
  const output = { coder: given.coder, isBounded: isBoundedSource(source) };
  return p
    .apply(impulse())
    .apply(primitive("Split", () => ({ kind: "parDo", fn: { kind: "split", of: { kind: "source", source } }, output: {} })))
    .apply(
      primitive<PCollection<unknown>, T>("Read", () => ({
        kind: "parDo",
        fn: { kind: "read", of: { kind: "source", source } },
        ...(given.onlyOn === undefined ? {} : { onlyOn: given.onlyOn }),
        output,
      })),
    );
}
