import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { AnyDoFn } from "../../sdk/do-fn.ts";
import { stepMetrics } from "../../sdk/step-metrics.ts";
import type { Instant } from "../../sdk/time.ts";
import { NO_FIRING, type Window } from "../../sdk/windowing.ts";
import type { ReadViews } from "./side-inputs/read-views.ts";
import { contextExpired } from "./state/key-state.ts";
import type { KeyedBinding } from "./state/keyed-binding.ts";
import { ElementContextOf, perWindow, type Receive } from "./step-context.ts";
import { isInstant, movedTo } from "./timestamps.ts";

/** The context of a DoFn's `process`: an element's, with the ways out. */
class ProcessContextOf extends ElementContextOf {
  windows: readonly Window[] = [];
  instance: unknown;
  output: unknown;
  outputs: Readonly<Record<string, unknown>> = {};
  state: object = NOTHING;
  timers: object = NOTHING;
}

/** The context of a callback without an element. */
class TimerContextOf {
  about: TimerCall | undefined;
  key: unknown;
  tag = "";
  timestamp: Instant = 0;
  window: Window | undefined;
  processingTime: Instant = 0;
  instance: unknown;
  state: object = NOTHING;
  timers: object = NOTHING;
  readonly options: Readonly<Record<string, unknown>>;
  readonly metrics = stepMetrics;

  constructor(options: Readonly<Record<string, unknown>>) {
    this.options = options;
  }

  begin(about: TimerCall, { processingTime, instance }: ProcessContextOf, binding: KeyedBinding): void {
    this.about = about;
    this.key = about.key;
    this.tag = about.tag;
    this.timestamp = about.timestamp;
    this.window = about.windows[0]!;
    this.processingTime = processingTime;
    this.instance = instance;
    this.state = binding.cells();
    this.timers = binding.timers();
  }
}

/** The states, or the timers, of a DoFn that has none. */
const NOTHING = Object.freeze({});

/** A DoFn in a stage: its calls for an element, and for the two ends of a bundle. */
export interface DoFnStep {
  readonly process: Receive;
  startBundle(instance: unknown, processingTime: Instant): void | Promise<void>;
  /** @param within - calls back in the bundle that ends: if the DoFn waits, others have come in between. */
  finishBundle(instance: unknown, processingTime: Instant, within: (emit: () => void) => void): void | Promise<void>;
  /** Makes an instance the one that the next calls are for. */
  use(instance: unknown, processingTime: Instant): void;
  /** Makes the states and timers of a partition those that the next calls are for. */
  bind(binding: KeyedBinding): void;
  /** Calls one of the DoFn's callbacks that take no element, for a key, a time and a window. */
  callBack(callback: (ctx: never) => unknown, about: TimerCall): void;
}

/** What a callback without an element is about. */
export interface TimerCall {
  readonly key: unknown;
  readonly tag: string;
  readonly timestamp: Instant;
  /** The time that what is given out has unless it says otherwise. */
  readonly outputTimestamp: Instant;
  /** The window, as a list. */
  readonly windows: readonly Window[];
}

/** The first failure of what took an element. User code may catch it, or throw something else; the bundle has failed all the same. */
class FirstFault {
  #fault: { readonly error: unknown } | undefined;

  /** Gives out an element, and keeps what that throws. */
  guard(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#fault ??= { error };
      throw error;
    }
  }

  /** The fault instead of what user code threw, if there was one. */
  or(error: unknown): unknown {
    return this.#fault === undefined ? error : this.#fault.error;
  }

  /** Throws the fault that user code has caught. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  forget(): void {
    this.#fault = undefined;
  }
}

/** Who takes what a DoFn gives out: the main output first, then those with tags. */
export interface DoFnOutputs {
  readonly emits: readonly Receive[];
  /** Takes what no element gives out: the end of a bundle, and timers. */
  readonly atEnd: readonly Receive[];
}

/** What a DoFn is called with in a stage. */
export interface DoFnSurroundings extends DoFnOutputs {
  readonly path: string;
  /** The outputs after the main one, in their order. */
  readonly tags: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly views: ReadViews | undefined;
}

