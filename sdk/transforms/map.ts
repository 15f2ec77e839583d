import { primitive } from "../graph-builder.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/** A type that no promise fits, whose property says what to do instead. */
export type Sync<B> = [Extract<B, PromiseLike<unknown>>] extends [never] ? unknown : { readonly "a promise here needs asyncMap": never };

/**
 * Turns each element into another one.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, one element for each; time and windows stay.
 *
 * @param f - a synchronous function of the element.
 */
export function map<A, B>(f: (element: A) => B & Sync<NoInfer<B>>): PTransform<PCollection<A>, PCollection<B>> {
  return primitive("Map", () => ({ kind: "parDo", fn: { kind: "map", call: f as (element: unknown) => unknown }, output: {} }));
}
