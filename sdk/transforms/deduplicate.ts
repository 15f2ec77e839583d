import { mustBeFunction, mustBeWhole } from "../check.ts";
import { numberCoder } from "../coders/number.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { valueState } from "../state/specs.ts";
import { ALL_OF_TIME, NEVER, type Duration } from "../time.ts";
import { eventTimer, processingTimer } from "../timer.ts";
import { expansionOf } from "../transform.ts";
import { globalWindow } from "../windows/global.ts";
import { keyBy, keyByItself } from "./key-by.ts";
import { output, parDo } from "./par-do.ts";

/** What {@link deduplicate} takes for duplicates. */
export interface DeduplicateOptions<in T> {
  /** What two elements have in common of which one is a duplicate; the whole element unless given. Compared as grouping keys are. */
  readonly key?: (element: T) => unknown;
  /** For how long after an element others with its key are duplicates, in ms, at least 1. */
  readonly within: Duration;
  /** Which time that is: `"processing"`, when they come, unless given; or `"event"`, when they happened. */
  readonly time?: "event" | "processing";
}

/**
 * Drops elements that have come a short time ago, as sources give them that deliver at least once.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the first element of each key and window, at once and as it came; others with its key are
 * dropped that come within so long after it. The next one is a first one again.
 *
 * - In processing time that is when they come. A run with a clock of its own, as bounded runs have unless they ask for another, finds
 *   all duplicates of a window, since that clock stands still while there is something to do.
 * - In event time that is what their times say. What comes out of order, and is earlier than the first, is dropped with the
 *   others. A key is known until the watermark has passed the time of its first element by `within`.
 *
 * What is kept is a number for each key, for so long and not longer than its window.
 *
 * @param options - see {@link DeduplicateOptions}.
 * @throws PipelineError `BAD_ARGUMENT` for an option out of range; `KEY_NOT_DETERMINISTIC` when the elements are compared whole and their
 * coder may give equal ones different bytes; `STATE_IN_MERGING_WINDOW` when the input is in sessions or other windows that merge.
 *
 * @example
 * ```ts
 * orders.apply(deduplicate({ key: (order) => order.id, within: minutes(10) }));
 * ```
 * @see Beam's `Deduplicate`; in event time that drops what comes before the watermark has got there, however much later it happened.
 */
export function deduplicate<T>({ key, within, time = "processing" }: DeduplicateOptions<T>): PTransform<PCollection<T>, PCollection<T>> {
  mustBeWhole("the within of deduplicate, in ms,", within, 1);
  if (key !== undefined) mustBeFunction("the key of deduplicate", key);
  mustBeTime(time);
  return expansionOf({
    name: "Deduplicate",
    spec: undefined,
    expand: (input: PCollection<T>) =>
      input
        .apply(key === undefined ? (keyByItself<T>() as PTransform<PCollection<T>, PCollection<KV<unknown, T>>>) : keyBy(key))
        .apply(firstWithin<T>(within, time, builderOf(input).collectionOf(input))),
  });
}

function firstWithin<T>(
  within: Duration,
  time: "event" | "processing",
  { coder, windowing }: Collection,
): PTransform<PCollection<KV<unknown, T>>, PCollection<T>> {
  return parDo({
    showsOrder: true,
    output: output<T>(coder),
    // The last instant at which another one is a duplicate.
    state: { until: valueState(numberCoder) },
    timers: { forget: time === "event" ? eventTimer() : processingTimer() },
    // No key is kept longer than its timer is set for.
    timeToLive: NEVER,
    // An element may have been moved beyond the expiry of its window.
    allowedSkew: ALL_OF_TIME,
    process([, element]: KV<unknown, T>, ctx) {
      const { state, timers, window } = ctx;
      const now = time === "event" ? ctx.timestamp : ctx.processingTime;
      const until = state.until.read();
      if (until !== undefined && now <= until) return;
      state.until.write(now + within);
      // The timer gives nothing out: the watermark need not wait for it, and does not where its output stands at the very end.
      const expiry = Math.min(window.maxTimestamp + windowing.allowedLateness, globalWindow.maxTimestamp);
      timers.forget.setRelative({ offset: within, outputTimestamp: expiry });
      ctx.output(element);
    },
    onTimer: { forget: ({ state }) => state.until.clear() },
  });
}

function mustBeTime(time: unknown): void {
  if (time === "event" || time === "processing") return;
  throw new PipelineError("BAD_ARGUMENT", { what: 'the time of deduplicate is "event" or "processing"', got: shortText(time) });
}
