import type { PCollection, PTransform } from "../../sdk/pipeline.ts";
import { lineOrNothing, linesText } from "../files/file-text.ts";
import { writeFiles, type WriteFilesOptions } from "../files/write-files.ts";

/** How {@link writeText} writes. */
export interface WriteTextOptions<in T> extends WriteFilesOptions<T> {
  /** A first line for each file. */
  readonly header?: string;
  /** A last line for each file. */
  readonly footer?: string;
}

/**
 * Writes each element as a line of a text file, in UTF-8, ended by LF.
 *
 * Shape: `PCollection<T>` → `PCollection<string>` of the names of the files, emitted when they are in place.
 *
 * A file is written under a hidden name beside its final one and gets that when the run succeeds, at once and whole; a run that
 * fails leaves none. Missing folders are made. Without input there is an empty file, or its header and footer; with `fileOf`
 * there is none. The order of lines is not defined. An element that has line ends makes several lines.
 *
 * @param path - the file; with `fileOf` the folder of the files.
 * @param options - see {@link WriteTextOptions}; without `lineOf` elements must be strings.
 * @throws PipelineError `DUPLICATE_SINK` when another step of the pipeline writes to the same file, or to the same folder while one
 * of them replaces files. `BAD_ARGUMENT` for `shards` that are no whole number from 1 to 99,999, or together with `fileOf`. In the
 * run: `ALREADY_EXISTS` for a file that is there and not to be replaced, looked up when it is begun and again when it gets its
 * name; `WRITE_FAILED` when the disk is full or the system refuses; `BAD_NAME` when `fileOf` leads out of the folder;
 * `NOT_ENCODABLE` for a line that is no string or no well-formed text.
 * @example
 * ```ts
 * counts.apply(writeText("counts.txt", { lineOf: ([word, n]) => `${word}\t${n}` }));
 * logs.apply(writeText("logs", { fileOf: ({ day }) => `${day}.txt.gz`, lineOf: ({ text }) => text, compress: "gzip" }));
 * ```
 */
export function writeText<T>(
  path: string,
  options: WriteTextOptions<T> & { readonly lineOf: (element: T) => string },
): PTransform<PCollection<T>, PCollection<string>>;
export function writeText(path: string, options?: WriteTextOptions<string>): PTransform<PCollection<string>, PCollection<string>>;
export function writeText<T>(
  path: string,
  options: WriteTextOptions<T> & { readonly lineOf?: (element: T) => string } = {},
): PTransform<PCollection<T>, PCollection<string>> {
  const { header, footer, lineOf = (element: T) => element as string } = options;
  return writeFiles("WriteText", path, options, (file) => ({
    before: lineOrNothing(header),
    of: (elements) => linesText(elements, lineOf, file),
    after: lineOrNothing(footer),
  }));
}
