import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { nullableCoder } from "../coders/nullable.ts";
import { numberCoder } from "../coders/number.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { KeyedContext } from "../do-fn.ts";
import { builderOf } from "../graph-builder.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { BagCell, ValueCell } from "../state/cells.ts";
import { bagState, valueState } from "../state/specs.ts";
import { eventTimer } from "../timer.ts";
import type { Duration, Instant } from "../time.ts";
import { expansionOf } from "../transform.ts";
import { output, parDo } from "./par-do.ts";
import { tagged, valueCodersOf, type Tagged } from "./tagged.ts";

/** How {@link tableJoin} works. */
export interface TableJoinOptions<U> {
  /** Whether a value whose key has no row yet is kept, with `undefined` beside it, or dropped; `"keep"` unless given. */
  readonly unmatched?: U;
  /** How long a row is kept that nobody has used, in ms of event time; see `DoFn.timeToLive`. */
  readonly timeToLive?: Duration;
}

/** A row that is there, or may be missing. */
export type RowOf<R, U> = [U] extends ["drop"] ? R : R | undefined;

/**
 * Joins a stream with a table that changes: each value is paired with the row of its key that was valid at the value's time, that is
 * the latest one whose time is not after it. What comes in which order makes no difference, as long as nothing is late.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R | undefined]>>`, one element for each value, with its time and window.
 * Values wait until the watermark has passed their time, and for the allowed lateness. The last row of each key is kept.
 *
 * @param table - the changes of the table: a row for each, at the time from which on it is valid. In windows of the same kind, mostly
 * the global one.
 * @throws PipelineError `INCOMPATIBLE_WINDOWS` when the windows differ; `STATE_IN_MERGING_WINDOW` where they merge;
 * `KEY_NOT_DETERMINISTIC` as {@link groupByKey}; `BAD_ARGUMENT` for a time to live that is no duration.
 *
 * @example
 * ```ts
 * // prices: ["tea", 3] at 10:00, ["tea", 4] at 12:00; orders: ["tea", { cups: 2 }] at 11:00
 * orders.apply(tableJoin(prices)); // ["tea", [{ cups: 2 }, 3]]
 * ```
 */
export function tableJoin<K, L, R, const U extends "keep" | "drop" = "keep">(
  table: PCollection<KV<K, R>>,
  { unmatched, timeToLive }: TableJoinOptions<U> = {},
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, RowOf<R, U>]>>> {
  return expansionOf({
    name: "TableJoin",
    spec: undefined,
    reads: [table],
    expand(stream: PCollection<KV<K, L>>) {
      const builder = builderOf(stream);
      const { coder, windowing } = builder.collectionOf(stream);
      const [rowCoder, valueCoder] = valueCodersOf(builder, [table, stream]) as [AnyCoder, AnyCoder];
      const maybeRow = rowCoder === structuralCoder || unmatched === "drop" ? rowCoder : nullableCoder(rowCoder);
      const pairCoder = kvCoder(pairCodersOf(coder).keyCoder, kvCoder(valueCoder, maybeRow)) as AnyCoder;
      const joined = tagged(builder, { table, stream }).apply(
        "Join",
        parDo({
          // Rows and values in the order of their times. Values of one time wait for each other, since a row of that time comes first.
          requiresTimeSortedInput: true,
          allowedSkew: windowing.allowedLateness,
          ...(timeToLive === undefined ? {} : { timeToLive }),
          state: { row: valueState(rowCoder), waiting: bagState(valueCoder), since: valueState(numberCoder) },
          timers: { sorted: eventTimer() },
          output: output<Joined>(pairCoder),
          process([key, [side, value]]: KV<unknown, Tagged>, ctx) {
            const since = ctx.state.since.read();
            if (since !== undefined && since < ctx.timestamp) giveOut(key, since, ctx, unmatched);
            if (side === TABLE) return ctx.state.row.write(value);
            ctx.state.waiting.add(value);
            ctx.state.since.write(ctx.timestamp);
            ctx.timers.sorted.setRelative({ offset: windowing.allowedLateness, outputTimestamp: ctx.timestamp });
          },
          onTimer: {
            sorted(ctx) {
              const since = ctx.state.since.read();
              if (since !== undefined) giveOut(ctx.key, since, ctx, unmatched);
            },
          },
        }),
      );
      return joined as unknown as PCollection<KV<K, readonly [L, RowOf<R, U>]>>;
    },
  });
}

const TABLE = 0;

type Joined = KV<unknown, KV<unknown, unknown>>;

interface Cells {
  row: ValueCell<unknown>;
  waiting: BagCell<unknown>;
  since: ValueCell<number>;
}

/** Pairs the values of one time with the row that is valid then. */
function giveOut(
  key: unknown,
  timestamp: Instant,
  { state, output: give }: Pick<KeyedContext<Cells, unknown, Joined, {}, undefined>, "state" | "output">,
  unmatched: "keep" | "drop" | undefined,
): void {
  const row = state.row.read();
  if (row !== undefined || unmatched !== "drop") for (const value of state.waiting.read()) give([key, [value, row]], { timestamp });
  state.waiting.clear();
  state.since.clear();
}
