import { PipelineError, type PipelineErrorCode } from "../../sdk/errors.ts";

/** The command line is wrong, in itself or in an option of the pipeline: what is, and how it is right. */
export const wrongUse = (what: string, fix: string, code: PipelineErrorCode = "BAD_COMMAND"): PipelineError =>
  new PipelineError(code, { what, fix });

/** With these nothing has been run, and it is up to whoever typed the command. */
const wrongUses: ReadonlySet<PipelineErrorCode> = new Set([
  "BAD_COMMAND",
  "BAD_OPTION",
  "UNKNOWN_OPTION",
  "MODULE_NOT_LOADED",
  "NO_PIPELINE_EXPORTED",
  "NOT_REPEATABLE",
]);

/** The exit code of a command that failed: 2 where it was used wrongly, 1 where its pipeline failed. */
export const exitCodeOf = (error: unknown): 1 | 2 => (error instanceof PipelineError && wrongUses.has(error.code) ? 2 : 1);
