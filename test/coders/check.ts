import fc from "fast-check";

const { MILLRACE_SEED: seed, MILLRACE_RUNS: runs } = process.env;

/**
 * Checks a property. A failure prints its seed, which the environment variable `MILLRACE_SEED` replays; `MILLRACE_RUNS` makes the
 * campaign longer, by a factor.
 */
export function check<T>(property: fc.IProperty<T>, numRuns = 100): void {
  fc.assert(property, { numRuns: numRuns * Number(runs ?? 1), ...(seed === undefined ? {} : { seed: Number(seed) }) });
}
