import { PipelineError } from "../../sdk/errors.ts";
import { codeOf, reasonOf } from "./file-errors.ts";

/** The error for a file or folder that could not be written, with what the system said. */
export function writeFailed(what: string, path: string, cause: unknown): PipelineError {
  return new PipelineError("WRITE_FAILED", { what, at: path, got: reasonOf(cause), fix: fixOf(cause), cause });
}

function fixOf(cause: unknown): string | undefined {
  switch (codeOf(cause)) {
    case "ENOSPC":
    case "EDQUOT":
      return "free space on that disk, or write to another one, and run it again";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "let the user that runs the pipeline write there, or write to another folder";
    case "EMFILE":
    case "ENFILE":
      return "raise the limit of open files (ulimit -n)";
    case "ENAMETOOLONG":
      return "give it a shorter name";
    case "EEXIST":
    case "ENOTDIR":
      return "a part of the path is a file and not a folder; write to another path";
    default:
      return undefined;
  }
}

/** The error for a file that is there already and must not be replaced. */
export const alreadyExists = (path: string): PipelineError =>
  new PipelineError("ALREADY_EXISTS", {
    what: "the file to be written exists already",
    at: path,
    fix: 'write to another path, remove the file, or pass { ifExists: "replace" }',
  });
