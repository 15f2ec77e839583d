import type { CollectionId, Node } from "../../sdk/graph.ts";
import type { MetricKind, MetricQuery, MetricResult, MetricValues } from "../../sdk/metrics.ts";
import type { Label } from "./batch.ts";
import type { BundleResult } from "./bundle.ts";
import type { MetricDelta } from "./metric-container.ts";
import type { Plan } from "./plan.ts";
import { outputsOf } from "./stage-loop.ts";

/** A metric of a step with what was committed of it. */
interface Total {
  readonly step: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: MetricKind;
  committed: MetricValues[MetricKind];
}

/** How many elements that came too late are described for each step. */
const MOST_SAMPLED = 10;

/** Adds up what bundles report, and answers by step. */
export class RunMetrics {
  readonly #plan: Plan;
  readonly #elements = new Map<CollectionId, number>();
  readonly #totals = new Map<string, Total>();

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const output of plan.stages.flatMap(outputsOf)) this.#elements.set(output.collection, 0);
  }

  /** Takes in what a committed bundle counted. */
  add({ stage, counts, droppedLate, droppedClosed, lateSample, metrics }: BundleResult<Label>): void {
    for (const [collection, count] of counts) this.#elements.set(collection, this.#elements.get(collection)! + count);
    for (const delta of metrics) this.#addDelta(delta);
    const { path, head, sides } = this.#plan.stages[stage]!;
    const hasKeys = head.kind === "group" || head.kind === "keyed";
    if (!hasKeys && sides.length === 0) return;
    this.#addDelta({ step: path, namespace: path, name: "dropped_late", value: { kind: "counter", add: droppedLate } });
    if (hasKeys) this.#addDelta({ step: path, namespace: path, name: "dropped_closed", value: { kind: "counter", add: droppedClosed } });
    if (lateSample.length > 0) this.#addLateSample(path, lateSample);
  }

  /** The latest ones stay. */
  #addLateSample(path: string, lateSample: readonly string[]): void {
    const key = keyOf(path, path, "late_sample", "stringSet");
    const before = this.#totals.get(key)?.committed as MetricValues["stringSet"] | undefined;
    // With a number, so that two that are described alike are two.
    const dropped = this.#totals.get(keyOf(path, path, "dropped_late", "counter"))!.committed as number;
    const numbered = lateSample.map((text, i) => `${dropped - lateSample.length + i + 1}. ${text}`);
    const committed = new Set([...(before ?? []), ...numbered].slice(-MOST_SAMPLED));
    this.#totals.set(key, { step: path, namespace: path, name: "late_sample", kind: "stringSet", committed });
  }

  /** How many elements came into a collection; none where it is no part of what is executed. */
  countOf(collection: CollectionId): number {
    return this.#elements.get(collection) ?? 0;
  }

  /** The metrics that a query asks for: the counts of elements in the order of the graph, then all others. */
  query<K extends MetricKind>({ step, namespace, name, kind }: MetricQuery<K> = {}): readonly MetricResult<K>[] {
    const matches = (wanted: string | undefined, value: string): boolean => wanted === undefined || wanted === value;
    const all = [...this.#plan.graph.nodes.flatMap((node) => this.#elementCounts(node)), ...this.#totals.values()];
    return all
      .filter(
        (metric) =>
          matches(step, metric.step) && matches(namespace, metric.namespace) && matches(name, metric.name) && matches(kind, metric.kind),
      )
      .map((metric) => ({ ...metric, attempted: metric.committed })) as readonly MetricResult[] as readonly MetricResult<K>[];
  }

  /** What a combine expands to is not executed, and has no counts. */
  #elementCounts({ path, inputs, outputs }: Node): readonly Total[] {
    const made = Object.values(outputs);
    if (![...inputs, ...made].every((collection) => this.#elements.has(collection))) return [];
    const sum = (collections: readonly CollectionId[]): number => collections.reduce((total, id) => total + this.#elements.get(id)!, 0);
    const counter = { step: path, namespace: path, kind: "counter" } as const;
    return [
      { ...counter, name: "elements_in", committed: sum(inputs) },
      { ...counter, name: "elements_out", committed: sum(made) },
    ];
  }

  #addDelta({ step, namespace, name, value }: MetricDelta): void {
    const key = keyOf(step, namespace, name, value.kind);
    const total = this.#totals.get(key);
    if (total === undefined) this.#totals.set(key, { step, namespace, name, kind: value.kind, committed: valueOf(value) });
    else total.committed = summed(total.committed, value);
  }
}

/** Tells metrics apart; made for each metric of each bundle, so it is put together by hand. */
const keyOf = (step: string, namespace: string, name: string, kind: MetricKind): string =>
  `${step.length} ${namespace.length} ${step}${namespace}${kind} ${name}`;

function valueOf(value: MetricDelta["value"]): MetricValues[MetricKind] {
  switch (value.kind) {
    case "counter":
      return value.add;
    case "distribution": {
      const { sum, count, min, max } = value;
      return { sum, count, min, max };
    }
    case "gauge":
      return { value: value.set, timestamp: value.timestamp };
    case "stringSet":
      return new Set(value.add);
  }
}

function summed(before: MetricValues[MetricKind], value: MetricDelta["value"]): MetricValues[MetricKind] {
  switch (value.kind) {
    case "counter":
      return (before as number) + value.add;
    case "distribution": {
      const { sum, count, min, max } = before as MetricValues["distribution"];
      return { sum: sum + value.sum, count: count + value.count, min: Math.min(min, value.min), max: Math.max(max, value.max) };
    }
    case "gauge":
      // Bundles may commit in another order than they ran: the latest value wins.
      return (before as NonNullable<MetricValues["gauge"]>).timestamp > value.timestamp ? before : valueOf(value);
    case "stringSet":
      return new Set([...(before as MetricValues["stringSet"]), ...value.add]);
  }
}
