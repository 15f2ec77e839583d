import type { MetricResult } from "../../../sdk/metrics.ts";

/** How many elements a step has taken and given so far. */
export interface StepCount {
  /** The step's full path. */
  readonly path: string;
  readonly in: number;
  readonly out: number;
}

/** The counts of all steps at one moment. */
export interface Sample {
  /** Since the run started, in ms. */
  readonly at: number;
  readonly steps: readonly StepCount[];
}

/** A step's counts and its pace. */
export interface StepProgress extends StepCount {
  /** Elements a second: those given or those taken, whichever are more, so that neither a source nor a sink seems to stand still. */
  readonly perSecond: number;
}

/** The counts in a runner's metrics, in the order in which it gives the steps. */
export function stepCounts(metrics: readonly MetricResult<"counter">[]): readonly StepCount[] {
  const counts = new Map<string, { path: string; in: number; out: number }>();
  for (const { step, namespace, name, committed } of metrics) {
    // A counter of the user's may bear the same name, in a namespace of its own.
    if (namespace !== step || (name !== "elements_in" && name !== "elements_out")) continue;
    const count = counts.get(step) ?? { path: step, in: 0, out: 0 };
    count[name === "elements_in" ? "in" : "out"] = committed;
    counts.set(step, count);
  }
  return [...counts.values()];
}

/** The counts of `now`, and the pace since `before`; a step that was not there then has started from nothing. */
export function progressBetween(before: Sample, now: Sample): readonly StepProgress[] {
  const earlier = new Map(before.steps.map((step) => [step.path, step]));
  const seconds = (now.at - before.at) / 1_000;
  return now.steps.map((step) => {
    const { in: taken, out: given } = earlier.get(step.path) ?? { in: 0, out: 0 };
    const more = Math.max(step.in - taken, step.out - given);
    return { ...step, perSecond: seconds > 0 ? Math.round(more / seconds) : 0 };
  });
}

/** Before a run: what its pace over all is measured from. */
export const start: Sample = { at: 0, steps: [] };
