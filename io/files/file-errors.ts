import { PipelineError } from "../../sdk/errors.ts";

/** The error for a file or folder that could not be read, with what the system said. */
export function readFailed(what: string, path: string, cause?: unknown): PipelineError {
  return new PipelineError("READ_FAILED", {
    what,
    at: path,
    got: cause === undefined ? undefined : reasonOf(cause),
    fix: fixes.get(codeOf(cause)),
    cause,
  });
}

/** What a system call failed with, such as `EACCES: permission denied, open 'a.txt'`. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The system's name of what went wrong, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const fixes: ReadonlyMap<string | undefined, string> = new Map([
  ["EACCES", "let the user that runs the pipeline read it"],
  ["EPERM", "let the user that runs the pipeline read it"],
  ["EMFILE", "raise the limit of open files (ulimit -n), or read fewer files at once"],
  ["ENFILE", "raise the limit of open files (ulimit -n), or read fewer files at once"],
  ["ENOENT", "it was there when the run began; leave the input alone while a pipeline reads it"],
  ["Z_DATA_ERROR", 'if it is not packed in gzip, pass { compression: "none" }; otherwise the file is damaged'],
  ["Z_BUF_ERROR", "the file is cut short; copy it again from where it came from"],
]);
