import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import type { BoundedSource } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { decodingOf, type DeadLetters, type FailingRead } from "../files/broken-record.ts";
import type { FileRange } from "../files/file-range.ts";
import type { Compression } from "../files/found-file.ts";
import { readFiles, type ReadOutputs } from "../files/read-files.ts";
import { recordSource, type InnerSizes, type RecordSourceSpec } from "../files/record-source.ts";
import { csvFormat } from "./csv-format.ts";
import { dialectOf, type DialectOptions } from "./dialect.ts";

/** How {@link readCsv} reads, but for what it does with rows that cannot be read. */
export interface CsvOptions<C extends string = string> extends DialectOptions {
  /** True, which is the default, where the first row of each file that is not empty names its columns; their names, where it does not. */
  readonly header?: true | readonly C[];
  /**
   * Whether values in quotes may hold line ends; true unless given. Then a file is read from its start by one thread, since
   * only that tells which line ends are within quotes. With false it is split by bytes, and such a value is an error.
   */
  readonly quotedNewlines?: boolean;
  /** The event time of a row, in ms since the epoch. Without it all rows have `MIN_INSTANT`, which suits batch work. */
  readonly timestampOf?: (row: Record<C, string>) => Instant;
  /** How files are packed; unless given `"auto"`: those whose name ends in `.gz` in gzip, and the others not. */
  readonly compression?: Compression;
  /** The longest row that is read, in bytes without its line end; 16 MiB unless given. */
  readonly maxRowBytes?: number;
}

/** How {@link readCsv} reads. */
export interface ReadCsvOptions<C extends string = string> extends CsvOptions<C>, FailingRead {}

/**
 * Reads CSV files (RFC 4180): rows of values with a delimiter between them, some of them in quotes.
 *
 * Shape: `Pipeline` → bounded `PCollection<Record<string, string>>`, one object per row with a field for each column, also for
 * one that is named `__proto__`. Values are text and stay as they are, with the blanks around them. Rows end in LF or CRLF;
 * lines that are empty are passed over. Each file has columns of its own.
 *
 * With `onError: "deadLetter"` it gives `{ main, failed }`: rows that cannot be read are elements of `failed`, with their bytes
 * and where they stand, and the run goes on. See {@link BrokenRecord}. A quote that is never closed takes the rows behind it with
 * it, up to the next quote; with `quotedNewlines: false` it is one row. A first row that cannot name the columns fails the run.
 *
 * @param paths - a file, a folder (its own files), a glob, or a list of these; a file that several of them name is read once.
 * @throws PipelineError `BAD_ARGUMENT` for a delimiter or a quote that is not one character. In the run: `NO_FILES` for a path
 * that leads to no file; `READ_FAILED` for a file that cannot be read, changes meanwhile, or has a row that is too long;
 * `NOT_DECODABLE` for a row that has more or fewer values than there are columns, for a quote that is not closed or stands
 * within a value, for a column that is named twice, and for bytes that are no UTF-8; `BAD_TIMESTAMP` when `timestampOf` gives
 * no instant. Each names the file, the line, and the byte where the row starts.
 * @example
 * ```ts
 * p.apply(readCsv("cities.csv")).apply(map((row) => `${row["city"]}: ${Number(row["population"])}`));
 * const { main: rows, failed } = p.apply(readCsv("cities.csv", { onError: "deadLetter" }));
 * p.apply(readCsv("places.tsv", { delimiter: "\t", header: ["name", "lat", "lon"] })).apply(map(({ name }) => name));
 * ```
 */
export function readCsv<const C extends string = string>(
  paths: string | readonly string[],
  options: CsvOptions<C> & DeadLetters,
): PTransform<Pipeline, ReadOutputs<Record<C, string>>>;
export function readCsv<const C extends string = string>(
  paths: string | readonly string[],
  options?: ReadCsvOptions<C>,
): PTransform<Pipeline, PCollection<Record<C, string>>>;
export function readCsv<const C extends string>(
  paths: string | readonly string[],
  options: CsvOptions<C> & (FailingRead | DeadLetters) = {},
): PTransform<Pipeline, PCollection<Record<C, string>>> | PTransform<Pipeline, ReadOutputs<Record<C, string>>> {
  return readFiles(csvSpec(paths, options), options);
}

/** What {@link readCsv} reads. */
export function csvSpec<C extends string>(
  paths: string | readonly string[],
  options: CsvOptions<C> & (FailingRead | DeadLetters) = {},
): RecordSourceSpec<Record<C, string>> {
  const { header = true, quotedNewlines = true, compression, maxRowBytes } = options;
  // The columns are only known in the run; that they are those of C is what the caller says.
  const timestampOf = options.timestampOf as ((row: Record<string, string>) => Instant) | undefined;
  const format = csvFormat({
    columns: header === true ? undefined : header,
    dialect: dialectOf(options, quotedNewlines),
    invalidUtf8: decodingOf(options),
    timestampOf,
  });
  return { name: "ReadCsv", paths, compression, format, maxRecordBytes: maxRowBytes };
}

/** The source behind {@link readCsv}. */
export const csvSource = <C extends string>(
  paths: string | readonly string[],
  options: ReadCsvOptions<C> = {},
  sizes: InnerSizes = {},
): BoundedSource<Record<C, string>, FileRange> => recordSource(csvSpec(paths, options), sizes);
