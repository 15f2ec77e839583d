import type { Coder } from "./coders/coder.ts";
import type { Instant } from "./time.ts";

/** A part of a source: any record with a range of positions. What is left of it after a stop is `{ ...restriction, from }`. */
export interface OffsetRange {
  /** The first position that belongs to it. */
  readonly from: number;
  /** The first position after it. */
  readonly to: number;
}

/** Asked before an element is given out, so that a runner can stop a read, or split it, without losing or repeating one. */
export interface Tracker {
  /** Whether the element at this position may be given out. Positions go up; once the answer is no, the read returns. */
  readonly tryClaim: (position: number) => boolean;
  /** How many of these positions, from the first on, may be given out. */
  readonly claimWhile: (positions: ArrayLike<number>) => number;
  /** How many of the whole numbers from `from` up to, and without, `to` may be given out; see {@link claimRange}. */
  readonly claimRange?: (from: number, to: number) => number;
}

/** Some elements that a read gives out at once. */
export interface Chunk<out T> {
  /** The elements, in order. Whoever reads takes them out before it asks for the next chunk, so one array may serve all chunks. */
  readonly values: readonly T[];
  /** Their event times in ms, one each; without it they have none of their own ({@link MIN_INSTANT}). */
  readonly timestamps?: ArrayLike<Instant>;
  /** How many bytes were read for it, where the source knows; counted as `bytes`. */
  readonly bytes?: number;
  /** How many elements the source has lost since the last chunk because they came too fast; counted as `dropped_overflow`. */
  readonly dropped?: number;
}

/**
 * What a connector implements to be read: parts, how to split one, and how to read one.
 *
 * A read claims the position of each element before it gives the element out, and has claimed all of its range when it
 * returns by itself. One await per chunk, none per element.
 */
export interface BoundedSource<T, R extends OffsetRange> {
  /** Names the step, such as `ReadText`. */
  readonly name: string;
  /** The name of the only runner that can read it; nothing where all can. */
  readonly onlyOn?: string;
  /** The whole of the source. Asked once a run, when it starts. */
  readonly restriction: () => R | Promise<R>;
  /** The parts that are read apart, about `parts` of them. Together they are the restriction. */
  readonly split: (restriction: R, parts: number) => readonly R[] | Promise<readonly R[]>;
  /** The elements of a part, in chunks. */
  readonly read: (restriction: R, tracker: Tracker) => AsyncIterable<Chunk<T>>;
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
}

/** Claims the positions from `from` up to, and without, `to`; answers how many, from the first on, may be given out. */
export function claimRange(tracker: Tracker, from: number, to: number): number {
  if (tracker.claimRange !== undefined) return tracker.claimRange(from, to);
  // Positions are claimed in order, so a yes to the last is a yes to all.
  if (tracker.tryClaim(to - 1)) return to - from;
  return tracker.claimWhile(Array.from({ length: to - from }, (_, i) => from + i));
}

/** Splits a range of positions into parts of about one size, none of them empty. */
export function evenly<R extends OffsetRange>(range: R, parts: number): readonly R[] {
  const size = range.to - range.from;
  const count = Math.min(parts, size);
  if (count < 2) return [range];
  const border = (i: number): number => range.from + Math.floor((size * i) / count);
  return Array.from({ length: count }, (_, i) => ({ ...range, from: border(i), to: border(i + 1) }));
}
