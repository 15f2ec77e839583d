import { PipelineError } from "../../sdk/errors.ts";

/** What went wrong outside of a run, while it went on. */
export interface FaultWatch {
  /** Aborts with the first fault. */
  readonly signal: AbortSignal;
  /** The first fault. */
  readonly fault: () => { readonly error: unknown } | undefined;
  /** Leaves faults to Node again, which ends the process. */
  readonly stop: () => void;
}

/**
 * Turns what would end the process into an abort, so that a run can clean up: an error that nobody catches (in a callback of
 * a timer or of a connection, or of a promise that nobody awaits), and an event loop in which nothing is left to do although
 * the run is not done.
 */
export function watchFaults(): FaultWatch {
  const controller = new AbortController();
  let first: { readonly error: unknown } | undefined;
  const take = (error: unknown): void => {
    first ??= { error };
    controller.abort();
  };
  const nothingLeft = (): void => take(nothingWillCome());
  process.on("uncaughtException", take); // rejections that nobody handles come here, too
  process.on("beforeExit", nothingLeft);
  return {
    signal: controller.signal,
    fault: () => first,
    stop: () => {
      process.off("uncaughtException", take);
      process.off("beforeExit", nothingLeft);
    },
  };
}

const nothingWillCome = (): PipelineError =>
  new PipelineError("TIMED_OUT", {
    what: "the run awaits something that never comes: nothing is left to do, and nothing is open that could bring it",
    fix: "look for a promise that nobody resolves, in a step, a source or a sink; asyncMap and async DoFns take a timeout",
  });