/** A DoFn as a step. */
export function doFnStep(doFn: AnyDoFn, { path, tags, emits, atEnd, options, views }: DoFnSurroundings): DoFnStep {
  const ctx = new ProcessContextOf(options, views);
  const fault = new FirstFault();
  const skew = doFn.allowedSkew ?? 0;
  let isRunning = false;
  let binding: KeyedBinding | undefined;
  /** The steps behind this one have no part in its call, and so none in its states and timers. */
  const give = (emit: () => void): void => {
    if (binding === undefined) fault.guard(emit);
    else binding.outside(() => fault.guard(emit));
  };
  Object.assign(
    ctx,
    named(
      tags,
      emits.map((emit) => (value: unknown, at?: { readonly timestamp?: Instant }): undefined => {
        if (!isRunning) throw contextExpired(path);
        const timestamp = at?.timestamp === undefined ? ctx.timestamp : movedTo(at.timestamp, ctx.timestamp, skew);
        const { windows, pane } = ctx;
        give(() => emit(value, timestamp, windows, pane));
      }),
    ),
  );

  /** Runs user code; what it has written is taken back if it fails. */
  const called = <A>(timestamp: Instant, outputTimestamp: Instant, call: (about: A) => unknown, about: A): void => {
    const mark = binding?.begin(timestamp, outputTimestamp, ctx.processingTime);
    fault.forget();
    isRunning = true;
    try {
      const result = call(about);
      fault.check();
      if (result !== undefined) refuseResult(result);
    } catch (error) {
      binding?.takeBack(mark!);
      throw fault.or(error);
    } finally {
      isRunning = false;
      binding?.end();
    }
  };

  const processOne = (value: unknown): unknown => doFn.process(value as never, ctx as never);
  const process: Receive = perWindow((value, timestamp, windows, pane) => {
    ctx.timestamp = timestamp;
    ctx.windows = windows;
    ctx.window = windows[0]!;
    ctx.pane = pane;
    if (binding !== undefined) {
      ctx.state = binding.cells();
      ctx.timers = binding.timers();
    }
    called(timestamp, timestamp, processOne, value);
  });

  const bundleContext = () => {
    const { instance, processingTime, metrics } = ctx;
    return { instance, processingTime, options, metrics };
  };

  const timerCtx = new TimerContextOf(options);
  Object.assign(
    timerCtx,
    named(
      tags,
      atEnd.map((emit) => (value: unknown, at?: { readonly timestamp?: Instant }): undefined => {
        if (!isRunning) throw contextExpired(path);
        const { windows, outputTimestamp } = timerCtx.about!;
        const time = at?.timestamp === undefined ? outputTimestamp : movedTo(at.timestamp, outputTimestamp, skew);
        give(() => emit(value, time, windows, NO_FIRING));
      }),
    ),
  );

  const callBack: DoFnStep["callBack"] = (callback, about) => {
    timerCtx.begin(about, ctx, binding!);
    called(about.timestamp, about.outputTimestamp, callback, timerCtx as never);
  };

  return {
    process,
    callBack,
    bind(own) {
      binding = own;
    },
    use(instance, processingTime) {
      ctx.instance = instance;
      ctx.processingTime = processingTime;
    },
    startBundle: (instance, processingTime) => doFn.startBundle?.({ ...bundleContext(), instance, processingTime }),
    finishBundle(instance, processingTime, within) {
      if (doFn.finishBundle === undefined) return undefined;
      const own = new FirstFault();
      let isOver = false;
      const outputs = atEnd.map((emit) => (value: unknown, at: { readonly timestamp: Instant; readonly window: Window }): undefined => {
        if (isOver) throw contextExpired(path);
        checkPlace(at);
        own.guard(() => within(() => emit(value, at.timestamp, [at.window], NO_FIRING)));
      });
      const end = { ...bundleContext(), instance, processingTime, ...named(tags, outputs) };
      return finished(
        () => doFn.finishBundle!(end as never),
        own,
        () => (isOver = true),
      );
    },
  };
}

/** Ends a bundle; what giving out an element threw counts, whatever user code made of it. */
function finished(call: () => void | Promise<void>, fault: FirstFault, onEnd: () => void): void | Promise<void> {
  let done: void | Promise<void>;
  try {
    done = call();
  } catch (error) {
    onEnd();
    throw fault.or(error);
  }
  if (!(done instanceof Promise)) {
    onEnd();
    return fault.check();
  }
  return done.finally(onEnd).then(
    () => fault.check(),
    (error: unknown) => {
      throw fault.or(error);
    },
  );
}

/** Ways out by name: the main one, and the others by their tags. */
const named = <F>(tags: readonly string[], [main, ...others]: readonly F[]) => ({
  output: main,
  outputs: Object.freeze(Object.fromEntries(tags.map((tag, i) => [tag, others[i]]))),
});

function refuseResult(result: unknown): never {
  const isPromise = typeof (result as { then?: unknown } | null)?.then === "function";
  if (isPromise) (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new PipelineError(isPromise ? "ASYNC_STEP" : "BAD_ARGUMENT", {
    what: isPromise
      ? "process returned a promise, but the DoFn does not say that it is async"
      : "process returned a value, which would be lost",
    got: isPromise ? undefined : shortText(result),
    fix: isPromise ? "set async: true on the DoFn" : "give elements out by ctx.output(…)",
  });
}

/** Refuses what finishBundle gives out without saying where it belongs. */
export function checkPlace(at: { readonly timestamp: Instant; readonly window: Window } | undefined): void {
  if (at !== undefined && isInstant(at.timestamp) && typeof at.window?.maxTimestamp === "number") return;
  throw new PipelineError("BAD_TIMESTAMP", {
    what: "finishBundle gave out an element without a time and a window",
    got: shortText(at),
    fix: "pass { timestamp, window }, since no element lends them here",
  });
}
