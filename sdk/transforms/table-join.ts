import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { nullableCoder } from "../coders/nullable.ts";
import { numberCoder } from "../coders/number.ts";
import { structuralCoder } from "../coders/structural.ts";
import { mustBeDuration } from "../check.ts";
import type { KeyedContext } from "../do-fn.ts";
import { builderOf } from "../graph-builder.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { BagCell, ValueCell } from "../state/cells.ts";
import { bagState, valueState } from "../state/specs.ts";
import { eventTimer } from "../timer.ts";
import { MAX_INSTANT, MIN_INSTANT, NEVER, type Duration, type Instant } from "../time.ts";
import { expansionOf } from "../transform.ts";
import type { WindowingStrategy } from "../windowing.ts";
import { output, parDo } from "./par-do.ts";
import { inputOf, tagged, untagged, valueCodersOf, type Tagged } from "./tagged.ts";

/** How {@link tableJoin} works. */
export interface TableJoinOptions<U> {
  /** Whether a value whose key has no row at its time is kept, with `undefined` beside it, or dropped; `"keep"` unless given. */
  readonly unmatched?: U;
  /**
   * For how long, in ms of event time, a row is kept when neither a value nor a row of its key comes. For tables whose keys come and
   * go; `NEVER` says that all rows are meant to stay.
   */
  readonly timeToLive?: Duration;
}

/** A row that is there, or may be missing. */
export type RowOf<R, U> = [U] extends ["drop"] ? Exclude<R, undefined> : R | undefined;

/**
 * Joins a stream with a table that changes: each value is paired with the row of its key that was valid at the value's time, that is
 * the latest one whose time is not after it. What comes in which order makes no difference, as long as nothing is late.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R | undefined]>>`, one element for each value, with its time and window.
 * Values and rows wait until the watermark, which is that of the collection further behind, has passed their time by the allowed
 * lateness; what comes after that is dropped and counted. The last row of each key is kept. A row that is `undefined` says that the
 * key has none from then on. Of two rows of one key and time it is not defined which one counts.
 *
 * @param table - the changes of the table: a row for each, at the time from which on it is valid. In windows of the same kind, mostly
 * the global one; what is not the same for both is taken from the stream.
 * @throws PipelineError `INCOMPATIBLE_WINDOWS` when the windows differ; `STATE_IN_MERGING_WINDOW` where they merge;
 * `KEY_NOT_DETERMINISTIC` as {@link groupByKey}; `BAD_ARGUMENT` for a time to live that is no duration.
 *
 * @example
 * ```ts
 * // prices: ["tea", 3] at 10:00, ["tea", 4] at 12:00; orders: ["tea", { cups: 2 }] at 11:00
 * orders.apply(tableJoin(prices)); // ["tea", [{ cups: 2 }, 3]]
 * ```
 *
 * @see Flink's event-time temporal join and the stream-table join of Kafka Streams, which is one by arrival where its table has no versions.
 */
export function tableJoin<K, L, R, const U extends "keep" | "drop" = "keep">(
  table: PCollection<KV<K, R>>,
  { unmatched, timeToLive }: TableJoinOptions<U> = {},
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, RowOf<R, U>]>>> {
  if (timeToLive !== undefined && timeToLive !== NEVER) mustBeDuration("the time to live of a table's rows", timeToLive, 1);
  return expansionOf({
    name: "TableJoin",
    spec: undefined,
    reads: [table],
    expand(stream: PCollection<KV<K, L>>) {
      const builder = builderOf(stream);
      const [valueCoder, rowCoder] = valueCodersOf(builder, [stream, table]) as [AnyCoder, AnyCoder];
      const maybeRow = rowCoder === structuralCoder || unmatched === "drop" ? rowCoder : nullableCoder(rowCoder);
      const both = tagged(builder, { stream, table });
      const { coder, windowing } = builder.collectionOf(both);
      const pairCoder = kvCoder(pairCodersOf(coder).keyCoder, kvCoder(valueCoder, maybeRow)) as AnyCoder;
      const joined = both.apply("Join", joining({ valueCoder, rowCoder, pairCoder }, windowing, { unmatched, timeToLive }));
      return joined as unknown as PCollection<KV<K, readonly [L, RowOf<R, U>]>>;
    },
  });
}

interface Coders {
  readonly valueCoder: AnyCoder;
  readonly rowCoder: AnyCoder;
  readonly pairCoder: AnyCoder;
}

const STREAM = 0;

/** All of time, in ms. */
const ALWAYS: Duration = MAX_INSTANT - MIN_INSTANT;

type Joined = KV<unknown, KV<unknown, unknown>>;

/** What is kept of a key and window. */
interface Cells {
  readonly row: ValueCell<unknown>;
  /** Values, each with its time, that wait for all rows of that time. */
  readonly waiting: BagCell<KV<Instant, unknown>>;
  /** The time of the last of them. */
  readonly since: ValueCell<Instant>;
}

/** Takes rows and values in the order of their times. Values wait for a timer of their time, since a row of that time comes first. */
const joining = (
  { valueCoder, rowCoder, pairCoder }: Coders,
  { allowedLateness }: WindowingStrategy,
  { unmatched, timeToLive }: { readonly unmatched: "keep" | "drop" | undefined; readonly timeToLive: Duration | undefined },
): PTransform<PCollection<KV<unknown, Tagged>>, PCollection<Joined>> => {
  /** Pairs what waits with the row that is valid then. */
  const giveOut = (
    key: unknown,
    { state, output: give }: Pick<KeyedContext<Cells, unknown, Joined, {}, undefined>, "state" | "output">,
  ) => {
    const row = state.row.read();
    if (row !== undefined || unmatched !== "drop") {
      for (const [timestamp, value] of state.waiting.read()) give([key, [value, row]], { timestamp });
    }
    state.waiting.clear();
    state.since.clear();
  };
  return parDo({
    showsOrder: false,
    requiresTimeSortedInput: true,
    // What waits holds the watermark where it will be given out, however late that is.
    allowedSkew: ALWAYS,
    // Elements are kept for the allowed lateness, and a row is used by those that are.
    ...(timeToLive === undefined ? {} : { timeToLive: timeToLive === NEVER ? NEVER : Math.min(timeToLive + allowedLateness, ALWAYS) }),
    state: {
      row: valueState(rowCoder),
      waiting: bagState<KV<Instant, unknown>>(kvCoder(numberCoder, valueCoder) as AnyCoder),
      since: valueState(numberCoder),
    },
    timers: { sorted: eventTimer() },
    output: output<Joined>(pairCoder),
    process([key, given]: KV<unknown, Tagged>, ctx) {
      const value = untagged(given);
      const { state, timers, timestamp, window } = ctx;
      // Their timer comes too late only at the end of time, where all that is left is due at once.
      if ((state.since.read() ?? NEVER) < timestamp) giveOut(key, ctx);
      if (inputOf(given, 2) === STREAM) {
        state.waiting.add([timestamp, value]);
        state.since.write(timestamp);
        timers.sorted.setRelative({ offset: allowedLateness, outputTimestamp: Math.min(timestamp, window.maxTimestamp) });
      } else if (value === undefined) state.row.clear();
      else state.row.write(value);
    },
    onTimer: { sorted: (ctx) => giveOut(ctx.key, ctx) },
  });
};
