import type { Instant } from "./time.ts";

/** The value that each kind of metric has. */
export interface MetricValues {
  /** A sum. */
  counter: number;
  /** The last value that was set, and when; nothing before the first. */
  gauge: { readonly value: number; readonly timestamp: Instant } | undefined;
  /** All values that were added. */
  stringSet: ReadonlySet<string>;
  /** What is known of all values. */
  distribution: { readonly sum: number; readonly count: number; readonly min: number; readonly max: number };
}

/** The kinds of metrics. */
export type MetricKind = keyof MetricValues;

/** Which metrics to answer; what is not named is not looked at. */
export interface MetricQuery<K extends MetricKind = MetricKind> {
  /** The full path of a step. */
  readonly step?: string;
  /** The step's path unless the metric was given another one. */
  readonly namespace?: string;
  /** The metric's name. */
  readonly name?: string;
  /** The metric's kind. */
  readonly kind?: K;
}

/**
 * One metric of one step. `committed` counts what bundles did that succeeded, `attempted` those that failed as well.
 *
 * Counters that there are without asking, by step: `elements_in` and `elements_out` of every step; `bytes` and, where a source
 * has an end, `positions_done` of a read, with the `positions_total` of its `Split` step; `dropped_overflow` of a source that
 * cannot be slowed down; `dropped_late` and `dropped_closed` of a grouping, and `dropped_late` of a step with side inputs, with the
 * last ten that came too late described in the set `late_sample`; `skipped` and `failed` of a step with a failure policy; of the step
 * that begins a stage, `busy_ms` for the time that the stage's bundles took, waiting included, and on threads `exchange_ms` for the
 * time that went to encoding what they sent and decoding what they got.
 */
export type MetricResult<K extends MetricKind = MetricKind> = {
  readonly [N in K]: {
    readonly step: string;
    readonly namespace: string;
    readonly name: string;
    readonly kind: N;
    readonly attempted: MetricValues[N];
    readonly committed: MetricValues[N];
  };
}[K];
