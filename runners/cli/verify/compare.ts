import { shortText } from "../../../sdk/errors.ts";
import type { Window } from "../../../sdk/windowing.ts";
import type { Contents } from "./contents.ts";
import type { Subject } from "./subjects.ts";

/** What the runs of several runners have in common at a step, and what not. */
export interface Comparison {
  readonly subject: Subject;
  /** How many keys and windows, or different elements, there are. */
  readonly size: number;
  /** In how many of them not all runs agree. */
  readonly differing: number;
  /** The first few of those. */
  readonly examples: readonly Difference[];
}

/** Something that runs do not agree in. */
export interface Difference {
  /** The key and the window, of a grouping. */
  readonly place?: { readonly key: string; readonly window: Window };
  /** The element, of a sink. */
  readonly element?: string;
  /** What each run had, in the order of the runs; nothing where it had nothing. */
  readonly had: readonly (Held | undefined)[];
}

/** What a run has of something. */
export interface Held {
  /** The values of a key and window, or how often an element came. */
  readonly text: string;
  readonly count: number;
}

/** How many differences of a step are shown. */
const EXAMPLES = 5;

/** Compares what runs gave at a step. */
export function compare(subject: Subject, runs: readonly Contents[]): Comparison {
  const names = new Set(runs.flatMap((run) => [...run.keys()]));
  const differing = [...names].filter((name) => new Set(runs.map((run) => run.get(name)?.forms.join("\n"))).size > 1);
  const examples = differing.slice(0, EXAMPLES).map((name) => differenceOf(subject, name, runs));
  return { subject, size: names.size, differing: differing.length, examples };
}

function differenceOf(subject: Subject, name: string, runs: readonly Contents[]): Difference {
  const { values, place } = runs.flatMap((run) => run.get(name) ?? [])[0]!;
  const had = runs.map((run): Held | undefined => {
    const content = run.get(name);
    if (content === undefined) return undefined;
    return { text: textOf(subject, content.values), count: content.values.length };
  });
  return place === undefined ? { element: shortText(values[0]), had } : { place: { key: shortText(place.key), window: place.window }, had };
}

const textOf = (subject: Subject, values: readonly unknown[]): string => {
  if (subject.how === "elements") return values.length === 1 ? "once" : `${values.length} times`;
  return values.length === 1 && !subject.isList ? shortText(values[0]) : shortText(values);
};
