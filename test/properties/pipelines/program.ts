import { map, type KV, type PCollection, type Pipeline, type PTransform } from "millrace";
import type { Arriving, KnownWindowing } from "../../support/grouping-oracle.ts";
import type { Happening } from "../../support/two-streams.ts";

/** What happens in two streams, and how they are windowed. */
export interface Scenario {
  readonly windowing: KnownWindowing;
  readonly happenings: readonly Happening[];
}

export type Pairs = PCollection<KV<string, number>>;

/** What a program is made of. */
export interface Given extends Scenario {
  readonly p: Pipeline;
  /** The two streams, in windows. */
  readonly left: Pairs;
  readonly right: Pairs;
}

/** A program that shows one transform, which is its step `Step`. */
export interface Program {
  /** Whether it can be in any windows, or only in those that do not merge, or only in those of them that end. */
  readonly windows: "any" | "not merging" | "ending";
  /** Whether its outputs are the same in each run, pane by pane, because nothing but the streams decides what comes together. */
  readonly isExact: boolean;
  /** Elements that hold nothing whose order is not promised. */
  readonly build: (given: Given) => readonly PCollection<unknown>[];
}

/** A program with one output. */
export const program = (build: (given: Given) => PCollection<unknown>, windows: Program["windows"] = "any"): Program => ({
  windows,
  isExact: true,
  build: (given) => [build(given)],
});

/** A program that reads something else than the streams, in any order and in any parts. */
export const ofSource = (build: (given: Given) => PCollection<unknown>): Program => ({ ...program(build), isExact: false });

/** A program that does something to one of the streams. */
export const ofLeft = (transform: () => PTransform<Pairs, PCollection<unknown>>, windows?: Program["windows"]): Program =>
  program(({ left }) => left.apply("Step", transform()), windows);

/** A program with several outputs. */
export const several = (build: (given: Given) => readonly PCollection<unknown>[]): Program => ({ windows: "any", isExact: true, build });

/** The number of a pair. */
export const n = ([, value]: KV<string, number>): number => value;

/** Values in an order that does not depend on how they came. */
export const sorted = <T>(given: Iterable<T>): readonly T[] => [...given].sort((a, b) => (String(a) < String(b) ? -1 : 1));

/** Groups with their values in order. */
export const inOrder = <K>(): PTransform<PCollection<KV<K, Iterable<number>>>, PCollection<unknown>> =>
  map(([key, group]: KV<K, Iterable<number>>) => [key, sorted(group)] as const);

/** All that comes in the two streams. */
export const elementsIn = ({ happenings }: Scenario): readonly Arriving[] =>
  happenings.flatMap((each) => ("elements" in each ? each.elements : []));
