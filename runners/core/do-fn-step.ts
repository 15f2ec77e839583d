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
  finishBundle(instance: unknown, processingTime: Instant): void | Promise<void>;
  /** Makes an instance the one that the next calls are for. */
  use(instance: unknown, processingTime: Instant): void;
}

/**
 * @param tags - the outputs after the main one, in the order of `emits`.
 * @param emits - takes what is given out, the main output first.
 */
export function doFnStep(
  doFn: AnyDoFn,
  tags: readonly string[],
  emits: readonly Receive[],
  options: Readonly<Record<string, unknown>>,
): DoFnStep {
  const ctx = new ProcessContextOf(options);
  // User code may catch what giving out an element throws; the bundle has failed all the same.
  let fault: { readonly error: unknown } | undefined;
  const skew = doFn.allowedSkew ?? 0;
  const [main, ...others] = emits.map((emit) => (value: unknown, at?: { readonly timestamp?: Instant }): undefined => {
    const timestamp = at?.timestamp === undefined ? ctx.timestamp : movedTo(at.timestamp, ctx.timestamp, skew);
    const { windows, pane } = ctx;
    try {
      emit(value, timestamp, windows, pane);
    } catch (error) {
      fault ??= { error };
      throw error;
    }
  });
  ctx.output = main;
  ctx.outputs = Object.freeze(Object.fromEntries(tags.map((tag, i) => [tag, others[i]])));

  const process: Receive = perWindow((value, timestamp, windows, pane) => {
    ctx.timestamp = timestamp;
    ctx.windows = windows;
    ctx.window = windows[0]!;
    ctx.pane = pane;
    fault = undefined;
    const result: unknown = doFn.process(value as never, ctx as never);
    if (fault !== undefined) throw (fault as { readonly error: unknown }).error;
    if (result !== undefined) refuseResult(result);
  });

  const bundleContext = (instance: unknown, processingTime: Instant) => ({ instance, processingTime, options, metrics: ctx.metrics });
  const [finalMain, ...finalOthers] = emits.map(
    (emit) =>
      (value: unknown, at: { readonly timestamp: Instant; readonly window: Window }): undefined => {
        checkPlace(at);
        emit(value, at.timestamp, [at.window], NO_FIRING);
      },
  );
  const finalOutputs = { output: finalMain, outputs: Object.freeze(Object.fromEntries(tags.map((tag, i) => [tag, finalOthers[i]]))) };

  return {
    process,
    use(instance, processingTime) {
      ctx.instance = instance;
      ctx.processingTime = processingTime;
    },
    startBundle: (instance, processingTime) => doFn.startBundle?.(bundleContext(instance, processingTime)),
    finishBundle: (instance, processingTime) =>
      doFn.finishBundle?.({ ...bundleContext(instance, processingTime), ...finalOutputs } as never),
  };
}

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
