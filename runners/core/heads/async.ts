import type { AnyDoFn } from "../../../sdk/do-fn.ts";
import { PipelineError } from "../../../sdk/errors.ts";
import type { Backoff } from "../../../sdk/failure.ts";
import { MAX_INSTANT, NEVER, type Instant } from "../../../sdk/time.ts";
import { NO_FIRING, type Pane, type Window } from "../../../sdk/windowing.ts";
import { isStamp, type Batch } from "../batch.ts";
import type { Bundle } from "../bundle.ts";
import { stepFailed } from "../failures.ts";
import { deadLetterOf } from "../guard.ts";
import { BundleMetrics, type MetricDelta } from "../metric-container.ts";
import type { Step } from "../plan.ts";
import type { Clock, Random } from "../ports.ts";
import type { Views } from "../side-inputs/views.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import { AsyncCall, type Emission } from "./async-call.ts";
import { PLAIN, type HeadResult, type HeadRunner } from "./head.ts";

/** What is committed at once: so many results, or as many as there are after this many ms. */
const RESULTS_AT_ONCE = 64;
const WAIT_MS = 10;

/** An element that is waiting for its turn, being worked on, or done. */
interface Entry {
  readonly value: unknown;
  readonly timestamp: Instant;
  readonly windows: readonly Window[];
  readonly pane: Pane;
  /** What came of it; nothing before it is done. */
  done: { readonly emissions: readonly Emission[] } | undefined;
}

/** A share of the elements that a step works on at once, of all partitions on a thread. */
export class Permits {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Whether one was free, and is taken now. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** Whether one could be taken now. */
  get areFree(): boolean {
    return this.#free > 0;
  }

  giveBack(): void {
    this.#free++;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  /** Calls back once, when one was given back. */
  onFree(tell: () => void): void {
    this.#waiting.push(tell);
  }
}

/** What an async head is made of. */
export interface AsyncHeadParts {
  readonly step: Step;
  readonly options: Readonly<Record<string, unknown>>;
  readonly views: Views;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the run fails or is cancelled. */
  readonly signal: AbortSignal;
  readonly permits: Permits;
}

/**
 * Works on elements that have to wait for something, several at once. A bundle ends when enough of them are done, and the
 * others go on: they are held here, and hold the watermark back at their times. A DoFn has a bundle's elements all done
 * before the bundle ends, since its lifecycle says so.
 */
export class AsyncHead implements HeadRunner {
  readonly #parts: AsyncHeadParts;
  readonly #call: AsyncCall;
  readonly #metrics: BundleMetrics;
  readonly #entries: Entry[] = [];
  #started = 0;
  #done = 0;
  /** How many entries, from the first on, are done. */
  #prefix = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  /** Whether no more elements will come. */
  #isInputOver = false;
  /** Whether it is told when a permit is given back. */
  #isTold = false;
  #givenUp = 0;
  /** Tell the calls that are under way to stop. */
  readonly #running = new Set<AbortController>();

