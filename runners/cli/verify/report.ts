import type { Comparison } from "./compare.ts";
import type { Note } from "./subjects.ts";

/** What was found out about a pipeline. */
export interface Report {
  readonly pipeline: string;
  /** The runners whose runs are compared, in the order in which they ran. */
  readonly runners: readonly string[];
  /** The runners on which the pipeline failed. */
  readonly failures: readonly { readonly runner: string; readonly error: unknown }[];
  /** Nothing where fewer than two runs were done. */
  readonly comparisons: readonly Comparison[];
  readonly notCompared: readonly Note[];
  readonly unseen: readonly Note[];
}

/** What a report comes to. */
export type Verdict = "same" | "different" | "nothing";

/** Whether no runner was to run, since nothing could have been compared. */
export const isEmpty = ({ comparisons, failures }: Report): boolean => comparisons.length === 0 && failures.length === 0;

/** Runners also differ where only some of them fail; and where nothing came out anywhere, there was nothing to compare. */
export function verdictOf({ comparisons, failures }: Report): Verdict {
  if (failures.length > 0 || comparisons.some(({ differing }) => differing > 0)) return "different";
  return comparisons.some(({ size }) => size > 0) ? "same" : "nothing";
}
