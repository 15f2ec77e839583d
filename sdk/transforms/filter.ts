import { primitive } from "../graph-builder.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Keeps the elements for which `f` is true.
 *
 * Shape: `PCollection<A>` → `PCollection<A>`, or of the narrower type where `f` is a type guard; time and windows stay.
 */
export function filter<A, B extends A>(f: (element: A) => element is B): PTransform<PCollection<A>, PCollection<B>>;
export function filter<A>(f: (element: A) => boolean): PTransform<PCollection<A>, PCollection<A>>;
export function filter(f: (element: never) => boolean): PTransform<PCollection<unknown>, PCollection<unknown>> {
  return primitive("Filter", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "filter", call: f as (element: unknown) => boolean },
    output: { coder },
  }));
}
