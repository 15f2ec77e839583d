import { PipelineError } from "../../sdk/errors.ts";
import type { PCollection, PTransform } from "../../sdk/pipeline.ts";
import { writeFiles, type WriteFilesOptions } from "../files/write-files.ts";
import { CsvText } from "./csv-text.ts";
import { dialectOf, type DialectOptions } from "./dialect.ts";

/** How {@link writeCsv} writes. */
export interface WriteCsvOptions<in T> extends WriteFilesOptions<T>, Pick<DialectOptions, "delimiter"> {
  /** The columns, in order; other fields are left out. Without it, each file has the fields of its first element. */
  readonly columns?: readonly (keyof T & string)[];
  /** Whether the first row of each file names the columns; true unless given. */
  readonly header?: boolean;
}

/**
 * Writes each element as a row of a CSV file (RFC 4180, with LF).
 *
 * Shape: `PCollection<T>` → `PCollection<string>` of the names of the files, emitted when they are in place. Files come into
 * being as `writeText` of `millrace/io/text` says. Numbers, bigints and booleans are written as text, dates in ISO form, `null` and `undefined`
 * as nothing. What holds a delimiter, a quote or a line end is enclosed in quotes.
 *
 * @param path - the file; with `fileOf` the folder of the files.
 * @param options - see {@link WriteCsvOptions}. With `columns` also a file without elements has its header.
 * @throws PipelineError `BAD_ARGUMENT` for a list of no columns, or a delimiter that is not one character. In the run: `NOT_ENCODABLE` for an element that is no object, for a field that is an object or a
 * function, and, without `columns`, for an element with other fields than the first of its file; else as `writeText`.
 * @example
 * ```ts
 * totals.apply(map(([city, total]) => ({ city, total }))).apply(writeCsv("totals.csv", { columns: ["city", "total"] }));
 * ```
 */
export function writeCsv<T extends object>(
  path: string,
  options: WriteCsvOptions<T> = {},
): PTransform<PCollection<T>, PCollection<string>> {
  const { columns, header = true } = options;
  const { delimiter } = dialectOf(options);
  if (columns?.length === 0) throw new PipelineError("BAD_ARGUMENT", { what: "a CSV file has at least one column", at: path });
  return writeFiles<T>("WriteCsv", path, options, (file) => new CsvText(file, columns, header, delimiter));
}
