import type { FinalState, RunningPipeline } from "../../../sdk/running.ts";
import { stepCounts, type Sample } from "./progress.ts";
import type { Shape } from "./shape.ts";

/** How a run ended. */
export interface Outcome {
  readonly pipeline: string;
  readonly state: FinalState | "FAILED";
  /** What it failed with, if it did. */
  readonly error?: unknown;
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

/** Shows a run until it ends, and answers how it did. Never rejects: a failure is an outcome. */
export async function watch(running: RunningPipeline, pipeline: string, view: View): Promise<Outcome> {
  const started = performance.now();
  const sample = (): Sample => ({ at: performance.now() - started, steps: stepCounts(running.metrics({ kind: "counter" })) });
  const timer = setInterval(() => view.update(sample()), view.every);
  const outcome = await running.done.then(
    ({ state }): Outcome => ({ pipeline, state }),
    (error: unknown): Outcome => ({ pipeline, state: "FAILED", error }),
  );
  clearInterval(timer);
  view.end(sample(), outcome);
  return outcome;
}
