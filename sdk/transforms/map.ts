import type { ElementContext } from "../contexts.ts";
import type { ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { viewsRead, type ElementOptions } from "../side-input.ts";

/** A type that no promise fits, whose property says what to do instead. */
export type Sync<B> = [Extract<B, PromiseLike<unknown>>] extends [never] ? unknown : { readonly "a promise here needs asyncMap": never };

/**
 * Turns each element into another one.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, one element for each; time and windows stay. A function that declares its
 * second parameter runs once for each window of an element, and each result is in that window.
 *
 * @param f - a synchronous function of the element, and of its time, window and pane if it needs them.
 * @throws PipelineError `ASYNC_STEP` in the run, when `f` gives a promise all the same; `BAD_SIDE_INPUT` for a side input that is none,
 * or that has no window for those of the elements.
 *
 * @example
 * ```ts
 * words.apply(map((word) => word.length));                           // "to" → 2
 * words.apply(map((word, ctx) => `${word} at ${ctx.timestamp}`));    // "to" → "to at 5000"
words.apply(map((word, ctx) => ctx.sideInputs.ranks.get(word) ?? 0, { sideInputs: { ranks: asMap(ranks) } })); // "to" → 3
 * ```
 */
export function map<A, B, SI = {}>(
  f: (element: A, ctx: ElementContext<SI>) => B & Sync<NoInfer<B>>,
  options?: ElementOptions<SI>,
): PTransform<PCollection<A>, PCollection<B>> {
  return primitive("Map", (input, _, builder) => ({
    kind: "parDo",
    fn: { kind: "map", call: f as ElementCall<unknown> },
    sideInputs: viewsRead(builder, input, options?.sideInputs),
    output: {},
  }));
}
