import { mustBeFunction, mustBeWhole } from "../check.ts";
import type { AnyCoder, Coder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { KeyedContext } from "../do-fn.ts";
import { PipelineError, shortText } from "../errors.ts";
import { builderOf } from "../graph-builder.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { BagCell, ValueCell } from "../state/cells.ts";
import { bagState, valueState } from "../state/specs.ts";
import { ALL_OF_TIME, NEVER, type Duration, type Instant } from "../time.ts";
import { eventTimer, processingTimer, type Timer } from "../timer.ts";
import { expansionOf } from "../transform.ts";
import { output, parDo } from "./par-do.ts";

/** How large a batch becomes, and how old. */
export interface BatchLimits<in V> {
  /** How many values a batch has at most, at least 1. */
  readonly size?: number;
  /** How many bytes the values of a batch have at most, at least 1; one value that alone has more is a batch of its own. */
  readonly byteSize?: number;
  /** How many bytes a value counts for, 0 or more. Unless given, as many as its coder makes of it, which takes as long as encoding it. */
  readonly byteSizeOf?: (value: V) => number;
  /** How long the first value of a batch waits for others at most, in ms of processing time. */
  readonly maxBufferingDuration?: Duration;
}

/** The limits of a batch, of which at least one has to be there. */
export type BatchOptions<V> = BatchLimits<V> &
  ({ readonly size: number } | { readonly byteSize: number } | { readonly maxBufferingDuration: Duration });

/**
 * Collects the values of each key in batches, for what is cheaper for many values at once: a request, a statement.
 *
 * Shape: `PCollection<KV<K, V>>` → `PCollection<KV<K, readonly V[]>>`, each value in one batch, in the order in which they came.
 *
 * A batch leaves as soon as it has so many values or bytes, when its first value has waited for so long, and when its window ends,
 * whichever comes first; what comes after the end of its window leaves at once. Its window is that of its values, its time that of
 * the earliest of them, for which the watermark waits. A batch is kept in memory: with `maxBufferingDuration` alone it holds whatever
 * comes in that time.
 *
 * @param limits - see {@link BatchLimits}; at least one.
 * @throws PipelineError `BAD_ARGUMENT` for no limit or one out of range, in the run for what `byteSizeOf` gives and is no number of
 * bytes; `STATE_IN_MERGING_WINDOW` when the input is in sessions or other windows that merge; `KEY_NOT_DETERMINISTIC` as for
 * {@link groupByKey}.
 *
 * @example
 * ```ts
 * rows.apply(keyBy((row) => row.table)).apply(groupIntoBatches({ size: 500, maxBufferingDuration: seconds(2) }));
 * // ["users", [{ table: "users", … }, …]], with up to 500 rows
 * ```
 * @see Beam's `GroupIntoBatches`, which keeps what is left until its window expires; here it leaves when the window ends.
 */
export function groupIntoBatches<K, V>(limits: BatchOptions<V>): PTransform<PCollection<KV<K, V>>, PCollection<KV<K, readonly V[]>>> {
  mustBeLimits(limits);
  return expansionOf({
    name: "GroupIntoBatches",
    spec: undefined,
    expand(input: PCollection<KV<K, V>>) {
      const { keyCoder, valueCoder } = pairCodersOf(builderOf(input).collectionOf(input).coder);
      return input.apply(batching<K, V>(limits, keyCoder, valueCoder));
    },
  });
}

/** What is known of the values that wait. */
interface Waiting {
  readonly count: number;
  readonly bytes: number;
  /** The event time of the earliest of them. */
  readonly earliest: Instant;
}

const NOTHING: Waiting = { count: 0, bytes: 0, earliest: NEVER };

interface Cells<in out V> {
  values: BagCell<V>;
  waiting: ValueCell<Waiting>;
}

interface Timers {
  /** The watermark waits for its output at the earliest value, whatever else there is to wait for. */
  windowEnd: Timer;
  overdue: Timer;
}

type Context<V, O> = KeyedContext<Cells<V>, Timers, O, {}, undefined>;

function batching<K, V>(
  { size = Infinity, byteSize = Infinity, byteSizeOf, maxBufferingDuration }: BatchLimits<V>,
  keyCoder: Coder<K>,
  valueCoder: Coder<V>,
): PTransform<PCollection<KV<K, V>>, PCollection<KV<K, readonly V[]>>> {
  const bytesOf = byteSize === Infinity ? () => 0 : byteSizeOf === undefined ? encodedBytes(valueCoder) : givenBytes(byteSizeOf);

  const leave = (key: K, ctx: Context<V, KV<K, readonly V[]>>): void => {
    const { state, timers } = ctx;
    ctx.output([key, [...state.values.read()]], { timestamp: state.waiting.read()!.earliest });
    state.values.clear();
    state.waiting.clear();
    timers.windowEnd.clear();
    timers.overdue.clear();
  };

  /** Sees to it that what waits leaves in time. */
  const waitFrom = (before: Waiting, { timers, timestamp, window }: Context<V, never> & { readonly timestamp: Instant }): void => {
    const end = window.maxTimestamp;
    // A step may have moved an element beyond the end of its window, where no output can stand.
    if (timestamp < before.earliest) timers.windowEnd.set(end, { outputTimestamp: Math.min(timestamp, end) });
    if (before.count === 0 && maxBufferingDuration !== undefined) timers.overdue.setRelative({ offset: maxBufferingDuration });
  };

  return parDo({
    showsOrder: true,
    output: output(batchCoder<K, V>(keyCoder, valueCoder)),
    state: { values: bagState(valueCoder), waiting: valueState<Waiting>() },
    timers: { windowEnd: eventTimer(), overdue: processingTimer() },
    // The value that fills a batch may be later than the earliest, at which the watermark has waited.
    allowedSkew: ALL_OF_TIME,
    // Where every batch leaves in time, none is kept for ever.
    ...(maxBufferingDuration === undefined ? {} : { timeToLive: NEVER }),
    process([key, value]: KV<K, V>, ctx) {
      const { state, timestamp } = ctx;
      const bytes = bytesOf(value);
      let before = state.waiting.read() ?? NOTHING;
      if (before.count > 0 && before.bytes + bytes > byteSize) {
        leave(key, ctx);
        before = NOTHING;
      }
      const waiting = { count: before.count + 1, bytes: before.bytes + bytes, earliest: Math.min(before.earliest, timestamp) };
      state.values.add(value);
      state.waiting.write(waiting);
      if (waiting.count >= size || waiting.bytes >= byteSize) leave(key, ctx);
      else waitFrom(before, ctx);
    },
    onTimer: {
      windowEnd: (ctx) => leave(ctx.key, ctx),
      overdue: (ctx) => leave(ctx.key, ctx),
    },
  });
}

/** As that of a grouping, so that a batch costs what the values of a group cost. */
function batchCoder<K, V>(keyCoder: Coder<K>, valueCoder: Coder<V>): Coder<KV<K, readonly V[]>> {
  const isPlain = (valueCoder as AnyCoder) === structuralCoder;
  return kvCoder(keyCoder, (isPlain ? structuralCoder : iterableCoder(valueCoder)) as AnyCoder as Coder<readonly V[]>);
}

const encodedBytes =
  <V>(coder: Coder<V>) =>
  (value: V): number =>
    coder.encode(value).length;

const givenBytes =
  <V>(byteSizeOf: (value: V) => number) =>
  (value: V): number => {
    const bytes: unknown = byteSizeOf(value);
    if (typeof bytes === "number" && bytes >= 0) return bytes;
    throw new PipelineError("BAD_ARGUMENT", {
      what: "byteSizeOf of groupIntoBatches gave something that is no number of bytes",
      got: `${shortText(bytes)} for ${shortText(value)}`,
      fix: "give a number from 0 up",
    });
  };

function mustBeLimits({ size, byteSize, byteSizeOf, maxBufferingDuration }: BatchLimits<never>): void {
  if (size !== undefined) mustBeWhole("the size of groupIntoBatches", size, 1);
  if (byteSize !== undefined) mustBeWhole("the byteSize of groupIntoBatches", byteSize, 1);
  if (byteSizeOf !== undefined) mustBeFunction("byteSizeOf of groupIntoBatches", byteSizeOf);
  if (maxBufferingDuration !== undefined) mustBeWhole("the maxBufferingDuration of groupIntoBatches, in ms,", maxBufferingDuration, 1);
  if (byteSizeOf !== undefined && byteSize === undefined) {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "groupIntoBatches has a byteSizeOf and no byteSize that it would count for",
      fix: "add byteSize, or leave byteSizeOf out",
    });
  }
  if (size === undefined && byteSize === undefined && maxBufferingDuration === undefined) {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "groupIntoBatches has no limit, so its batches would be those of groupByKey",
      fix: "give it a size, a byteSize or a maxBufferingDuration, or use groupByKey()",
    });
  }
}
