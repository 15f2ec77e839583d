import type { ElementContext } from "../contexts.ts";
import type { ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { viewsRead, type ElementOptions } from "../side-input.ts";

/**
 * Turns each element into any number of others.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, one element for each that the iterables give; time and windows stay. A function
 * that declares its second parameter runs once for each window of an element.
 *
 * @param f - gives an array (fastest), a set, or any other iterable; a generator function works too.
 * @throws PipelineError `NOT_ITERABLE` in the run, when `f` gives something that cannot be iterated; `BAD_SIDE_INPUT` as for {@link map}.
 *
 * @example
 * ```ts
 * lines.apply(flatMap((line) => line.split(" "))); // "to be" → "to", "be"
 * ```
 */
export function flatMap<A, B, SI = {}>(
  f: (element: A, ctx: ElementContext<SI>) => Iterable<B>,
  options?: ElementOptions<SI>,
): PTransform<PCollection<A>, PCollection<B>> {
  return primitive("FlatMap", (input, _, builder) => ({
    kind: "parDo",
    fn: { kind: "flatMap", call: f as ElementCall<Iterable<unknown>> },
    sideInputs: viewsRead(builder, input, options?.sideInputs),
    output: {},
  }));
}
