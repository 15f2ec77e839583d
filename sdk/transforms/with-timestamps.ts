import { mustBeDuration } from "../check.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { Duration, Instant } from "../time.ts";

/** How far {@link withTimestamps} may go. */
export interface WithTimestampsOptions {
  /**
   * How much earlier than before an element may be, in ms; 0 unless given. An element that moves back may be late: nothing
   * holds the watermark for it.
   */
  readonly allowedSkew?: Duration;
}

/**
 * Gives each element an event time of its own.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements; windows stay, so {@link windowInto} comes after it.
 *
 * @param f - the event time of an element, in ms since the epoch. Elements of sources without times are at {@link MIN_INSTANT},
 * so that every time is later.
 * @throws PipelineError `BAD_ARGUMENT` for a skew out of range; in the run `BAD_TIMESTAMP` when `f` gives no instant, or one
 * that lies further back than allowed.
 *
 * @example
 * ```ts
 * orders.apply(withTimestamps((order) => order.at)).apply(windowInto(fixedWindows(hours(1))));
 * ```
 */
export function withTimestamps<T>(
  f: (element: T) => Instant,
  { allowedSkew = 0 }: WithTimestampsOptions = {},
): PTransform<PCollection<T>, PCollection<T>> {
  mustBeDuration("the allowed skew of withTimestamps", allowedSkew, 0);
  return primitive("WithTimestamps", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "timestamps", call: f as (element: unknown) => Instant, allowedSkew },
    output: { coder },
  }));
}
