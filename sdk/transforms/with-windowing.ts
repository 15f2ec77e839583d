import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { changedBy, type InheritingOptions } from "../windowing-options.ts";

/**
 * Changes when and how the groupings that follow emit; windows stay.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times and windows.
 *
 * @param options - settings that are not named are inherited from the input, the accumulation mode too.
 * @throws PipelineError `BAD_WINDOWING` for a setting that is none, and where a trigger or an allowed lateness above 0 has no
 * accumulation mode, neither here nor from before.
 *
 * @example
 * ```ts
 * visits.pipe(windowInto(fixedWindows(hours(1))), withWindowing({ allowedLateness: minutes(5), accumulation: "discarding" }));
 * ```
 */
export const withWindowing = <T>(options: InheritingOptions): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("WithWindowing", ({ coder, windowing }, at) => ({
    kind: "parDo",
    fn: { kind: "pass" },
    output: { coder, windowing: changedBy(windowing, options, at) },
  }));
