import { mustBeDuration } from "../check.ts";
import { numberCoder } from "../coders/number.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import { MAX_INSTANT, type Duration, type Instant } from "../time.ts";
import { renamed } from "../transform.ts";
import { pacedSource } from "./paced-source.ts";

/** When {@link periodicImpulse} gives elements out. */
export interface PeriodicImpulseOptions {
  /** From one to the next, in ms; at least 1. */
  readonly every: Duration;
  /** The first one; when the run starts, unless given. */
  readonly from?: Instant;
  /** None at this time or later; without it they go on for ever. */
  readonly until?: Instant;
}

/**
 * Gives out an element every so often, by the clock: for what has to be done again and again, and to begin what refreshes a side input.
 *
 * Shape: `Pipeline` → unbounded `PCollection<Instant>`; each element is its own event time. Those of times that have passed already come
 * at once. It needs `rxjsRunner()` or `threadsRunner()`.
 *
 * @throws PipelineError `BAD_ARGUMENT` when `every` is less than 1 ms, or `from` or `until` is no instant.
 *
 * @example
 * ```ts
 * p.apply(periodicImpulse({ every: minutes(5) })).apply(asyncMap(() => fetchRates()));
 * ```
 */
export function periodicImpulse({ every, from, until }: PeriodicImpulseOptions): PTransform<Pipeline, PCollection<Instant>> {
  mustBeDuration("the time between the elements of periodicImpulse", every, 1);
  for (const each of [from, until]) if (each !== undefined) mustBeTime(each);
  return renamed(
    "PeriodicImpulse",
    pacedSource<Instant>({
      begin: from,
      countFrom: (begin) => (until === undefined ? Infinity : Math.max(0, Math.ceil((Math.min(until, MAX_INSTANT) - begin) / every))),
      every,
      valueOf: (_i, due) => due,
      timestampOf: undefined,
      coder: numberCoder,
    }),
  );
}

function mustBeTime(time: Instant): void {
  if (Number.isSafeInteger(time)) return;
  throw new PipelineError("BAD_ARGUMENT", {
    what: "periodicImpulse begins and ends at whole milliseconds since the epoch",
    got: shortText(time),
  });
}
