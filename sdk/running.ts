import type { PipelineDefinition } from "./definition.ts";
import type { ManualClock } from "./manual-clock.ts";
import type { MetricKind, MetricQuery, MetricResult } from "./metrics.ts";
import type { OptionInputs } from "./options.ts";
import type { Pipeline } from "./pipeline.ts";
import type { StepStatus, Why } from "./step-status.ts";
import type { Collected } from "./transforms/collect.ts";

/** Where a run writes what its user should know. Loggers such as pino's fit. */
export interface Logger {
  /** Says what helps to understand how a run works. */
  debug(text: string, fields?: object): void;
  /** Says what happens. */
  info(text: string, fields?: object): void;
  /** Says what is probably not meant. */
  warn(text: string, fields?: object): void;
  /** Says what went wrong. */
  error(text: string, fields?: object): void;
}

/** How a run is watched and stopped, on every runner. */
export interface RunSettings {
  /** Cancels the run when it aborts. */
  readonly signal?: AbortSignal;
  /**
   * What processing time is. `"virtual"`, unless given: it stands still while there is something to do and goes on to the next
   * deadline when there is not, so that a trigger that waits for an hour does not hold a batch for an hour. `"wall"`: that of the
   * machine; a pipeline with a source that has no end has no other. A clock of `manualClock()` from `millrace/testing`: what a test
   * says. A pipeline with a test stream has the stream's.
   */
  readonly clock?: "virtual" | "wall" | ManualClock;
  /** Takes warnings; they go to stderr unless given. */
  readonly logger?: Logger;
  /**
   * Finds mistakes that a larger run would meet: elements are frozen, so that a function that changes its input fails, and all
   * of them, not only the first 1,000 of each collection, are looked at for what no coder can take. Slower; for tests.
   */
  readonly strict?: boolean;
}

/** How a run ended that did not fail. */
export type FinalState = "DONE" | "STOPPED" | "DRAINED" | "CANCELLED";

/** What a run leaves. */
export interface PipelineResult {
  /**
   * `DONE`: everything was read, processed and committed. `DRAINED`: the same with sources that have no end, which were over when
   * they were drained. `STOPPED`: reading was stopped; what had been read was worked on, and sinks were committed, but windows that
   * had not ended stayed open. `CANCELLED`: all was stopped, and nothing was published.
   */
  readonly state: FinalState;
  /** The metrics of all steps, or of those that the query names. */
  metrics<K extends MetricKind = MetricKind>(query?: MetricQuery<K>): readonly MetricResult<K>[];
  /** Why there was nothing from a step, or no more, as the run ended; see {@link RunningPipeline.why}. */
  why(step: string): Why;
  /** The elements that `collect()` gave this handle for, in any order. */
  collected<T>(handle: Collected<T>): readonly T[];
}

/** A run that has been started. */
export interface RunningPipeline {
  /** How far it is; `FAILED` when `done` rejects. */
  readonly state: FinalState | "RUNNING" | "FAILED";
  /** Resolves when the run has ended, rejects when it fails. A failure that nobody awaits surfaces as an unhandled rejection. */
  readonly done: Promise<PipelineResult>;
  /** The metrics until now. */
  metrics<K extends MetricKind = MetricKind>(query?: MetricQuery<K>): readonly MetricResult<K>[];
  /** How far each step is. Empty before the run has its graph. */
  status(): readonly StepStatus[];
  /**
   * Why there is nothing from a step, or no more: what it waits for, and what keeps that back.
   *
   * @param step - the full path of a step, or of a composite.
   * @throws PipelineError `UNKNOWN_STEP` when the pipeline has no such step.
   */
  why(step: string): Why;
  /**
   * Reads nothing any more, works on what has been read, and commits sinks. Windows that have not ended give nothing out: their
   * ends have not come. Answers `done`.
   */
  stop(): Promise<PipelineResult>;
  /** Ends the sources that have no end, as if they were over: all windows end, and sinks are committed. Answers `done`. */
  drain(): Promise<PipelineResult>;
  /**
   * Stops at once: nothing is published, temporary files are removed. A run that publishes already is not stopped any more, and
   * ends as `DONE`. Answers `done`.
   */
  cancel(): Promise<PipelineResult>;
}

/** What a runner takes: a definition or, where it shares the caller's thread, a plain builder function. */
export type Runnable<O> = PipelineDefinition<O> | ((p: Pipeline) => void);

/** The options that a call passes; where none are declared, only `{}` passes. */
export type PassedOptions<O> = [keyof O] extends [never] ? { readonly [N in string]: never } : OptionInputs<O>;

/** The arguments after the pipeline; options are required exactly where one of them is. */
export type RunArguments<O> =
  {} extends PassedOptions<O> ? [options?: PassedOptions<O>, settings?: RunSettings] : [options: PassedOptions<O>, settings?: RunSettings];

/** Executes pipelines. All runners give the same results. */
export interface Runner {
  /** Resolves when the run is done or cancelled, rejects when it fails. */
  run<O = {}>(pipeline: Runnable<O>, ...rest: RunArguments<O>): Promise<PipelineResult>;
  /** Starts a run and returns at once. */
  start<O = {}>(pipeline: Runnable<O>, ...rest: RunArguments<O>): RunningPipeline;
}
