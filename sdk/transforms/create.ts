import type { Coder } from "../coders/coder.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";
import { claimRange, evenly, type OffsetRange, type Tracker } from "../source.ts";
import type { Instant } from "../time.ts";
import { ptransform } from "../pipeline.ts";
import { boundedSource } from "./bounded-source.ts";

/** How {@link create} makes its collection. */
export interface CreateOptions<T> {
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
  /** The event time of each element, in ms; {@link MIN_INSTANT} unless given. */
  readonly timestampOf?: (element: T) => Instant;
}

/**
 * A collection of given elements, for tests and small tables. None is fine, and so are `null` and `undefined`.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`.
 *
 * @param values - gone through once, when the graph is built.
 */
export function create<T>(values: Iterable<T>, { coder, timestampOf }: CreateOptions<T> = {}): PTransform<Pipeline, PCollection<T>> {
  const all = Array.isArray(values) ? (values as readonly T[]) : [...values];
  return ptransform("Create", (p: Pipeline) =>
    p.apply(
      boundedSource({
        name: "",
        restriction: () => ({ from: 0, to: all.length }),
        split: evenly,
        read: (range, tracker) => slices(all, range, tracker, timestampOf),
        ...(coder === undefined ? {} : { coder }),
      }),
    ),
  );
}

/** Elements of a slice at a time, so that a large list does not become one large bundle. */
const SLICE = 1_024;

async function* slices<T>(all: readonly T[], range: OffsetRange, tracker: Tracker, timestampOf: ((element: T) => Instant) | undefined) {
  for (let from = range.from; from < range.to; from += SLICE) {
    const to = Math.min(from + SLICE, range.to);
    const claimed = claimRange(tracker, from, to);
    const values = all.slice(from, from + claimed);
    yield timestampOf === undefined ? { values } : { values, timestamps: values.map(timestampOf) };
    if (from + claimed < to) return;
  }
}
