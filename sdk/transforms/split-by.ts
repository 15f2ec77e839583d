import { PipelineError, shortText } from "../errors.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { route } from "./route.ts";

/**
 * Splits a collection into parts that have names.
 *
 * Shape: `PCollection<T>` → an object of a `PCollection<T>` for each tag, each element in one of them; time and windows stay.
 *
 * @param tags - the names, each once and not empty.
 * @param f - which one an element belongs to.
 * @throws PipelineError `BAD_NAME` for a tag that is empty or comes twice; in the run `BAD_PARTITION` when `f` gives none of them.
 *
 * @example
 * ```ts
 * const { small, big } = orders.apply(splitBy(["small", "big"], (order) => (order.amount < 100 ? "small" : "big")));
 * ```
 */
export function splitBy<T, const Tag extends string>(
  tags: readonly Tag[],
  f: (element: T) => NoInfer<Tag>,
): PTransform<PCollection<T>, { readonly [N in Tag]: PCollection<T> }> {
  const tagOf = f as (element: unknown) => string;
  const indices = new Map<string, number>(tags.map((tag, i) => [tag, i]));
  const call = (element: unknown): number => {
    const tag = tagOf(element);
    const index = indices.get(tag);
    if (index !== undefined) return index;
    throw new PipelineError("BAD_PARTITION", {
      what: `splitBy was given a tag that it does not have: it has ${tags.join(", ")}`,
      got: `${shortText(tag)} for ${shortText(element)}`,
    });
  };
  return route(
    "SplitBy",
    { tags, call, coderOf: (coder) => coder },
    (outputs) => outputs as unknown as { readonly [N in Tag]: PCollection<T> },
  );
}
