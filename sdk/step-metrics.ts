import { PipelineError, shortText } from "./errors.ts";
import {
  activeMetrics,
  type CounterCell,
  type DistributionCell,
  type GaugeCell,
  type MetricContainer,
  type MetricKey,
  type StringSetCell,
} from "./metric-cells.ts";

/** A sum that a step adds to. */
export interface Counter {
  /** Adds 1, or a number of its own. */
  inc(by?: number): void;
  /** Takes off 1, or a number of its own. */
  dec(by?: number): void;
}

/** Sum, count, least and greatest of the values that a step gives. */
export interface Distribution {
  /** Takes one more value. */
  update(value: number): void;
}

/** The last value that a step set. */
export interface Gauge {
  /** Replaces the value. */
  set(value: number): void;
}

/** All strings that a step added. */
export interface StringSet {
  /** Adds a string; one that is there already changes nothing. */
  add(value: string): void;
}

/** What a metric may be given besides its name. */
export interface MetricOptions {
  /** Groups metrics of several steps under one name; the path of the step unless given. Not empty. */
  readonly namespace?: string;
}

/**
 * Makes metrics by name, for the step whose context it came from. Cheap enough to be asked for each element.
 *
 * @throws PipelineError `BAD_NAME` when a name or a namespace is empty.
 */
export interface StepMetrics {
  /** A sum. */
  counter(name: string, options?: MetricOptions): Counter;
  /** Sum, count, least and greatest of values. */
  distribution(name: string, options?: MetricOptions): Distribution;
  /** The last value. */
  gauge(name: string, options?: MetricOptions): Gauge;
  /** A set of strings. */
  stringSet(name: string, options?: MetricOptions): StringSet;
}

/**
 * A counter to keep at module level. It counts for the step that runs when it is used, and does nothing outside of one.
 *
 * An async step has left the thread to others when its `await` is over: behind one, count by `ctx.metrics`.
 *
 * @param name - not empty.
 * @throws PipelineError `BAD_NAME` when the name or the namespace is empty.
 *
 * @example
 * ```ts
 * const empty = counter("empty_lines");
 * lines.apply("Trim", map((line) => { if (line === "") empty.inc(); return line.trim(); }));
 * result.metrics({ kind: "counter", name: "empty_lines" }); // [{ step: "Trim", namespace: "Trim", committed: 3, … }]
 * ```
 */
export const counter = (name: string, options?: MetricOptions): Counter => counters.get(name, options);

/** A distribution to keep at module level; like {@link counter} it takes values for the step that runs. */
export const distribution = (name: string, options?: MetricOptions): Distribution => distributions.get(name, options);

/** A gauge to keep at module level; like {@link counter} it is set for the step that runs. */
export const gauge = (name: string, options?: MetricOptions): Gauge => gauges.get(name, options);

/** A set of strings to keep at module level; like {@link counter} it is added to for the step that runs. */
export const stringSet = (name: string, options?: MetricOptions): StringSet => stringSets.get(name, options);

/** The metrics of whichever step runs: what synchronous steps get as `ctx.metrics`. */
export const stepMetrics: StepMetrics = Object.freeze({ counter, distribution, gauge, stringSet });

/** The metrics of one container, whatever runs: what async steps get, since others run between their parts. */
export function metricsOf(container: MetricContainer): StepMetrics {
  const own = { container };
  return Object.freeze({
    counter: (name: string, options?: MetricOptions) => new StepCounter(counters.key(name, options), own),
    distribution: (name: string, options?: MetricOptions) => new StepDistribution(distributions.key(name, options), own),
    gauge: (name: string, options?: MetricOptions) => new StepGauge(gauges.key(name, options), own),
    stringSet: (name: string, options?: MetricOptions) => new StepStringSet(stringSets.key(name, options), own),
  });
}

/** Where a metric finds its container. */
interface Place {
  readonly container: MetricContainer | undefined;
}

// Each metric keeps the cell of the container it met last, so that a step that counts each element asks once.
// Four small classes and not one that is generic: their call sites stay monomorphic.

class StepCounter implements Counter {
  readonly #key: MetricKey;
  readonly #place: Place;
  #container: MetricContainer | undefined;
  #cell: CounterCell | undefined;

  constructor(key: MetricKey, place: Place) {
    this.#key = key;
    this.#place = place;
  }

