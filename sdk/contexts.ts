import type { StepMetrics } from "./step-metrics.ts";
import type { Instant } from "./time.ts";
import type { Pane, Window } from "./windowing.ts";

/** What every function of a step may use. */
export interface StepContext {
  /** Now, in ms since the epoch; a bounded run may have a clock of its own that moves only when it has to. */
  readonly processingTime: Instant;
  /** The options that the run was given, by name. A step is checked before it is known where it is used, so they are `unknown`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The metrics of this step. */
  readonly metrics: StepMetrics;
}

/**
 * What a function of an element may use, as its second parameter. A function that declares it runs once for each window
 * of an element; the object is valid during the call only.
 */
export interface ElementContext<out SI = {}> extends StepContext {
  /** The event time of the element, in ms since the epoch. */
  readonly timestamp: Instant;
  /** The window that the call is for. */
  readonly window: Window;
  /** Which emission of a grouping the element came from. */
  readonly pane: Pane;
  /** The side inputs, as they are for the window of the call, by name. */
  readonly sideInputs: { readonly [N in keyof SI]: SI[N] };
}

/** What an async function of an element may use. */
export interface AsyncContext extends StepContext {
  /** Aborts when the element's time is over, and when the run fails or is cancelled. */
  readonly signal: AbortSignal;
}
