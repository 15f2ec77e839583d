import type { ElementContext } from "../contexts.ts";
import type { ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/** A type that no promise fits, whose property says what to do instead. */
export type Sync<B> = [Extract<B, PromiseLike<unknown>>] extends [never] ? unknown : { readonly "a promise here needs asyncMap": never };

/**
 * Turns each element into another one.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, one element for each; time and windows stay. A function that declares its
 * second parameter runs once for each window of an element, and each result is in that window.
 *
 * @param f - a synchronous function of the element, and of its time, window and pane if it needs them.
 * @throws PipelineError `ASYNC_STEP` in the run, when `f` gives a promise all the same.
 *
 * @example
 * ```ts
 * words.apply(map((word) => word.length));                           // "to" → 2
 * words.apply(map((word, ctx) => `${word} at ${ctx.timestamp}`));    // "to" → "to at 5000"
 * ```
 */
export function map<A, B>(f: (element: A, ctx: ElementContext) => B & Sync<NoInfer<B>>): PTransform<PCollection<A>, PCollection<B>> {
  return primitive("Map", () => ({ kind: "parDo", fn: { kind: "map", call: f as ElementCall<unknown> }, output: {} }));
}
