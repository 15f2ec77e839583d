import { comparableText } from "millrace/testing";
import type { Observation } from "./observe.ts";
import type { KeyedPane } from "./pipeline.ts";
import type { Variation } from "./playback.ts";
import type { ExpectedPane, PaneFacts, Step, Transcript } from "./transcript.ts";

/** In what a run differs from its transcript; nothing where it does not. What comes after the last action is not looked at. */
export function differences({ steps }: Transcript, observations: readonly Observation[], { keys }: Variation): readonly string[] {
  return steps.flatMap((step, i) => {
    const observation = observations[i];
    if (observation === undefined) return [`${step.at}: the run ended before this action was over`];
    return [...keys.flatMap((key) => paneDifferences(step, observation.panes, key)), ...dropDifferences(step, observation, keys.length)];
  });
}

function paneDifferences({ expected = [], at }: Step, all: readonly KeyedPane[], key: string): readonly string[] {
  const panes = all.filter((pane) => pane.key === key);
  const partners = matching(expected, panes);
  const missing = expected.filter((_, i) => !partners.includes(i));
  const surplus = panes.filter((_, i) => partners[i] === undefined);
  return [
    ...missing.map(({ said, at: line }) => `${line}: nothing that came out is ${factsText(said)}`),
    ...surplus.map((pane) => `${at}: what came out is not expected: ${factsText(pane)}`),
  ];
}

function dropDifferences({ dropped, at }: Step, { dropped: found }: Observation, keys: number): readonly string[] {
  return (["late", "closed"] as const).flatMap((kind) => {
    const wanted = dropped[kind];
    if (wanted === undefined || found[kind] === wanted * keys) return [];
    return [`${at}: ${found[kind]} were dropped as ${kind} since the start, and ${wanted * keys} should be`];
  });
}

/** For each pane the expected one that it is, so that as many as can be have one. An entry that says little fits several panes. */
function matching(expected: readonly ExpectedPane[], panes: readonly PaneFacts[]): readonly (number | undefined)[] {
  const partners: (number | undefined)[] = panes.map(() => undefined);
  /** Finds a pane for an entry; the entry that had it has to find another one. */
  const place = (entry: number, seen: Set<number>): boolean =>
    panes.some((pane, i) => {
      if (seen.has(i) || !fits(expected[entry]!, pane)) return false;
      seen.add(i);
      const other = partners[i];
      if (other !== undefined && !place(other, seen)) return false;
      partners[i] = entry;
      return true;
    });
  for (const entry of expected.keys()) place(entry, new Set());
  return partners;
}

const facts = [
  "window",
  "values",
  "timing",
  "index",
  "nonSpeculative",
  "timestamp",
  "first",
  "last",
] as const satisfies (keyof PaneFacts)[];

const saidOf = (pane: Partial<PaneFacts>) => facts.filter((fact) => pane[fact] !== undefined);

const fits = ({ said }: ExpectedPane, pane: PaneFacts): boolean =>
  saidOf(said).every((fact) => factText(fact, said[fact]) === factText(fact, pane[fact]));

const factsText = (pane: Partial<PaneFacts>): string =>
  `{${saidOf(pane)
    .map((fact) => `${fact}: ${factText(fact, pane[fact])}`)
    .join(", ")}}`;

/** Values come in any order. */
const factText = (fact: keyof PaneFacts, value: unknown): string =>
  fact === "values" ? `[${(value as readonly unknown[]).map(comparableText).toSorted().join(", ")}]` : String(value);
