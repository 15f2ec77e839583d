import type { BoundedSource, Chunk, OffsetRange, Tracker } from "../../../sdk/source.ts";
import { sourceContext } from "../../support/source-context.ts";

/** What a read gave, and what is left of it when it was stopped. */
export interface Stretch<T, R> {
  readonly values: readonly T[];
  readonly timestamps: readonly (number | undefined)[];
  readonly residual: R | undefined;
}

/** Whether to stop a read instead of giving out what it asks for: so many may still be claimed. */
export type Allowance = (asked: number) => number;

/**
 * Reads a part as an engine does: positions go up and lie in the range, and a read that returns by itself has tried to claim its end.
 *
 * @param claims - how many positions may be claimed before the tracker refuses; a yes to one is a yes to those before it, so it
 * refuses the last of many and says how many of them are still allowed.
 * @param skip - how far behind the last claimed position a residual starts, at most; any byte before the next line is right.
 */
export async function readUpTo<T, R extends OffsetRange>(
  source: BoundedSource<T, R>,
  part: R,
  claims = Infinity,
  skip = 1,
): Promise<Stretch<T, R>> {
  const tracker = new CountingTracker(part, claims);
  const values: (readonly T[])[] = [];
  const timestamps: (number | undefined)[][] = [];
  for await (const chunk of source.read(part, tracker, sourceContext)) take(chunk);
  const from = tracker.resumeAt(skip);
  return { values: values.flat() as T[], timestamps: timestamps.flat(), residual: from === undefined ? undefined : { ...part, from } };

  function take(chunk: Chunk<T>): void {
    if (chunk.values.length === 0) throw new Error("an empty chunk");
    if (chunk.timestamps !== undefined && chunk.timestamps.length !== chunk.values.length) throw new Error("not one time per value");
    values.push(chunk.values);
    timestamps.push(Array.from(chunk.values, (_, i) => chunk.timestamps?.[i]));
  }
}

/** Reads a part to its end, stopped over and over; `stops` says how many claims each stretch is allowed. */
export async function readStopped<T, R extends OffsetRange>(
  source: BoundedSource<T, R>,
  part: R,
  stops: readonly { readonly claims: number; readonly skip: number }[],
): Promise<readonly T[]> {
  const values: T[] = [];
  let rest: R | undefined = part;
  for (const { claims, skip } of stops) {
    if (rest === undefined) return values;
    const stretch: Stretch<T, R> = await readUpTo(source, rest, claims, skip);
    values.push(...stretch.values);
    rest = stretch.residual;
  }
  if (rest !== undefined) values.push(...(await readUpTo(source, rest)).values);
  return values;
}

/** All that a source gives, split into about so many parts. */
export async function readAll<T, R extends OffsetRange>(source: BoundedSource<T, R>, parts = 1): Promise<readonly T[]> {
  const read: (readonly T[])[] = [];
  for (const part of await source.split(await source.restriction(sourceContext), parts)) read.push((await readUpTo(source, part)).values);
  return read.flat();
}

/**
 * Refuses after so many positions. It does not know which positions there are, so a yes to one whose predecessors it has not
 * seen is given only while no limit is set: with one, it refuses, is asked for each, and answers exactly.
 */
class CountingTracker implements Tracker {
  readonly #range: OffsetRange;
  #left: number;
  #last: number | undefined;
  #refused: number | undefined;
  #isDone = false;

  constructor(range: OffsetRange, claims: number) {
    this.#range = range;
    this.#left = claims;
  }

  readonly tryClaim = (position: number): boolean => {
    if (position >= this.#range.to) {
      this.#isDone = true;
      return false;
    }
    this.#check(position);
    if (this.#left !== Infinity) return false;
    this.#last = position;
    return true;
  };

  readonly claimWhile = (positions: ArrayLike<number>): number => {
    const all = Array.from(positions);
    for (const [i, position] of all.entries()) {
      this.#check(position, i > 0 ? all[i - 1] : undefined);
      if (position >= this.#range.to) {
        this.#isDone = true;
        return i;
      }
      if (i >= this.#left) {
        this.#left = 0;
        this.#refused = position;
        return i;
      }
      this.#last = position;
    }
    this.#left -= all.length;
    return all.length;
  };

  #check(position: number, before = this.#last): void {
    if (this.#refused !== undefined) throw new Error("a read went on after it was refused");
    if (position < this.#range.from) throw new Error(`position ${position} lies before the part, which starts at ${this.#range.from}`);
    if (before !== undefined && position <= before) throw new Error(`position ${position} does not lie behind ${before}`);
  }

  resumeAt(skip: number): number | undefined {
    if (this.#refused === undefined) {
      if (!this.#isDone) throw new Error("a read returned before it had claimed the end of its range");
      return undefined;
    }
    const first = this.#last === undefined ? this.#range.from : this.#last + 1;
    return Math.min(this.#refused, first + skip);
  }
}
