import { mustBeWhole } from "../check.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { route } from "./route.ts";

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
 * Shape: `PCollection<T>` → a list of `parts` times `PCollection<T>`, each element in one of them; time and windows stay.
 *
 * @param parts - how many; a whole number, at least 1.
 * @param f - which part an element belongs to, from 0.
 * @throws PipelineError `BAD_ARGUMENT` when there are no parts; in the run `BAD_PARTITION` when `f` gives no part that there is.
 *
 * @example
 * ```ts
 * const [even, odd] = numbers.apply(partition(2, (n) => n % 2)); // 1, 2, 3 → even: 2; odd: 1, 3
 * ```
 */
export function partition<T, const N extends number>(
  parts: N,
  f: (element: T) => number,
): PTransform<PCollection<T>, Repeat<PCollection<T>, N>> {
  mustBeWhole("the number of parts of partition", parts, 1);
  const partOf = f as (element: unknown) => number;
  const tags = Array.from({ length: parts }, (_, i) => String(i));
  const call = (element: unknown): number => {
    const part = partOf(element);
    if (Number.isInteger(part) && part >= 0 && part < parts) return part;
    throw new PipelineError("BAD_PARTITION", {
      what: `partition was given a part that is not there: it takes whole numbers from 0 up to ${parts - 1}`,
      got: `${shortText(part)} for ${shortText(element)}`,
    });
  };
  return route(
    "Partition",
    { tags, call, coderOf: (coder) => coder },
    (outputs) => tags.map((tag) => outputs[tag]!) as unknown as Repeat<PCollection<T>, N>,
  );
}
