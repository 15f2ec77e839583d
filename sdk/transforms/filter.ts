import type { ElementContext } from "../contexts.ts";
import type { ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { viewsRead, type ElementOptions } from "../side-input.ts";

/**
 * Keeps the elements for which `f` is true.
 *
 * Shape: `PCollection<A>` → `PCollection<A>`, or of the narrower type where `f` is a type guard; time and windows stay. A
 * function that declares its second parameter runs once for each window of an element.
 *
 * @throws PipelineError `BAD_SIDE_INPUT` as for {@link map}.
 *
 * @example
 * ```ts
 * words.apply(filter((word) => word !== "")); // "to", "", "be" → "to", "be"
 * ```
 */
export function filter<A, B extends A>(f: (element: A, ctx: ElementContext) => element is B): PTransform<PCollection<A>, PCollection<B>>;
export function filter<A, SI = {}>(
  f: (element: A, ctx: ElementContext<SI>) => boolean,
  options?: ElementOptions<SI>,
): PTransform<PCollection<A>, PCollection<A>>;
export function filter(
  f: (element: never, ctx: ElementContext<never>) => boolean,
  options?: ElementOptions<unknown>,
): PTransform<PCollection<unknown>, PCollection<unknown>> {
  return primitive("Filter", (input, _, builder) => ({
    kind: "parDo",
    fn: { kind: "filter", call: f as ElementCall<boolean> },
    sideInputs: viewsRead(builder, input, options?.sideInputs),
    output: { coder: input.coder },
  }));
}
