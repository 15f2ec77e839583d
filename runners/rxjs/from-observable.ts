import { throwError, timeout, type Observable, type Subscription } from "rxjs";
import { mustBeWhole } from "../../sdk/check.ts";
import type { Coder } from "../../sdk/coders/coder.ts";
import { PipelineError } from "../../sdk/errors.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { resume, Resume } from "../../sdk/resume.ts";
import { claimRange, type Chunk, type OffsetRange, type Tracker, type UnboundedSource } from "../../sdk/source.ts";
import { minutes, NEVER, type Duration, type Instant } from "../../sdk/time.ts";
import { boundedSource } from "../../sdk/transforms/bounded-source.ts";
import { unboundedSource } from "../../sdk/transforms/unbounded-source.ts";
import { wallClockWatermark, type WatermarkPolicy } from "../../sdk/watermark.ts";

/** How {@link fromObservable} takes what an observable pushes. */
export interface FromObservableOptions<T> {
  /** The event time of an element, in ms since the epoch; without it `MIN_INSTANT`, and the time at which it is read where there is no end. */
  readonly timestampOf?: (element: T) => Instant;
  /** How many elements may wait to be taken; a whole number, at least 1. 10,000 unless given. */
  readonly bufferElements?: number;
  /** What happens to an element when that many wait: the run fails, or the oldest or the new one is dropped and counted. `"fail"` unless given. */
  readonly onOverflow?: "fail" | "dropOldest" | "dropNewest";
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
}

/** How an observable is read that completes. */
export interface BoundedObservableOptions<T> extends FromObservableOptions<T> {
  /** Whether it may go on for ever; not unless given. */
  readonly unbounded?: false;
  /**
   * After how long without an element, in ms, the run fails, since an observable that never completes would keep it for ever; a minute
   * unless given, `NEVER` for not at all.
   */
  readonly timeout?: Duration;
}

/** How an observable is read that goes on for ever. */
export interface UnboundedObservableOptions<T> extends FromObservableOptions<T> {
  /** Whether it may go on for ever. */
  readonly unbounded: true;
  /** How far event times have got; that of the clock unless given. With `timestampOf` it is needed. */
  readonly watermark?: WatermarkPolicy;
  /** After how long without an element, in ms, it holds the watermark back no more; never unless given. */
  readonly idleTimeout?: Duration;
}

/**
 * Reads an observable. It is subscribed to when the run reaches it.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`, or with `unbounded: true` an unbounded one. Nobody can slow a push source down, so what
 * happens when it is faster than the pipeline is a choice: see `onOverflow`. What is dropped is counted as `dropped_overflow`.
 *
 * @throws PipelineError `BAD_ARGUMENT` for a setting out of range, or event times without a watermark. From the run: `READ_FAILED` when
 * the observable errors, `TIMED_OUT` when a bounded one neither gives anything nor completes, `OVERFLOW` when too many elements wait,
 * `NOT_SUPPORTED` on another runner than `rxjsRunner()`.
 *
 * @example
 * ```ts
 * p.apply(fromObservable(from([1, 2, 3]))).apply(map((n) => n * 2)); // 2, 4, 6
 * p.apply(fromObservable(clicks$, { unbounded: true })).apply(windowInto(fixedWindows(seconds(5))));
 * ```
 */
export function fromObservable<T>(
  observable: Observable<T>,
  options: BoundedObservableOptions<T> | UnboundedObservableOptions<T> = {},
): PTransform<Pipeline, PCollection<T>> {
  const { timestampOf, bufferElements = 10_000, onOverflow = "fail", coder } = options;
  mustBeWhole("bufferElements of fromObservable", bufferElements, 1);
  // One inbox for the whole run: a read that is stopped and taken up again goes on with what has come meanwhile.
  let inbox: Inbox<T> | undefined;
  const given = options.unbounded === true ? observable : completing(observable, options.timeout ?? minutes(1));
  const theInbox = (): Inbox<T> => (inbox ??= new Inbox(given, bufferElements, onOverflow));
  const source: UnboundedSource<T, OffsetRange> = {
    name: "FromObservable",
    onlyOn: "rxjs",
    restriction: () => ({ from: 0, to: Infinity }),
    split: (range) => [range],
    read: (range, tracker, { signal }) => chunks(theInbox(), range, tracker, signal, timestampOf),
    watermark: watermarkOf(options),
    ...(options.unbounded === true && options.idleTimeout !== undefined ? { idleTimeout: options.idleTimeout } : {}),
    ...(coder === undefined ? {} : { coder }),
  };
  if (options.unbounded === true) return unboundedSource(source);
  const { watermark: _none, ...bounded } = source;
  return boundedSource({ ...bounded, read: (range, tracker, { signal }) => waiting(theInbox(), range, tracker, signal, timestampOf) });
}

