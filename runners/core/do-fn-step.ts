import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { AnyDoFn } from "../../sdk/do-fn.ts";
import type { Instant } from "../../sdk/time.ts";
import { NO_FIRING, type Window } from "../../sdk/windowing.ts";
import { ElementContextOf, perWindow, type Receive } from "./step-context.ts";
import { isInstant, movedTo } from "./timestamps.ts";

/** The context of a DoFn's `process`: an element's, with the ways out. */
class ProcessContextOf extends ElementContextOf {
  windows: readonly Window[] = [];
  instance: unknown;
  output: unknown;
  outputs: Readonly<Record<string, unknown>> = {};
}

/** A DoFn in a stage: its calls for an element, and for the two ends of a bundle. */
export interface DoFnStep {
  readonly process: Receive;
  startBundle(instance: unknown, processingTime: Instant): void | Promise<void>;
  /** @param within - calls back in the bundle that ends: if the DoFn waits, others have come in between. */
  finishBundle(instance: unknown, processingTime: Instant, within: (emit: () => void) => void): void | Promise<void>;
  /** Makes an instance the one that the next calls are for. */
  use(instance: unknown, processingTime: Instant): void;
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
  /** Takes what the end of a bundle gives out. */
  readonly atEnd: readonly Receive[];
}

/** @param tags - the outputs after the main one, in their order. */
export function doFnStep(
  doFn: AnyDoFn,
  tags: readonly string[],
  { emits, atEnd }: DoFnOutputs,
  options: Readonly<Record<string, unknown>>,
): DoFnStep {
  const ctx = new ProcessContextOf(options);
  const fault = new FirstFault();
  const skew = doFn.allowedSkew ?? 0;
  Object.assign(
    ctx,
    named(
      tags,
      emits.map((emit) => (value: unknown, at?: { readonly timestamp?: Instant }): undefined => {
        const timestamp = at?.timestamp === undefined ? ctx.timestamp : movedTo(at.timestamp, ctx.timestamp, skew);
        const { windows, pane } = ctx;
        fault.guard(() => emit(value, timestamp, windows, pane));
      }),
    ),
  );

  const process: Receive = perWindow((value, timestamp, windows, pane) => {
    ctx.timestamp = timestamp;
    ctx.windows = windows;
    ctx.window = windows[0]!;
    ctx.pane = pane;
    fault.forget();
    let result: unknown;
    try {
      result = doFn.process(value as never, ctx as never);
    } catch (error) {
      throw fault.or(error);
    }
    fault.check();
    if (result !== undefined) refuseResult(result);
  });

  const bundleContext = (instance: unknown, processingTime: Instant) => ({ instance, processingTime, options, metrics: ctx.metrics });
  return {
    process,
    use(instance, processingTime) {
      ctx.instance = instance;
      ctx.processingTime = processingTime;
    },
    startBundle: (instance, processingTime) => doFn.startBundle?.(bundleContext(instance, processingTime)),
    finishBundle(instance, processingTime, within) {
      if (doFn.finishBundle === undefined) return undefined;
      const own = new FirstFault();
      const outputs = atEnd.map((emit) => (value: unknown, at: { readonly timestamp: Instant; readonly window: Window }): undefined => {
        checkPlace(at);
        own.guard(() => within(() => emit(value, at.timestamp, [at.window], NO_FIRING)));
      });
      return finished(() => doFn.finishBundle!({ ...bundleContext(instance, processingTime), ...named(tags, outputs) } as never), own);
    },
  };
}

/** Ends a bundle; what giving out an element threw counts, whatever user code made of it. */
function finished(call: () => void | Promise<void>, fault: FirstFault): void | Promise<void> {
  let done: void | Promise<void>;
  try {
    done = call();
  } catch (error) {
    throw fault.or(error);
  }
  if (!(done instanceof Promise)) return fault.check();
  return done.then(
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
