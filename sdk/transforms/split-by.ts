import type { ElementContext } from "../contexts.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { ElementCall } from "../graph.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { ElementOptions } from "../side-input.ts";
import { route, routing } from "./route.ts";

/**
 * Splits a collection into parts that have names.
 *
 * Shape: `PCollection<T>` → an object of a `PCollection<T>` for each tag, each element in one of them; time and windows stay. A
 * function that declares its second parameter runs once for each window of an element, which may go elsewhere in each.
 *
 * @param tags - the names, each once and not empty.
 * @param f - which one an element belongs to.
 * @throws PipelineError `BAD_NAME` for a tag that is empty or comes twice; `BAD_SIDE_INPUT` as for {@link map}; in the run
 * `BAD_PARTITION` when `f` gives none of them.
 *
 * @example
 * ```ts
 * const { small, big } = orders.apply(splitBy(["small", "big"], (order) => (order.amount < 100 ? "small" : "big")));
 * ```
 */
export function splitBy<T, const Tag extends string, SI = {}>(
  tags: readonly Tag[],
  f: (element: T, ctx: ElementContext<SI>) => NoInfer<Tag>,
  options?: ElementOptions<SI>,
): PTransform<PCollection<T>, { readonly [N in Tag]: PCollection<T> }> {
  const indices = new Map<unknown, number>(tags.map((tag, i) => [tag, i]));
  const call = routing(f as ElementCall<unknown>, (tag, element) => {
    const index = indices.get(tag);
    if (index !== undefined) return index;
    throw new PipelineError("BAD_PARTITION", {
      what: `splitBy was given a tag that it does not have: it has ${tags.join(", ")}`,
      got: `${shortText(tag)} for ${shortText(element)}`,
    });
  });
  return route(
    "SplitBy",
    { tags, call, coderOf: (coder) => coder, sideInputs: options?.sideInputs },
    (outputs) => outputs as unknown as { readonly [N in Tag]: PCollection<T> },
  );
}