  constructor(parts: AsyncHeadParts) {
    this.#parts = parts;
    parts.signal.addEventListener("abort", () => this.#stopAll(parts.signal.reason));
    this.#metrics = new BundleMetrics(parts.step.path, parts.clock.now);
    this.#call = new AsyncCall(parts.step, parts.options, parts.views, this.#metrics);
  }

  async run({ batches, inputWatermark, processingTime }: Bundle, steps: StageLoop, pass: Pass): Promise<HeadResult> {
    for (const batch of batches) this.#enqueue(batch);
    this.#isInputOver = inputWatermark >= MAX_INSTANT;
    await this.#call.startBundle(processingTime);
    this.#startMore();
    await this.#settle();
    if (this.#failure !== undefined) throw this.#failure.error;
    const last = await this.#call.finishBundle(processingTime);
    this.#emit(steps, pass, last);
    return this.#result();
  }

  close(): Promise<void> {
    return this.#call.tearDown();
  }

  /** Tells all calls and waits that are under way to stop: nobody needs their results any more. */
  #stopAll(reason: unknown): void {
    for (const own of this.#running) own.abort(reason);
  }

  #enqueue({ values, size, stamps }: Batch): void {
    for (let i = 0; i < size; i++) {
      const [timestamp, windows, pane] = isStamp(stamps)
        ? [stamps.timestamp, stamps.windows, stamps.pane]
        : [stamps.timestamps[i]!, stamps.windows[i]!, stamps.panes[i]!];
      const each = this.#call.runsPerWindow && windows.length > 1 ? windows.map((window) => [window]) : [windows];
      for (const own of each) this.#entries.push({ value: values[i], timestamp, windows: own, pane, done: undefined });
    }
  }

  #startMore(): void {
    const { permits } = this.#parts;
    while (this.#started < this.#entries.length && this.#failure === undefined) {
      if (!permits.tryTake()) {
        permits.onFree(() => this.#startMore());
        return;
      }
      void this.#work(this.#entries[this.#started++]!);
    }
  }

  /** Works on one element until it is done, given up, or has failed the run. Never rejects. */
  async #work(entry: Entry): Promise<void> {
    try {
      entry.done = { emissions: await this.#attempts(entry) };
      this.#done++;
    } catch (error) {
      this.#failure ??= { error };
      this.#stopAll(error);
    }
    this.#parts.permits.giveBack();
    this.#wake();
  }

  async #attempts(entry: Entry): Promise<readonly Emission[]> {
    const { step, signal } = this.#parts;
    const { attempts = 1, backoff, then = "fail" } = step.failure ?? {};
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(entry);
      } catch (error) {
        if (signal.aborted || (attempt === attempts && then === "fail")) throw stepFailed(step.path, entry.value, error);
        if (attempt < attempts) await this.#wait(backoff, attempt);
        else return this.#giveUp(entry, error, attempts, then);
      }
    }
  }

  #giveUp({ value, timestamp }: Entry, error: unknown, attempts: number, then: "skip" | "deadLetter" | "fail"): readonly Emission[] {
    const { path, outputs } = this.#parts.step;
    this.#givenUp++;
    return then === "skip" ? [] : [{ output: outputs.length - 1, value: deadLetterOf(value, path, error, attempts, timestamp), timestamp }];
  }

  /** One attempt, within its time. Who is over time is told by the signal, and not waited for. */
  #attempt(entry: Entry): Promise<readonly Emission[]> {
    const { clock } = this.#parts;
    const { timeout } = this.#call;
    const own = new AbortController();
    this.#running.add(own);
    let stop = (): void => {};
    return new Promise<readonly Emission[]>((resolve, reject) => {
      own.signal.addEventListener("abort", () => reject(own.signal.reason as Error), { once: true });
      if (timeout !== undefined) stop = clock.after(timeout, () => own.abort(overTime(timeout)));
      this.#call.call(entry.value, entry, own.signal).then(resolve, reject);
    }).finally(() => {
      stop();
      this.#running.delete(own);
    });
  }

  #wait(backoff: Backoff | undefined, attempt: number): Promise<void> {
    if (backoff === undefined) return Promise.resolve();
    const { first, factor = 2, most = Infinity, jitter = false } = backoff;
    const ms = Math.min(first * factor ** (attempt - 1), most) * (jitter ? 1 - this.#parts.random() / 2 : 1);
    const own = new AbortController();
    this.#running.add(own);
    return new Promise<void>((resolve, reject) => {
      const stop = this.#parts.clock.after(ms, resolve);
      own.signal.addEventListener("abort", () => {
        stop();
        reject(own.signal.reason as Error);
      });
    }).finally(() => this.#running.delete(own));
  }

  /** Resolves when it is time to commit. */
  #settle(): Promise<void> {
    return new Promise((resolve) => {
      let isTimeOver = false;
      let stop = (): void => {};
      const look = (): void => {
        if (this.#failure === undefined && !this.#isTimeToCommit(isTimeOver)) return;
        stop();
        this.#wake = () => {};
        resolve();
      };
      this.#wake = look;
      stop = this.#parts.clock.after(WAIT_MS, () => {
        isTimeOver = true;
        look();
      });
      look();
    });
  }

  #isTimeToCommit(isTimeOver: boolean): boolean {
    if (this.#done === this.#entries.length) return true;
    if (this.#call.needsAll) return false;
    const ready = this.#readyCount();
    return ready >= RESULTS_AT_ONCE || (isTimeOver && (ready > 0 || this.#couldTakeMore()));
  }

  /**
   * Whether a bundle that ends without any result serves a purpose: elements that have come meanwhile could be begun with. Where
   * they could not, it goes on until something is done, so that a call that never comes back costs nothing.
   */
  #couldTakeMore(): boolean {
    if (this.#isInputOver || this.#started < this.#entries.length) return false;
    const { permits } = this.#parts;
    if (permits.areFree) return true;
    if (!this.#isTold) {
      this.#isTold = true;
      permits.onFree(() => {
        this.#isTold = false;
        this.#wake();
      });
    }
    return false;
  }

  /** How many results may leave: those that are done, or the first ones up to one that is not. */
  #readyCount(): number {
    if (!this.#call.isOrdered) return this.#done;
    while (this.#entries[this.#prefix]?.done !== undefined) this.#prefix++;
    return this.#prefix;
  }

  #emit(steps: StageLoop, pass: Pass, last: readonly Emission[]): void {
    const ready = this.#takeReady();
    for (const { windows, pane, done } of ready) {
      for (const { output, value, timestamp, windows: own = windows } of done!.emissions) {
        steps.emit(output, value, { timestamp, windows: own, pane }, pass);
      }
    }
    for (const { output, value, timestamp, windows } of last)
      steps.emit(output, value, { timestamp, windows: windows!, pane: NO_FIRING }, pass);
  }

  #takeReady(): readonly Entry[] {
    const first = this.#readyCount();
    const all = this.#entries.splice(0);
    const ready: Entry[] = [];
    all.forEach((entry, i) => (entry.done !== undefined && (!this.#call.isOrdered || i < first) ? ready : this.#entries).push(entry));
    this.#started -= ready.length;
    this.#done -= ready.length;
    this.#prefix = 0;
    return ready;
  }

  #result(): HeadResult {
    const metrics = [...this.#metrics.take(), ...this.#givenUpCount()];
    if (this.#entries.length === 0) return { ...PLAIN, metrics };
    const hold = this.#entries.reduce((earliest, { timestamp }) => Math.min(earliest, timestamp), NEVER);
    // Due at once: the next bundle takes up what is done by then, and whatever has come meanwhile.
    return { ...PLAIN, metrics, hold, held: this.#entries.length, nextTimer: -Infinity };
  }

  #givenUpCount(): readonly MetricDelta[] {
    const { path, failure } = this.#parts.step;
    const add = this.#givenUp;
    this.#givenUp = 0;
    if (add === 0) return [];
    return [{ step: path, namespace: path, name: failure!.then === "skip" ? "skipped" : "failed", value: { kind: "counter", add } }];
  }
}

const overTime = (timeout: number): PipelineError =>
  new PipelineError("TIMED_OUT", {
    what: `an async step took longer than its timeout of ${timeout} ms`,
    fix: "raise the timeout, or see what it waits for",
  });

/** How many elements a step works on at once on each thread. */
export function concurrencyOf({ fn }: Step): number {
  if (fn.kind === "async") return fn.concurrency;
  return fn.kind === "doFn" ? ((fn.doFn as AnyDoFn).concurrency ?? DEFAULT_CONCURRENCY) : 1;
}

const DEFAULT_CONCURRENCY = 16;
