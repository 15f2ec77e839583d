import type { CounterCell, DistributionCell, GaugeCell, MetricContainer, MetricKey, StringSetCell } from "../../sdk/metric-cells.ts";
import type { MetricKind } from "../../sdk/metrics.ts";
import type { Instant } from "../../sdk/time.ts";

/** What one metric of one step took in during a bundle, as data that may travel. */
export interface MetricDelta {
  readonly step: string;
  readonly name: string;
  readonly namespace: string;
  readonly value:
    | { readonly kind: "counter"; readonly add: number }
    | { readonly kind: "distribution"; readonly sum: number; readonly count: number; readonly min: number; readonly max: number }
    | { readonly kind: "gauge"; readonly set: number; readonly timestamp: Instant }
    | { readonly kind: "stringSet"; readonly add: readonly string[] };
}

/** A counter that the engine itself keeps for a step. */
export const counted = (step: string, name: string, add: number): readonly MetricDelta[] =>
  add === 0 ? [] : [{ step, namespace: step, name, value: { kind: "counter", add } }];

/** A cell that can say what it took in since it was last asked, and forget it. */
interface Cell {
  take(): MetricDelta["value"] | undefined;
}

/** The metrics of one step during one bundle. */
export class BundleMetrics implements MetricContainer {
  readonly #step: string;
  readonly #now: () => Instant;
  readonly #cells: { readonly key: MetricKey; readonly cell: Cell }[] = [];
  readonly #byKind: Readonly<Record<MetricKind, Map<MetricKey, Cell>>> = {
    counter: new Map(),
    distribution: new Map(),
    gauge: new Map(),
    stringSet: new Map(),
  };

  constructor(step: string, now: () => Instant) {
    this.#step = step;
    this.#now = now;
  }

  readonly counter = (key: MetricKey): CounterCell => this.#cell("counter", key, () => new CounterOf());
  readonly distribution = (key: MetricKey): DistributionCell => this.#cell("distribution", key, () => new DistributionOf());
  readonly gauge = (key: MetricKey): GaugeCell => this.#cell("gauge", key, () => new GaugeOf(this.#now));
  readonly stringSet = (key: MetricKey): StringSetCell => this.#cell("stringSet", key, () => new StringSetOf());

  /** What was taken in since the last call. */
  take(): readonly MetricDelta[] {
    return this.#cells.flatMap(({ key: { name, namespace = this.#step }, cell }) => {
      const value = cell.take();
      return value === undefined ? [] : [{ step: this.#step, name, namespace, value }];
    });
  }

  #cell<C extends Cell>(kind: MetricKind, key: MetricKey, make: () => C): C {
    let cell = this.#byKind[kind].get(key) as C | undefined;
    if (cell === undefined) {
      this.#byKind[kind].set(key, (cell = make()));
      this.#cells.push({ key, cell });
    }
    return cell;
  }
}

class CounterOf implements CounterCell, Cell {
  #sum = 0;
  #isTouched = false;

  add(by: number): void {
    this.#sum += by;
    this.#isTouched = true;
  }

  take(): MetricDelta["value"] | undefined {
    if (!this.#isTouched) return undefined;
    const add = this.#sum;
    this.#sum = 0;
    this.#isTouched = false;
    return { kind: "counter", add };
  }
}

class DistributionOf implements DistributionCell, Cell {
  #sum = 0;
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  update(value: number): void {
    this.#sum += value;
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  take(): MetricDelta["value"] | undefined {
    if (this.#count === 0) return undefined;
    const taken = { kind: "distribution", sum: this.#sum, count: this.#count, min: this.#min, max: this.#max } as const;
    this.#sum = this.#count = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
    return taken;
  }
}

class GaugeOf implements GaugeCell, Cell {
  readonly #now: () => Instant;
  #value: { readonly set: number; readonly timestamp: Instant } | undefined;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  set(value: number): void {
    this.#value = { set: value, timestamp: this.#now() };
  }

  take(): MetricDelta["value"] | undefined {
    const value = this.#value;
    this.#value = undefined;
    return value === undefined ? undefined : { kind: "gauge", ...value };
  }
}

class StringSetOf implements StringSetCell, Cell {
  #values = new Set<string>();

  add(value: string): void {
    this.#values.add(value);
  }

  take(): MetricDelta["value"] | undefined {
    if (this.#values.size === 0) return undefined;
    const add = [...this.#values];
    this.#values = new Set();
    return { kind: "stringSet", add };
  }
}
