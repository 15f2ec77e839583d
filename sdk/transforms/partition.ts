import { mustBeWhole } from "../check.ts";
import type { ElementContext } from "../contexts.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { ElementCall } from "../graph.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { ElementOptions } from "../side-input.ts";
import { route, routing } from "./route.ts";

/** A list of `N` times `T`; of any length where `N` is not known to the compiler, or more than 256. */
export type Repeat<T, N extends number, R extends readonly T[] = readonly []> = number extends N
  ? readonly T[]
  : R["length"] extends N
    ? R
    : // The compiler gives up at 1,000, and would never find 1.5.
      R["length"] extends 256
      ? readonly T[]
      : Repeat<T, N, readonly [...R, T]>;

/**
 * Splits a collection into a number of parts.
 *
 * Shape: `PCollection<T>` → a list of `parts` times `PCollection<T>`, each element in one of them; time and windows stay. A function
 * that declares its second parameter runs once for each window of an element, which may be in another part in each.
 *
 * @param parts - how many; a whole number, at least 1.
 * @param f - which part an element belongs to, from 0.
 * @throws PipelineError `BAD_ARGUMENT` when there are no parts; `BAD_SIDE_INPUT` as for {@link map}; in the run `BAD_PARTITION` when
 * `f` gives no part that there is.
 *
 * @example
 * ```ts
 * const [even, odd] = numbers.apply(partition(2, (n) => n % 2)); // 1, 2, 3 → even: 2; odd: 1, 3
 * const [low, high] = numbers.apply(partition(2, (n, ctx) => (n < ctx.sideInputs.limit ? 0 : 1), { sideInputs: { limit } }));
 * ```
 */
export function partition<T, const N extends number, SI = {}>(
  parts: N,
  f: (element: T, ctx: ElementContext<SI>) => number,
  options?: ElementOptions<SI>,
): PTransform<PCollection<T>, Repeat<PCollection<T>, N>> {
  mustBeWhole("the number of parts of partition", parts, 1);
  const tags = Array.from({ length: parts }, (_, i) => String(i));
  const call = routing(f as ElementCall<unknown>, (part, element) => {
    if (typeof part === "number" && Number.isInteger(part) && part >= 0 && part < parts) return part;
    throw new PipelineError("BAD_PARTITION", {
      what: `partition was given a part that is not there: it takes whole numbers from 0 up to ${parts - 1}`,
      got: `${shortText(part)} for ${shortText(element)}`,
    });
  });
  return route(
    "Partition",
    { tags, call, coderOf: (coder) => coder, sideInputs: options?.sideInputs },
    (outputs) => tags.map((tag) => outputs[tag]!) as unknown as Repeat<PCollection<T>, N>,
  );
}
