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

/** Which step runs on this thread, and where its metrics go. */
class ActiveStep {
  /**
   * The number of the step, as the one item: generated code writes it before each call of user code, and a typed array is the
   * cheapest place. One with a buffer of its own, since V8 moves small ones that have none, and works out their place each time.
   */
  readonly step = new Int32Array(new ArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** The containers of the steps that may run now, by number. */
  containers: readonly MetricContainer[] = [];

  /** The container of the step that runs, or none between steps: metrics that are used then have no effect. */
  get container(): MetricContainer | undefined {
    return this.containers[this.step[0]!];
  }
}

/** Which step runs on this thread. The engine moves it; metrics ask it where they belong. */
export const activeMetrics = new ActiveStep();

/** Makes a container the active one and answers the one before it, which the caller sets again when its step is done. */
export function enterContainer(container: MetricContainer | undefined): MetricContainer | undefined {
  const outer = activeMetrics.container;
  leaveContainer(container);
  return outer;
}

/** Makes what {@link enterContainer} answered the active container again. */
export function leaveContainer(outer: MetricContainer | undefined): void {
  activeMetrics.containers = outer === undefined ? [] : [outer];
  activeMetrics.step[0] = 0;
}