function watermarkOf<T>(options: BoundedObservableOptions<T> | UnboundedObservableOptions<T>): WatermarkPolicy {
  if (options.unbounded === true && options.watermark !== undefined) return options.watermark;
  if (options.unbounded !== true || options.timestampOf === undefined) return wallClockWatermark();
  throw new PipelineError("BAD_ARGUMENT", {
    what: "an observable without an end has event times, and nothing says how far they have got",
    fix: "add watermark: monotonicWatermark(), or boundedDelayWatermark(delay) where elements come out of order",
  });
}

/** An observable that fails where it is silent for too long. */
const completing = <T>(observable: Observable<T>, silence: Duration): Observable<T> =>
  silence === NEVER
    ? observable
    : observable.pipe(
        timeout({
          each: silence,
          with: () =>
            throwError(
              () =>
                new PipelineError("TIMED_OUT", {
                  what: "an observable that is read as bounded has neither given an element nor completed",
                  got: `nothing for ${silence} ms`,
                  fix: "complete it, say { unbounded: true } for one that goes on for ever, or give a longer timeout",
                }),
            ),
        }),
      );

/** How long a read of an observable rests at most, in ms: it is woken when there is something. */
const REST_MS = 1_000;

async function* chunks<T>(
  inbox: Inbox<T>,
  range: OffsetRange,
  tracker: Tracker,
  signal: AbortSignal,
  timestampOf: ((element: T) => Instant) | undefined,
): AsyncIterable<Chunk<T> | Resume> {
  let position = range.from;
  let isStopped = false;
  // One that is stopped goes on with another read.
  signal.addEventListener("abort", () => isStopped || inbox.close(), { once: true });
  for (;;) {
    const { values, dropped, isLast } = inbox.take();
    if (values.length === 0 && dropped === 0 && !isLast) {
      yield resume({ after: REST_MS, wake: (notify) => inbox.onArrival(notify) });
      continue;
    }
    const claimed = values.length === 0 ? 0 : claimRange(tracker, position, position + values.length);
    position += claimed;
    inbox.putBack(values.slice(claimed));
    const taken = values.slice(0, claimed);
    yield { values: taken, dropped, ...(timestampOf === undefined ? {} : { timestamps: Float64Array.from(taken, timestampOf) }) };
    isStopped = claimed < values.length;
    if (isStopped) return;
    if (!isLast) continue;
    tracker.tryClaim(range.to);
    return;
  }
}

/** The same where a read waits for what comes next. */
async function* waiting<T>(inbox: Inbox<T>, ...rest: ParametersAfterInbox<T>): AsyncIterable<Chunk<T>> {
  for await (const chunk of chunks(inbox, ...rest)) {
    if (chunk instanceof Resume) await inbox.arrival();
    else yield chunk;
  }
}

type ParametersAfterInbox<T> = Parameters<typeof chunks<T>> extends [unknown, ...infer Rest] ? Rest : never;

/** What an observable has pushed and nobody has taken yet. */
class Inbox<T> {
  readonly #subscription: Subscription;
  readonly #most: number;
  readonly #onOverflow: "fail" | "dropOldest" | "dropNewest";
  #waiting: T[] = [];
  #dropped = 0;
  #isComplete = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(observable: Observable<T>, most: number, onOverflow: "fail" | "dropOldest" | "dropNewest") {
    this.#most = most;
    this.#onOverflow = onOverflow;
    this.#subscription = observable.subscribe({
      next: (value) => this.#push(value),
      error: (error: unknown) => this.#end({ error }),
      complete: () => this.#end(undefined),
    });
  }

  /** What waits. Throws what the observable failed with, after what came before that. */
  take(): { readonly values: readonly T[]; readonly dropped: number; readonly isLast: boolean } {
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    const taken = { values: this.#waiting, dropped: this.#dropped, isLast: this.#isComplete };
    this.#waiting = [];
    this.#dropped = 0;
    return taken;
  }

  /** Calls back whenever something comes, until the returned function is called. */
  onArrival(notify: () => void): () => void {
    this.#wake = notify;
    return () => {
      this.#wake = () => {};
    };
  }

  /** Resolves when something comes. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.onArrival(resolve));
  }

  /** Elements that the reader was not allowed to give out. */
  putBack(values: readonly T[]): void {
    if (values.length > 0) this.#waiting = [...values, ...this.#waiting];
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #push(value: T): void {
    if (this.#waiting.length >= this.#most && !this.#makeRoom()) return;
    this.#waiting.push(value);
    this.#wake();
  }

  /** Answers whether there is room for the new element. */
  #makeRoom(): boolean {
    if (this.#onOverflow === "fail") {
      this.#end({ error: overflow(this.#most) });
      this.#waiting = [];
      return false;
    }
    this.#dropped++;
    if (this.#onOverflow === "dropOldest") this.#waiting.shift();
    return this.#onOverflow === "dropOldest";
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#failure ??= failure;
    this.#isComplete = failure === undefined;
    this.#wake();
  }
}

const overflow = (most: number): PipelineError =>
  new PipelineError("OVERFLOW", {
    what: "an observable pushes faster than the pipeline takes",
    got: `more than ${most} elements were waiting`,
    fix: 'raise bufferElements, slow the observable down before it gets here, or choose onOverflow: "dropOldest" or "dropNewest"',
  });
