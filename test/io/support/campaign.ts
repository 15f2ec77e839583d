/**
 * How long a property is tried. `MILLRACE_RUNS` multiplies it, for a longer campaign; `MILLRACE_SEED` repeats one, by the seed
 * that a failure prints.
 */
export function campaign(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  const { MILLRACE_RUNS: times = "1", MILLRACE_SEED: seed } = process.env;
  return { numRuns: numRuns * Number(times), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
