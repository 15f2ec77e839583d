import { mustBeWhole } from "../check.ts";
import type { Coder } from "../coders/coder.ts";
import { numberCoder } from "../coders/number.ts";
import { ptransform, type PCollection, type Pipeline, type PTransform } from "../pipeline.ts";
import { PipelineError, shortText } from "../errors.ts";
import { claimRange, evenly, type Chunk, type OffsetRange, type Tracker } from "../source.ts";
import { seconds, type Instant } from "../time.ts";
import { boundedSource } from "./bounded-source.ts";
import { pacedSource } from "./paced-source.ts";

/** What {@link generate} makes. */
export interface GenerateOptions {
  /** How many elements; a whole number, at least 0. */
  readonly count: number;
  /** The event time of the `i`-th element, in ms; {@link MIN_INSTANT} unless given. */
  readonly timestampOf?: (i: number) => Instant;
}

/** What {@link generate} makes by the clock. */
export interface PacedGenerateOptions {
  /** How many elements a second, on average. */
  readonly perSecond: number;
  /** How many elements in all; without it they go on for ever. */
  readonly count?: number;
  /** The event time of the `i`-th element, in ms, which does not go back; the time at which it is due unless given. */
  readonly timestampOf?: (i: number) => Instant;
}

/** How {@link generate} makes elements that are not just their numbers. */
export interface GeneratedValue<T> {
  /** The `i`-th element, `i` from 0. It is called again when a bundle is repeated, and in any order. */
  readonly value: (i: number) => T;
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
}

/**
 * Makes a number of elements: the whole numbers from 0, or what a function makes of them. For load, tests, and what has no source.
 *
 * Shape: `Pipeline` → bounded `PCollection<number>`, or `PCollection<T>`; it is read in parts, on all threads. With `perSecond` it is
 * unbounded, each element comes when it is due, and it needs `rxjsRunner()` or `threadsRunner()`.
 *
 * @throws PipelineError `BAD_ARGUMENT` when the count is no whole number of at least 0, or `perSecond` no number greater than 0.
 *
 * @example
 * ```ts
 * p.apply(generate({ count: 3 }));                                       // 0, 1, 2
 * p.apply(generate({ count: 2, value: (i) => ({ user: `u${i}` }) }));    // { user: "u0" }, { user: "u1" }
 * p.apply(generate({ perSecond: 100 }));                                 // 0, 1, 2, … for ever
 * ```
 */
export function generate(
  options: (GenerateOptions | PacedGenerateOptions) & { readonly value?: never },
): PTransform<Pipeline, PCollection<number>>;
export function generate<T>(options: (GenerateOptions | PacedGenerateOptions) & GeneratedValue<T>): PTransform<Pipeline, PCollection<T>>;
export function generate(
  options: (GenerateOptions | PacedGenerateOptions) & Partial<GeneratedValue<unknown>>,
): PTransform<Pipeline, PCollection<never>> {
  const { value, coder = value === undefined ? (numberCoder as Coder<unknown>) : undefined } = options;
  if (options.count !== undefined) mustBeWhole("the count of generate", options.count, 0);
  const source = "perSecond" in options ? pacedElements(options, value, coder) : numbers(options, value, coder);
  return ptransform("Generate", (p: Pipeline) => p.apply(source) as PCollection<never>);
}

type ValueOf = ((i: number) => unknown) | undefined;

const numbers = ({ count, timestampOf }: GenerateOptions, value: ValueOf, coder: Coder<unknown> | undefined) =>
  boundedSource<unknown, OffsetRange>({
    name: "",
    restriction: () => ({ from: 0, to: count }),
    split: evenly,
    read: (range, tracker) => chunks(range, tracker, value, timestampOf),
    ...(coder === undefined ? {} : { coder }),
  });

function pacedElements(
  { perSecond, count = Infinity, timestampOf }: PacedGenerateOptions,
  value: ValueOf,
  coder: Coder<unknown> | undefined,
): PTransform<Pipeline, PCollection<unknown>> {
  if (!(perSecond > 0 && perSecond < Infinity)) {
    throw new PipelineError("BAD_ARGUMENT", { what: "perSecond of generate is a number greater than 0", got: shortText(perSecond) });
  }
  const every = seconds(1) / perSecond;
  return pacedSource<unknown>({ begin: undefined, countFrom: () => count, every, valueOf: value ?? ((i) => i), timestampOf, coder });
}

/** So many at a time that a claim and an await cost next to nothing per element. */
const CHUNK = 8_192;

async function* chunks(
  { from, to }: OffsetRange,
  tracker: Tracker,
  value: ((i: number) => unknown) | undefined,
  timestampOf: ((i: number) => Instant) | undefined,
): AsyncIterable<Chunk<unknown>> {
  // One array for all chunks: whoever reads has taken the elements out of it when it asks for the next chunk.
  const values = new Array<unknown>(Math.min(CHUNK, to - from));
  const times = new Float64Array(timestampOf === undefined ? 0 : values.length);
  for (let start = from; start < to; start += CHUNK) {
    const end = Math.min(start + CHUNK, to);
    const claimed = claimRange(tracker, start, end);
    values.length = claimed;
    if (value === undefined) countUp(values, start, claimed);
    else for (let i = 0; i < claimed; i++) values[i] = value(start + i);
    yield timestampOf === undefined ? { values } : { values, timestamps: timesOf(start, times.subarray(0, claimed), timestampOf) };
    if (start + claimed < end) return;
  }
}

/** Four at a time: V8 does not unroll loops, and what it does to go round costs as much as making a number. */
function countUp(values: unknown[], start: number, count: number): void {
  let i = 0;
  for (; i < count - 3; i += 4) {
    const n = start + i;
    values[i] = n;
    values[i + 1] = n + 1;
    values[i + 2] = n + 2;
    values[i + 3] = n + 3;
  }
  for (; i < count; i++) values[i] = start + i;
}

function timesOf(start: number, times: Float64Array, timestampOf: (i: number) => Instant): Float64Array {
  for (let i = 0; i < times.length; i++) times[i] = timestampOf(start + i);
  return times;
}