  inc(by = 1): void {
    const { container } = this.#place;
    if (container !== this.#container) this.#meet(container);
    if (this.#cell !== undefined) this.#cell.add(by);
  }

  dec(by = 1): void {
    this.inc(-by);
  }

  #meet(container: MetricContainer | undefined): void {
    this.#container = container;
    this.#cell = container?.counter(this.#key);
  }
}

class StepDistribution implements Distribution {
  readonly #key: MetricKey;
  readonly #place: Place;
  #container: MetricContainer | undefined;
  #cell: DistributionCell | undefined;

  constructor(key: MetricKey, place: Place) {
    this.#key = key;
    this.#place = place;
  }

  update(value: number): void {
    const { container } = this.#place;
    if (container !== this.#container) this.#meet(container);
    if (this.#cell !== undefined) this.#cell.update(value);
  }

  #meet(container: MetricContainer | undefined): void {
    this.#container = container;
    this.#cell = container?.distribution(this.#key);
  }
}

class StepGauge implements Gauge {
  readonly #key: MetricKey;
  readonly #place: Place;
  #container: MetricContainer | undefined;
  #cell: GaugeCell | undefined;

  constructor(key: MetricKey, place: Place) {
    this.#key = key;
    this.#place = place;
  }

  set(value: number): void {
    const { container } = this.#place;
    if (container !== this.#container) this.#meet(container);
    if (this.#cell !== undefined) this.#cell.set(value);
  }

  #meet(container: MetricContainer | undefined): void {
    this.#container = container;
    this.#cell = container?.gauge(this.#key);
  }
}

class StepStringSet implements StringSet {
  readonly #key: MetricKey;
  readonly #place: Place;
  #container: MetricContainer | undefined;
  #cell: StringSetCell | undefined;

  constructor(key: MetricKey, place: Place) {
    this.#key = key;
    this.#place = place;
  }

  add(value: string): void {
    const { container } = this.#place;
    if (container !== this.#container) this.#meet(container);
    if (this.#cell !== undefined) this.#cell.add(value);
  }

  #meet(container: MetricContainer | undefined): void {
    this.#container = container;
    this.#cell = container?.stringSet(this.#key);
  }
}

/** The metrics of one kind, each made once: looking one up by a constant name costs a few nanoseconds. */
class Registry<M> {
  readonly #make: (key: MetricKey) => M;
  /** By namespace, then by name. */
  readonly #made = new Map<string | undefined, Map<string, { readonly key: MetricKey; readonly metric: M }>>();
  readonly #unnamed: Map<string, { readonly key: MetricKey; readonly metric: M }> = new Map();
  #size = 0;

  constructor(make: (key: MetricKey) => M) {
    this.#make = make;
    this.#made.set(undefined, this.#unnamed);
  }

  get(name: string, options: MetricOptions | undefined): M {
    return this.#entry(name, options).metric;
  }

  key(name: string, options: MetricOptions | undefined): MetricKey {
    return this.#entry(name, options).key;
  }

  #entry(name: string, options: MetricOptions | undefined): { readonly key: MetricKey; readonly metric: M } {
    const namespace = options?.namespace;
    const found = (namespace === undefined ? this.#unnamed : this.#made.get(namespace))?.get(name);
    return found ?? this.#add(name, namespace);
  }

  #add(name: string, namespace: string | undefined): { readonly key: MetricKey; readonly metric: M } {
    mustBeNamed("name", name);
    if (namespace !== undefined) mustBeNamed("namespace", namespace);
    const key = Object.freeze({ id: this.#size++, name, namespace });
    const entry = { key, metric: this.#make(key) };
    const siblings = this.#made.get(namespace) ?? new Map<string, typeof entry>();
    this.#made.set(namespace, siblings.set(name, entry));
    return entry;
  }
}

function mustBeNamed(part: string, value: unknown): void {
  if (typeof value === "string" && value !== "") return;
  throw new PipelineError("BAD_NAME", {
    what: `a metric's ${part} is a string that is not empty`,
    got: shortText(value),
    fix: part === "name" ? `such as counter("parsed")` : "leave the namespace out: it is the step's path then",
  });
}

const counters = new Registry<Counter>((key) => new StepCounter(key, activeMetrics));
const distributions = new Registry<Distribution>((key) => new StepDistribution(key, activeMetrics));
const gauges = new Registry<Gauge>((key) => new StepGauge(key, activeMetrics));
const stringSets = new Registry<StringSet>((key) => new StepStringSet(key, activeMetrics));
