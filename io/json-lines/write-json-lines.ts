import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { PCollection, PTransform } from "../../sdk/pipeline.ts";
import { linesText } from "../files/file-text.ts";
import { reasonOf } from "../files/file-errors.ts";
import { writeFiles, type WriteFilesOptions } from "../files/write-files.ts";

/**
 * Writes each element as a line of JSON.
 *
 * Shape: `PCollection<T>` → `PCollection<string>` of the names of the files, emitted when they are in place. Files come into
 * being as `writeText` of `millrace/io/text` says. What JSON has no form for is written as `JSON.stringify` does it: `NaN` and infinities as
 * `null`, dates as text, maps and sets as `{}`.
 *
 * @param path - the file; with `fileOf` the folder of the files.
 * @throws PipelineError in the run: `NOT_ENCODABLE` for an element that is no JSON at all, such as `undefined`, a bigint, or an
 * object that contains itself; else as `writeText`.
 * @example
 * ```ts
 * visits.apply(writeJsonLines("visits.jsonl.gz", { compress: "gzip" }));
 * ```
 */
export function writeJsonLines<T>(path: string, options: WriteFilesOptions<T> = {}): PTransform<PCollection<T>, PCollection<string>> {
  return writeFiles("WriteJsonLines", path, options, (file) => ({
    before: "",
    of: (elements) => linesText(elements, (element) => jsonOf(element, file), file),
    after: "",
  }));
}

function jsonOf(element: unknown, path: string): string {
  try {
    const text = JSON.stringify(element) as string | undefined;
    if (text !== undefined) return text;
  } catch (cause) {
    throw noJson(element, path, cause);
  }
  throw noJson(element, path, undefined);
}

const noJson = (element: unknown, path: string, cause: unknown): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: "an element has no form in JSON",
    at: path,
    got: cause === undefined ? shortText(element) : `${shortText(element)} (${reasonOf(cause)})`,
    fix: "map it before to what JSON knows: text, numbers, booleans, null, lists and objects of these",
    cause,
  });
