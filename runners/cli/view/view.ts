import type { MetricResult } from "../../../sdk/metrics.ts";
import type { FinalState, RunningPipeline } from "../../../sdk/running.ts";
import { ownMetrics } from "./own-metrics.ts";
import { stepCounts, type Sample } from "./progress.ts";
import type { Shape } from "./shape.ts";

/** How a run ended. */
export interface Outcome {
  readonly pipeline: string;
  readonly state: FinalState | "FAILED";
  /** What it failed with, or what went wrong beside it. */
  readonly error?: unknown;
  /** The metrics that its steps keep themselves. */
  readonly metrics?: readonly MetricResult[];
}

/** What a view is told before a run. */
export interface ViewOptions {
  readonly shape: Shape;
  /** Whether steps that only serve others are shown as well. */
  readonly isVerbose: boolean;
}

/** Shows a run to whoever started it. */
export interface View {
  /** How often it wants to be told, in ms. */
  readonly every: number;
  readonly update: (now: Sample) => void;
  readonly end: (now: Sample, outcome: Outcome) => void;
}

/**
 * Shows a run until it ends, and answers how it did. Never rejects: a failure is an outcome.
 *
 * @param fault - what went wrong outside of the run. It was cancelled because of that, and what it says itself of its end is
 * about the cancelling.
 */
export async function watch(
  running: RunningPipeline,
  pipeline: string,
  view: View,
  fault: () => { readonly error: unknown } | undefined = () => undefined,
): Promise<Outcome> {
  const started = performance.now();
  const sample = (): Sample => ({
    at: performance.now() - started,
    now: Date.now(),
    steps: stepCounts(running.metrics({ kind: "counter" }), running.status()),
    why: (step) => running.why(step),
  });
  const timer = setInterval(() => view.update(sample()), view.every);
  // Where nothing but this is left to do, the run waits for what never comes.
  timer.unref();
  const ended = await running.done.then(
    ({ state }): Outcome => ({ pipeline, state }),
    (error: unknown): Outcome => ({ pipeline, state: "FAILED", error }),
  );
  const found = fault();
  const became: Outcome = found === undefined ? ended : { pipeline, state: ended.state === "DONE" ? "DONE" : "FAILED", ...found };
  const outcome: Outcome = { ...became, metrics: ownMetrics(running.metrics()) };
  clearInterval(timer);
  view.end(sample(), outcome);
  return outcome;
}
