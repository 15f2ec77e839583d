import type { Observable, Subscription } from "rxjs";
import type { Coder } from "../../sdk/coders/coder.ts";
import { PipelineError } from "../../sdk/errors.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { claimRange, type Chunk, type OffsetRange, type Tracker } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { boundedSource } from "../../sdk/transforms/bounded-source.ts";

/** How {@link fromObservable} takes what an observable pushes. */
export interface FromObservableOptions<T> {
  /** The event time of an element, in ms since the epoch; `MIN_INSTANT` unless given. */
  readonly timestampOf?: (element: T) => Instant;
  /** How many elements may wait to be taken; a whole number, at least 1. 10,000 unless given. */
  readonly bufferElements?: number;
  /** What happens to an element when that many wait: the run fails, or the oldest or the new one is dropped and counted. `"fail"` unless given. */
  readonly onOverflow?: "fail" | "dropOldest" | "dropNewest";
  /** The coder of the elements; the structural one unless given. */
  readonly coder?: Coder<T>;
}

/**
 * Reads an observable that completes. It is subscribed to when the run reaches it.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`. Nobody can slow a push source down, so what happens when it is faster than
 * the pipeline is a choice: see `onOverflow`. What is dropped is counted as `dropped_overflow`.
 *
 * @throws PipelineError from the run: `READ_FAILED` when the observable errors, `OVERFLOW` when too many elements wait,
 * `NOT_SUPPORTED` on another runner than `rxjsRunner()`.
 *
 * @example
 * ```ts
 * p.apply(fromObservable(from([1, 2, 3]))).apply(map((n) => n * 2)); // 2, 4, 6
 * ```
 */
export function fromObservable<T>(
  observable: Observable<T>,
  { timestampOf, bufferElements = 10_000, onOverflow = "fail", coder }: FromObservableOptions<T> = {},
): PTransform<Pipeline, PCollection<T>> {
  if (!Number.isInteger(bufferElements) || bufferElements < 1) {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "bufferElements of fromObservable is a whole number of at least 1",
      got: String(bufferElements),
    });
  }
  // One inbox for the whole run: a read that is stopped and taken up again goes on with what has come meanwhile.
  let inbox: Inbox<T> | undefined;
  const theInbox = (): Inbox<T> => (inbox ??= new Inbox(observable, bufferElements, onOverflow));
  return boundedSource({
    name: "FromObservable",
    onlyOn: "rxjs",
    restriction: () => ({ from: 0, to: Infinity }),
    split: (range) => [range],
    read: (range, tracker) => chunks(theInbox(), range, tracker, timestampOf),
    ...(coder === undefined ? {} : { coder }),
  });
}

async function* chunks<T>(
  inbox: Inbox<T>,
  range: OffsetRange,
  tracker: Tracker,
  timestampOf: ((element: T) => Instant) | undefined,
): AsyncIterable<Chunk<T>> {
  let position = range.from;
  let isStopped = false;
  try {
    for (;;) {
      const { values, dropped, isLast } = await inbox.take();
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
  } finally {
    if (!isStopped) inbox.close();
  }
}

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

  /** What waits, as soon as something does. Throws what the observable failed with, after what came before that. */
  async take(): Promise<{ readonly values: readonly T[]; readonly dropped: number; readonly isLast: boolean }> {
    while (this.#waiting.length === 0 && this.#dropped === 0 && !this.#isComplete && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    const taken = { values: this.#waiting, dropped: this.#dropped, isLast: this.#isComplete };
    this.#waiting = [];
    this.#dropped = 0;
    return taken;
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
