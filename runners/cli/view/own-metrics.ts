import { shortText } from "../../../sdk/errors.ts";
import type { MetricResult } from "../../../sdk/metrics.ts";
import { grouped } from "./numbers.ts";
import { isEngineCounter } from "./progress.ts";
import { printable } from "./table.ts";

/** The metrics that the steps of a pipeline keep themselves, by their names; without those that have no value yet. */
export const ownMetrics = (metrics: readonly MetricResult[]): readonly MetricResult[] =>
  metrics.filter((metric) => !isEngineCounter(metric) && !isEmpty(metric)).toSorted((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1));

const isEmpty = (metric: MetricResult): boolean =>
  (metric.kind === "gauge" && metric.committed === undefined) || (metric.kind === "distribution" && metric.committed.count === 0);

/** A metric as a line for people, such as `Parse, broken: 12`. */
export const metricLine = (metric: MetricResult): string => `${printable(labelOf(metric))}: ${valueText(metric)}`;

const labelOf = ({ step, namespace, name }: MetricResult): string => `${step}, ${namespace === step ? name : `${namespace}.${name}`}`;

/** How many strings of a set are shown to people. */
const SHOWN_STRINGS = 5;

function valueText(metric: MetricResult): string {
  switch (metric.kind) {
    case "counter":
      return numberText(metric.committed);
    case "distribution": {
      const { sum, count, min, max } = metric.committed;
      const range = `from ${numberText(min)} to ${numberText(max)}`;
      return `${grouped(count)} value${count === 1 ? "" : "s"} ${range}, mean ${numberText(sum / count)}, sum ${numberText(sum)}`;
    }
    case "gauge":
      return numberText(metric.committed!.value);
    case "stringSet": {
      const strings = sorted(metric.committed);
      const shown = strings.slice(0, SHOWN_STRINGS).map((text) => printable(shortText(text, 40)));
      const more = strings.length > SHOWN_STRINGS ? [`… ${grouped(strings.length - SHOWN_STRINGS)} more`] : [];
      return [...shown, ...more].join(", ");
    }
  }
}

/** Whole numbers in groups of digits, others to six digits. */
const numberText = (value: number): string => (Number.isSafeInteger(value) ? grouped(value) : String(Number(value.toPrecision(6))));

/** A metric as data. JSON has no sets, so the strings of one are a list. */
export function metricData({ step, namespace, name, kind, committed }: MetricResult): object {
  const value = kind === "stringSet" ? sorted(committed) : committed;
  return { step, ...(namespace === step ? {} : { namespace }), name, kind, value };
}

const sorted = (strings: ReadonlySet<string>): readonly string[] => [...strings].toSorted((a, b) => (a < b ? -1 : 1));
