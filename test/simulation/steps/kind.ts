import { map, type KV, type PCollection, type PTransform } from "millrace";
import type { Choices } from "../choices.ts";

/** All collections that steps read and give hold pairs of a key and a number. */
export type Pairs = PCollection<KV<string, number>>;

/** What is known of a collection. */
export interface Facts {
  /** Those with the same windows may be put together. */
  readonly windows: number;
  readonly merges: boolean;
  /** Whether it is the same in each run. */
  readonly isSteady: boolean;
  /** Whether a grouping of it emits once for each key and window. */
  readonly emitsOnce: boolean;
  /** Whether elements that come after their window may still be taken in. */
  readonly isLenient: boolean;
}

/** What a run may go through, and its result not depend on. */
export interface Trouble {
  /** Whether functions that nobody catches fail the first time that they get some elements, so that bundles are run again. */
  readonly failsBundles: boolean;
}

/** Applies a step to what it reads. */
export type Apply = (at: string, inputs: readonly Pairs[], trouble: Trouble) => Pairs;

/** What a step makes of a collection, or of two. */
export interface Kind {
  /** Whether it can be done to these; the second one is another collection with the same windows, or for a side input with any. */
  readonly suits?: (first: Facts, second: Facts) => boolean;
  /** Whether it reads a second collection, and whether that has to have the same windows. */
  readonly reads?: "same windows" | "any windows";
  readonly make: (choices: Choices) => Apply;
  readonly after?: (first: Facts) => Facts;
}

/** Keeps numbers small. */
export const mod = (n: number): number => ((n % 997) + 997) % 997;

/** A number for some numbers in any order. */
export const digest = (numbers: Iterable<number>): number => mod([...numbers].reduce((all, n) => all + n * n + 7, 0));

/** Works on the numbers of pairs. */
export const onNumbers = (fn: (pair: KV<string, number>) => number): PTransform<Pairs, Pairs> =>
  map((pair) => [pair[0], fn(pair)] as const);

/** Counts the attempts at each of some things. */
export class Attempts {
  readonly #counts = new Map<string, number>();

  of(what: unknown): number {
    const key = JSON.stringify(what);
    const attempt = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, attempt);
    return attempt;
  }
}

/** For steps that work in windows that do not merge. */
export const notMerging = ({ merges }: Facts): boolean => !merges;

/** A grouping that emits more than once gives what depends on the run. */
export const grouped = (facts: Facts): Facts => ({ ...facts, isSteady: facts.isSteady && facts.emitsOnce });
