import { PipelineError } from "../../sdk/errors.ts";
import { codeOf, reasonOf } from "./file-errors.ts";

/** The error for a file or folder that could not be written, with what the system said. */
export function writeFailed(what: string, path: string, cause: unknown): PipelineError {
  return new PipelineError("WRITE_FAILED", { what, at: path, got: reasonOf(cause), fix: fixes.get(codeOf(cause)), cause });
}

const mayNotWrite = "let the user that runs the pipeline write there, or write to another folder";
const isNoFolder = "a part of the path is a file and not a folder; write to another path";

const fixes: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOSPC", "free space on that disk, or write to another one, and run it again"],
  ["EDQUOT", "free space on that disk, or write to another one, and run it again"],
  ["EFBIG", "raise the limit on the size of files (ulimit -f), or write several: by shards, or by fileOf"],
  ["EACCES", mayNotWrite],
  ["EPERM", mayNotWrite],
  ["EROFS", mayNotWrite],
  ["EMFILE", "raise the limit of open files (ulimit -n)"],
  ["ENFILE", "raise the limit of open files (ulimit -n)"],
  ["ENAMETOOLONG", "give it a shorter name"],
  ["EEXIST", isNoFolder],
  ["ENOTDIR", isNoFolder],
]);

/** The error for a file that is there already and must not be replaced. */
export const alreadyExists = (path: string): PipelineError =>
  new PipelineError("ALREADY_EXISTS", {
    what: "the file to be written exists already",
    at: path,
    fix: 'write to another path, remove the file, or pass { ifExists: "replace" }',
  });
