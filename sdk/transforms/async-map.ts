import { mustBeDuration, mustBeWhole } from "../check.ts";
import type { AsyncContext } from "../contexts.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { Duration } from "../time.ts";

/** How {@link asyncMap} works. */
export interface AsyncMapOptions {
  /** How many elements are worked on at once, on each thread; a whole number, at least 1. */
  readonly concurrency: number;
  /** After how long, in ms of real time, an element has failed; never unless given. */
  readonly timeout?: Duration;
  /** Whether the results leave in the order in which the elements came; `false` unless given, as a slow one then holds up the others. */
  readonly ordered?: boolean;
}

/**
 * Turns each element into what a promise gives for it: calls to services, databases, files.
 *
 * Shape: `PCollection<A>` → `PCollection<B>`, one element for each, in any order; time and windows stay.
 *
 * @param f - starts the work for an element. `ctx.signal` aborts when its time is over and when the run ends: hand it on, since a
 * promise cannot be stopped otherwise. After a failure an element may be worked on again.
 * @throws PipelineError `BAD_ARGUMENT` for a concurrency or timeout out of range. A promise that rejects, or is over time, fails the
 * run unless {@link withExceptionHandling} says something else.
 *
 * @example
 * ```ts
 * urls.apply(asyncMap(async (url, { signal }) => (await fetch(url, { signal })).status, { concurrency: 20, timeout: seconds(10) })); // 200, 404
 * ```
 */
export function asyncMap<A, B>(
  f: (element: A, ctx: AsyncContext) => Promise<B>,
  { concurrency, timeout, ordered = false }: AsyncMapOptions,
): PTransform<PCollection<A>, PCollection<B>> {
  mustBeWhole("the concurrency of asyncMap", concurrency, 1);
  if (timeout !== undefined) mustBeDuration("the timeout of asyncMap", timeout, 1);
  const call = f as (element: unknown, ctx: AsyncContext) => Promise<unknown>;
  return primitive("AsyncMap", () => ({ kind: "parDo", fn: { kind: "async", call, concurrency, timeout, ordered }, output: {} }));
}
