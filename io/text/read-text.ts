import { stringCoder } from "../../sdk/coders/string.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import type { BoundedSource } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { decodingOf, type DeadLetters, type FailingRead } from "../files/broken-record.ts";
import { linesOf } from "../files/block-text.ts";
import type { Block } from "../files/block.ts";
import type { FileRange } from "../files/file-range.ts";
import type { Compression } from "../files/found-file.ts";
import { lineEnds } from "../files/record-ends.ts";
import { readFiles, type ReadOutputs } from "../files/read-files.ts";
import { recordSource, type InnerSizes, type RecordSourceSpec } from "../files/record-source.ts";

/** How {@link readText} reads, but for what it does with lines that cannot be read. */
export interface TextOptions {
  /** The event time of a line, in ms since the epoch. Without it all lines have `MIN_INSTANT`, which suits batch work. */
  readonly timestampOf?: (line: string) => Instant;
  /** How files are packed; unless given `"auto"`: those whose name ends in `.gz` in gzip, and the others not. */
  readonly compression?: Compression;
  /** The longest line that is read, in bytes without its line end; 16 MiB unless given. */
  readonly maxLineBytes?: number;
}

/** How {@link readText} reads. */
export interface ReadTextOptions extends TextOptions, FailingRead {}

/**
 * Reads text files line by line, without the line ends.
 *
 * Shape: `Pipeline` → bounded `PCollection<string>`, one element per line. A line ends in LF or CRLF; what follows the last
 * line end is a line if it is not empty. A byte order mark at the start of a file is no part of its first line. Files are split
 * by bytes, so that many threads read one; those in gzip are not. The order of lines within a part is kept, no other is.
 *
 * With `onError: "deadLetter"`, or `invalidUtf8: "deadLetter"`, it gives `{ main, failed }`: lines that cannot be read are
 * elements of `failed`, with their bytes and where they stand, and the run goes on. See {@link BrokenRecord}.
 *
 * @param paths - a file, a folder (its own files), a glob such as `logs/2024-*.txt`, or a list of these; a file that several of
 * them name is read once. Names that start with a dot are passed over unless they are given.
 * @throws PipelineError in the run: `NO_FILES` for a path that leads to no file; `READ_FAILED` for a file that cannot be read,
 * changes meanwhile, or has a line that is too long; `NOT_DECODABLE` for a line that is no UTF-8; `BAD_TIMESTAMP` when
 * `timestampOf` gives no instant. Each names the file, the line, and the byte where it starts.
 * @example
 * ```ts
 * p.apply(readText("logs/*.txt.gz")).apply(filter((line) => line.includes("ERROR")));
 * const { main: lines, failed } = p.apply(readText("logs", { invalidUtf8: "deadLetter" })); // failed: { path, offset, bytes, error }
 * ```
 */
export function readText(paths: string | readonly string[], options: TextOptions & DeadLetters): PTransform<Pipeline, ReadOutputs<string>>;
export function readText(paths: string | readonly string[], options?: ReadTextOptions): PTransform<Pipeline, PCollection<string>>;
export function readText(
  paths: string | readonly string[],
  options: TextOptions & (FailingRead | DeadLetters) = {},
): PTransform<Pipeline, PCollection<string>> | PTransform<Pipeline, ReadOutputs<string>> {
  return readFiles(textSpec(paths, options), options);
}

/** What {@link readText} reads. */
export function textSpec(
  paths: string | readonly string[],
  options: TextOptions & (FailingRead | DeadLetters) = {},
): RecordSourceSpec<string> {
  const { timestampOf, compression, maxLineBytes } = options;
  const invalidUtf8 = decodingOf(options);
  const format = { noun: "line", ends: lineEnds, open: () => (block: Block) => ({ values: linesOf(block, invalidUtf8) }), timestampOf };
  return { name: "ReadText", paths, compression, format, maxRecordBytes: maxLineBytes, coder: stringCoder };
}

/** The source behind {@link readText}. */
export const textSource = (
  paths: string | readonly string[],
  options: ReadTextOptions = {},
  sizes: InnerSizes = {},
): BoundedSource<string, FileRange> => recordSource(textSpec(paths, options), sizes);
