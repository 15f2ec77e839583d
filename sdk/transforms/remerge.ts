import { toMergeAgain } from "../grouped-windowing.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Lets the next grouping merge windows once more. Without it a grouping takes windows that one before it has merged, such as
 * sessions, as they are.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times and windows. Where nothing was merged it
 * changes nothing.
 *
 * @example
 * ```ts
 * // Sessions of each user, and then the times in which anybody was there.
 * visits.pipe(windowInto(sessions(minutes(30))), keyBy((visit) => visit.user), groupByKey(), withKeys("all"), remerge(), groupByKey());
 * ```
 *
 * @see `Window.remerge` of Apache Beam.
 */
export const remerge = <T>(): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("Remerge", ({ coder, windowing }) => ({
    kind: "parDo",
    fn: { kind: "pass" },
    output: { coder, windowing: toMergeAgain(windowing) },
  }));
