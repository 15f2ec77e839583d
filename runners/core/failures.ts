import { PipelineError, shortText, type PipelineErrorCode } from "../../sdk/errors.ts";

/** The error of a step whose function threw: names the step and its input, and keeps what was thrown as its cause. */
export const stepFailed = (path: string, input: unknown, error: unknown): PipelineError => failedAt(path, shortText(input), error);

/** The error of a step that threw where it had no element: in its setup, or at an end of a bundle. */
export const lifecycleFailed = (path: string, error: unknown): PipelineError => failedAt(path, undefined, error);

/** The error of a callback that threw where it had no element: of a timer, or of the end of a window. */
export const timerFailed = (path: string, what: string, key: unknown, error: unknown): PipelineError =>
  failedAt(path, `${what} of the key ${shortText(key)}`, error, "");

function failedAt(path: string, input: string | undefined, error: unknown, noun = "the element "): PipelineError {
  if (error instanceof PipelineError && error.code === "STEP_FAILED") return error;
  if (error instanceof PipelineError) {
    const { at = path } = error.parts;
    return new PipelineError(error.code, { ...error.parts, at, got: gotBy(error, input, noun), cause: error.cause ?? error });
  }
  return new PipelineError("STEP_FAILED", {
    what: `a step failed: ${error instanceof Error ? `${error.name}: ${error.message}` : shortText(error)}`,
    at: path,
    got: input === undefined ? undefined : noun + input,
    cause: error,
  });
}

/** What an error says that it got, and the element for which; one that knows its place has said all. */
function gotBy({ parts: { at, got } }: PipelineError, input: string | undefined, noun: string): string | undefined {
  if (got === undefined || at !== undefined || input === undefined) return got ?? input;
  return got.includes(input) ? got : `${got}, for ${noun}${input}`;
}

/** The error of a source that could not be split or read. */
export const sourceFailed = (path: string, error: unknown): PipelineError =>
  outsideFailed("READ_FAILED", "a source could not be read", path, error);

/** The error of a sink that could not write or commit. */
export function sinkFailed(path: string, error: unknown, published: readonly string[] = []): PipelineError {
  const failed = outsideFailed("SINK_FAILED", "a sink could not write", path, error);
  if (published.length === 0) return failed;
  return new PipelineError(failed.code, {
    ...failed.parts,
    got: `${failed.parts.got ?? "a failed commit"}; these sinks had published already: ${published.join(", ")}`,
  });
}

/** Keeps what a connector says itself, which knows the file and the byte, and adds the step. */
function outsideFailed(code: PipelineErrorCode, what: string, path: string, error: unknown): PipelineError {
  if (error instanceof PipelineError) {
    const { at } = error.parts;
    return new PipelineError(error.code, {
      ...error.parts,
      at: at === undefined || at === path ? path : `${path}, ${at}`,
      cause: error.cause,
    });
  }
  return new PipelineError(code, {
    what: `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : shortText(error)}`,
    at: path,
    cause: error,
  });
}
