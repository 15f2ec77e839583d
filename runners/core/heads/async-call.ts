import type { AnyDoFn } from "../../../sdk/do-fn.ts";
import type { ElementFn } from "../../../sdk/graph.ts";
import type { AnySplittableDoFn } from "../../../sdk/splittable.ts";
import { enterContainer, leaveContainer } from "../../../sdk/metric-cells.ts";
import { metricsOf } from "../../../sdk/step-metrics.ts";
import type { Duration, Instant } from "../../../sdk/time.ts";
import type { Pane, Window } from "../../../sdk/windowing.ts";
import { checkPlace } from "../do-fn-step.ts";
import { lifecycleFailed } from "../failures.ts";
import type { BundleMetrics } from "../metric-container.ts";
import { tagsOf, type Step } from "../plan.ts";
import { plainStep } from "../step-call.ts";
import { readViews } from "../side-inputs/read-views.ts";
import type { Views } from "../side-inputs/views.ts";
import { contextExpired } from "../state/key-state.ts";
import type { ElementContextOf, Receive } from "../step-context.ts";
import { movedTo } from "../timestamps.ts";

/** Something that a call gave out. It leaves only when the call has succeeded. */
export interface Emission {
  /** Which output of the step. */
  readonly output: number;
  readonly value: unknown;
  readonly timestamp: Instant;
  /** Those of the element, unless it says otherwise. */
  readonly windows?: readonly Window[];
}

/** What a call may know of its element. */
interface Placed {
  readonly timestamp: Instant;
  readonly windows: readonly Window[];
  readonly pane: Pane;
}

/** The function of an async step: of asyncMap, or the `process` of an async DoFn with its lifecycle. */
export class AsyncCall {
  readonly timeout: Duration | undefined;
  readonly isOrdered: boolean;
  /** Whether a bundle is over only when all of its elements are done. */
  readonly needsAll: boolean;
  readonly runsPerWindow: boolean;
  readonly #step: Step;
  readonly #common: { readonly options: Readonly<Record<string, unknown>>; readonly metrics: ReturnType<typeof metricsOf> };
  readonly #metrics: BundleMetrics;
  readonly #doFn: AnyDoFn | AnySplittableDoFn | undefined;
  readonly #plain: Receive | undefined;
  #collect: (output: number, value: unknown, timestamp: Instant, windows: readonly Window[]) => void = () => {};
  readonly #contexts: ElementContextOf[] = [];
  #processingTime: Instant = 0;
  #instance: unknown;
  #isSetUp = false;

  readonly #views: Views;

