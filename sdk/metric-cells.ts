/** Which metric of a step. Two metrics of one kind, namespace and name have one key, so keys are compared by identity. */
export interface MetricKey {
  /** Counts the keys of its kind, from 0, so that a container may keep its cells in an array. */
  readonly id: number;
  /** The metric's name, not empty. */
  readonly name: string;
  /** The namespace it was given; the path of the step where it was given none. */
  readonly namespace: string | undefined;
}

/** Takes what a counter counts. */
export interface CounterCell {
  /** Adds a number, which may be negative. */
  readonly add: (by: number) => void;
}

/** Takes the values of a distribution. */
export interface DistributionCell {
  /** Takes one more value. */
  readonly update: (value: number) => void;
}

/** Takes the values of a gauge. */
export interface GaugeCell {
  /** Replaces the value; the container knows the time. */
  readonly set: (value: number) => void;
}

/** Takes the strings of a set. */
export interface StringSetCell {
  /** Adds a string that may be there already. */
  readonly add: (value: string) => void;
}

/**
 * Where the metrics of one step go; the engine has one for each step that runs.
 *
 * A container gives the same cell for a key as long as it lives: metrics ask it once and keep the cell. An engine that drops
 * what a failed bundle counted therefore empties its cells, or enters another container for the next bundle.
 */
export interface MetricContainer {
  readonly counter: (key: MetricKey) => CounterCell;
  readonly distribution: (key: MetricKey) => DistributionCell;
  readonly gauge: (key: MetricKey) => GaugeCell;
  readonly stringSet: (key: MetricKey) => StringSetCell;
}

/**
 * The container of the step that runs on this thread, or none between steps: metrics that are used then have no effect.
 *
 * A field of an object and not a variable, so that generated code can set it without a call: once for each call of user code.
 */
export const activeMetrics: { container: MetricContainer | undefined } = { container: undefined };

/** Makes a container the active one and answers the one before it, which the caller sets again when its step is done. */
export function enterContainer(container: MetricContainer | undefined): MetricContainer | undefined {
  const outer = activeMetrics.container;
  activeMetrics.container = container;
  return outer;
}

/** Makes what {@link enterContainer} answered the active container again. */
export function leaveContainer(outer: MetricContainer | undefined): void {
  activeMetrics.container = outer;
}
