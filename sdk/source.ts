import type { Coder } from "./coders/coder.ts";
import type { Resume } from "./resume.ts";
import type { Duration, Instant } from "./time.ts";
import type { WatermarkPolicy } from "./watermark.ts";

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
  /**
   * Their event times in ms, one each. Without it those of a bounded source have none of their own ({@link MIN_INSTANT}), those of
   * an unbounded one the processing time at which they are read.
   */
  readonly timestamps?: ArrayLike<Instant>;
  /** No later element of the part is earlier than this; for {@link manualWatermark}. */
  readonly watermark?: Instant;
  /** Is called when these elements have been taken in for good, as far as the run lives to see it; for sources that acknowledge. */
  readonly onCommit?: () => void | Promise<void>;
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
  readonly restriction: (ctx: SourceContext) => R | Promise<R>;
  /** The parts that are read apart, about `parts` of them. Together they are the restriction. */
  readonly split: (restriction: R, parts: number) => readonly R[] | Promise<readonly R[]>;
  /** The elements of a part, in chunks. */
  readonly read: (restriction: R, tracker: Tracker, ctx: ReadContext) => AsyncIterable<Chunk<T>>;
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
  /**
   * How far the event times of a part have got. Then the part that is furthest behind is read next, a chunk at a time, and windows end
   * while the source is read. Unless given, the source promises nothing before all of it is read: then no element is late, and what
   * windows hold waits until the end.
   */
  readonly watermark?: WatermarkPolicy;
}

/** What a source may use. */
export interface SourceContext {
  /** Now, in ms since the epoch: as the bundle began that is under way. */
  readonly processingTime: Instant;
}

/** What a read may use. */
export interface ReadContext extends SourceContext {
  /** Aborts when nobody needs any more what is read: a read that waits for something outside lets go of it then. */
  readonly signal: AbortSignal;
}

/**
 * The same for a source without an end. The range of a part may be open, `to: Infinity`, and its read goes on for as long as the
 * run does: between chunks it is put aside and taken up again. When there is nothing for now it gives out `resume(…)`; a read that
 * awaits something instead is put aside as well, until that comes.
 */
export interface UnboundedSource<T, R extends OffsetRange> extends Omit<BoundedSource<T, R>, "read" | "watermark"> {
  /** The elements of a part, in chunks; and when to go on where there are none for now. */
  readonly read: (restriction: R, tracker: Tracker, ctx: ReadContext) => AsyncIterable<Chunk<T> | Resume>;
  /** How far the event times of a part have got. */
  readonly watermark: WatermarkPolicy;
  /**
   * A part that has had no element for so long, in ms of processing time, holds the watermark back no more, until it has one again.
   * Never, unless given: where event times are not those of the clock, to be idle says nothing about what comes next.
   */
  readonly idleTimeout?: Duration;
  /**
   * How much of a part there is to read now, in whatever its source counts: elements, bytes. It is shown to those who watch the run,
   * and asked for once a second at most.
   */
  readonly backlog?: (restriction: R, ctx: SourceContext) => number | Promise<number>;
}

/** A source of either kind. */
export type AnySource = Omit<BoundedSource<unknown, OffsetRange>, "read"> &
  Pick<UnboundedSource<unknown, OffsetRange>, "read"> &
  Partial<Pick<UnboundedSource<unknown, OffsetRange>, "watermark" | "idleTimeout" | "backlog">>;

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