  constructor(step: Step, options: Readonly<Record<string, unknown>>, views: Views, metrics: BundleMetrics) {
    this.#views = views;
    const { fn } = step;
    this.#step = step;
    this.#metrics = metrics;
    this.#common = { options, metrics: metricsOf(metrics) };
    this.#doFn = doFnOf(fn);
    this.timeout = fn.kind === "doFn" ? (fn.doFn.timeout as Duration | undefined) : fn.kind === "async" ? fn.timeout : undefined;
    this.isOrdered = fn.kind === "async" && fn.ordered;
    this.needsAll = this.#doFn !== undefined;
    this.runsPerWindow = this.#doFn !== undefined;
    if (fn.kind !== "async" && this.#doFn === undefined) this.#plain = this.#plainCall(options);
  }

  #plainCall(options: Readonly<Record<string, unknown>>): Receive {
    const emits = this.#step.outputs.map(
      (_, output): Receive =>
        (value, timestamp, windows) =>
          this.#collect(output, value, timestamp, windows),
    );
    const host = { steps: [this.#step], options, doFns: new Map(), contexts: this.#contexts, views: this.#views, isRunning: true };
    return plainStep(host, 0, emits, () => {});
  }

  /** Begins to work on an element; rejects with what user code throws. */
  async call(value: unknown, at: Placed, signal: AbortSignal): Promise<readonly Emission[]> {
    const { fn } = this.#step;
    if (fn.kind === "async") {
      const ctx = { ...this.#common, processingTime: this.#processingTime, signal };
      return [{ output: 0, value: await this.#inStep(() => fn.call(value, ctx)), timestamp: at.timestamp }];
    }
    if (fn.kind !== "doFn") return this.#callPlain(value, at);
    const emissions: Emission[] = [];
    await this.process(value, at, { signal }, emissions);
    return emissions;
  }

  /** Metrics that are kept at module level count for this step until its function first waits. */
  #inStep<A>(call: () => A): A {
    const outer = enterContainer(this.#metrics);
    try {
      return call();
    } finally {
      leaveContainer(outer);
    }
  }

  /** A step that does not wait itself, but whose failure policy does. */
  #callPlain(value: unknown, { timestamp, windows, pane }: Placed): readonly Emission[] {
    const emissions: Emission[] = [];
    this.#collect = (output, given, time, own) => void emissions.push({ output, value: given, timestamp: time, windows: own });
    this.#inStep(() => this.#plain!(value, timestamp, windows, pane));
    return emissions;
  }

  /**
   * Calls `process` of a DoFn, and answers what that gave.
   *
   * @param extra - what its context has besides what all have.
   * @param emissions - takes what it gives out.
   */
  async process(value: unknown, { timestamp, windows, pane }: Placed, extra: object, emissions: Emission[]): Promise<unknown> {
    const doFn = this.#doFn!;
    const { allowedSkew = 0 } = doFn;
    const { path, sides } = this.#step;
    let isOver = false;
    const outputTo = (output: number) => (given: unknown, at?: { readonly timestamp?: Instant }) => {
      if (isOver) throw contextExpired(path);
      emissions.push({
        output,
        value: given,
        timestamp: at?.timestamp === undefined ? timestamp : movedTo(at.timestamp, timestamp, allowedSkew),
      });
    };
    const window = windows[0]!;
    const reading: { window: Window | undefined } = { window };
    const sideInputs = readViews(sides, this.#views, path, () => !isOver)(reading);
    const ctx = { ...this.#bundleContext(), ...this.#outputs(outputTo), timestamp, window, pane, sideInputs, ...extra };
    try {
      return await this.#inStep(() => doFn.process(value as never, ctx as never) as unknown);
    } finally {
      isOver = true;
      reading.window = undefined;
    }
  }

  async startBundle(processingTime: Instant): Promise<void> {
    this.#processingTime = processingTime;
    for (const ctx of this.#contexts) ctx.processingTime = processingTime;
    await this.#guarded(async () => {
      if (!this.#isSetUp) {
        this.#isSetUp = true;
        this.#instance = await this.#doFn?.setup?.();
      }
      await this.#doFn?.startBundle?.(this.#bundleContext() as never);
    });
  }

  /** Ends the bundle; answers what that gave out. */
  async finishBundle(processingTime: Instant): Promise<readonly Emission[]> {
    this.#processingTime = processingTime;
    const emissions: Emission[] = [];
    const outputTo = (output: number) => (value: unknown, at: { readonly timestamp: Instant; readonly window: Window }) => {
      checkPlace(at);
      emissions.push({ output, value, timestamp: at.timestamp, windows: [at.window] });
    };
    await this.#guarded(async () => this.#doFn?.finishBundle?.({ ...this.#bundleContext(), ...this.#outputs(outputTo) } as never));
    return emissions;
  }

  async tearDown(): Promise<void> {
    if (!this.#isSetUp) return;
    this.#isSetUp = false;
    await this.#guarded(async () => this.#doFn?.teardown?.(this.#instance as never));
  }

  #bundleContext() {
    return { ...this.#common, processingTime: this.#processingTime, instance: this.#instance };
  }

  #outputs<F>(outputTo: (output: number) => F): { readonly output: F; readonly outputs: Readonly<Record<string, F>> } {
    const { fn } = this.#step;
    const tags = this.#doFn === undefined ? [] : tagsOf(fn as ElementFn);
    return { output: outputTo(0), outputs: Object.fromEntries(tags.map((tag, i) => [tag, outputTo(i + 1)])) };
  }

  async #guarded(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      throw lifecycleFailed(this.#step.path, error);
    }
  }
}

function doFnOf(fn: Step["fn"]): AnyDoFn | AnySplittableDoFn | undefined {
  if (fn.kind === "doFn") return fn.doFn;
  return fn.kind === "read" && fn.of.kind === "doFn" ? fn.of.doFn : undefined;
}
