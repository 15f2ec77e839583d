import type { ElementContext } from "../contexts.ts";
import type { ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Keeps the elements for which `f` is true.
 *
 * Shape: `PCollection<A>` → `PCollection<A>`, or of the narrower type where `f` is a type guard; time and windows stay. A
 * function that declares its second parameter runs once for each window of an element.
 *
 * @example
 * ```ts
 * words.apply(filter((word) => word !== "")); // "to", "", "be" → "to", "be"
 * ```
 */
export function filter<A, B extends A>(f: (element: A, ctx: ElementContext) => element is B): PTransform<PCollection<A>, PCollection<B>>;
export function filter<A>(f: (element: A, ctx: ElementContext) => boolean): PTransform<PCollection<A>, PCollection<A>>;
export function filter(f: (element: never, ctx: ElementContext) => boolean): PTransform<PCollection<unknown>, PCollection<unknown>> {
  return primitive("Filter", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "filter", call: f as ElementCall<boolean> },
    output: { coder },
  }));
}
