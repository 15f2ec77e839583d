import type { Coder } from "../coders/coder.ts";
import { resume, type Resume } from "../resume.ts";
import { claimRange, type Chunk, type OffsetRange, type ReadContext, type Tracker } from "../source.ts";
import type { Duration, Instant } from "../time.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import { manualWatermark } from "../watermark.ts";
import { unboundedSource } from "./unbounded-source.ts";

/** Elements that come by the clock. */
export interface PacedElements<T> {
  /** When the first one is due; when the run starts unless given. */
  readonly begin: Instant | undefined;
  /** How many there are, by the time of the first. */
  readonly countFrom: (begin: Instant) => number;
  /** From one to the next, in ms. */
  readonly every: Duration;
  /** The `i`-th element, which is due at a time. */
  readonly valueOf: (i: number, due: Instant) => T;
  /** The event time of the `i`-th element; when it is due unless given. */
  readonly timestampOf: ((i: number) => Instant) | undefined;
  readonly coder: Coder<T> | undefined;
}

/** The part that has not come yet. */
interface PacedRange extends OffsetRange {
  readonly begin: Instant;
}

/** So many at a time at most, where many are due. */
const CHUNK = 4_096;

/** A source that gives out elements when they are due. What is late because the pipeline was busy comes as soon as it can. */
export function pacedSource<T>(elements: PacedElements<T>): PTransform<Pipeline, PCollection<T>> {
  const { begin, countFrom, every, coder } = elements;
  return unboundedSource<T, PacedRange>({
    name: "",
    // The event times are known beforehand, so the source itself says how far it has got.
    watermark: manualWatermark(),
    restriction: ({ processingTime }) => {
      const from = begin ?? processingTime;
      return { from: 0, to: countFrom(from), begin: from };
    },
    // One part keeps the order of time.
    split: (whole) => [whole],
    backlog: (range, { processingTime }) => Math.max(0, dueBefore(range, processingTime, every) - range.from),
    read: (range, tracker, ctx) => paced(range, tracker, ctx, elements),
    ...(coder === undefined ? {} : { coder }),
  });
}

/** How many elements of all are due at a time. */
const dueBefore = ({ begin, to }: PacedRange, now: Instant, every: Duration): number => Math.min(to, Math.floor((now - begin) / every) + 1);

async function* paced<T>(
  range: PacedRange,
  tracker: Tracker,
  ctx: ReadContext,
  { every, valueOf, timestampOf }: PacedElements<T>,
): AsyncIterable<Chunk<T> | Resume> {
  const { from, to, begin } = range;
  const dueAt = (i: number): Instant => Math.floor(begin + i * every);
  const timeOf = timestampOf ?? dueAt;
  for (let next = from; next < to;) {
    const now = ctx.processingTime;
    if (dueAt(next) > now) {
      yield resume({ after: dueAt(next) - now });
      continue;
    }
    const end = Math.min(next + CHUNK, dueBefore(range, now, every));
    const claimed = claimRange(tracker, next, Math.max(end, next + 1));
    const numbers = Array.from({ length: claimed }, (_, i) => next + i);
    next += claimed;
    const timestamps = Float64Array.from(numbers, timeOf);
    yield {
      values: numbers.map((i) => valueOf(i, dueAt(i))),
      timestamps,
      ...(next < to ? { watermark: timeOf(next) } : {}),
    };
    if (claimed < end - (next - claimed)) return;
  }
}
