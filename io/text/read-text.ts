import { stringCoder } from "../../sdk/coders/string.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import type { BoundedSource } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { boundedSource } from "../../sdk/transforms/bounded-source.ts";
import { linesOf, type InvalidUtf8 } from "../files/block-text.ts";
import type { Block } from "../files/block.ts";
import type { FileRange } from "../files/file-range.ts";
import type { Compression } from "../files/found-file.ts";
import { lineEnds } from "../files/record-ends.ts";
import { recordSource, type InnerSizes } from "../files/record-source.ts";

/** How {@link readText} reads. */
export interface ReadTextOptions {
  /** The event time of a line, in ms since the epoch. Without it all lines have `MIN_INSTANT`, which suits batch work. */
  readonly timestampOf?: (line: string) => Instant;
  /** What becomes of bytes that are no UTF-8: the run fails (unless said otherwise), or they become U+FFFD. */
  readonly invalidUtf8?: InvalidUtf8;
  /** How files are packed; unless given `"auto"`: those whose name ends in `.gz` in gzip, and the others not. */
  readonly compression?: Compression;
  /** The longest line that is read, in bytes without its line end; 16 MiB unless given. */
  readonly maxLineBytes?: number;
}

/**
 * Reads text files line by line, without the line ends.
 *
 * Shape: `Pipeline` → bounded `PCollection<string>`, one element per line. A line ends in LF or CRLF; what follows the last
 * line end is a line if it is not empty. A byte order mark at the start of a file is no part of its first line. Files are split
 * by bytes, so that many threads read one; those in gzip are not. The order of lines within a part is kept, no other is.
 *
 * @param paths - a file, a folder (its own files), a glob such as `logs/2024-*.txt`, or a list of these; a file that several of
 * them name is read once. Names that start with a dot are passed over unless they are given.
 * @throws PipelineError in the run: `NO_FILES` for a path that leads to no file; `READ_FAILED` for a file that cannot be read,
 * changes meanwhile, or has a line that is too long; `NOT_DECODABLE` for a line that is no UTF-8; `BAD_TIMESTAMP` when
 * `timestampOf` gives no instant. Each names the file, the line, and the byte where it starts.
 * @example
 * ```ts
 * p.apply(readText("logs/*.txt.gz")).apply(filter((line) => line.includes("ERROR")));
 * ```
 */
export function readText(paths: string | readonly string[], options: ReadTextOptions = {}): PTransform<Pipeline, PCollection<string>> {
  return boundedSource(textSource(paths, options));
}

/** The source behind {@link readText}. */
export function textSource(
  paths: string | readonly string[],
  { timestampOf, invalidUtf8 = "error", compression, maxLineBytes }: ReadTextOptions = {},
  sizes: InnerSizes = {},
): BoundedSource<string, FileRange> {
  const format = { noun: "line", ends: lineEnds, open: () => (block: Block) => ({ values: linesOf(block, invalidUtf8) }), timestampOf };
  return recordSource({ name: "ReadText", paths, compression, format, maxRecordBytes: maxLineBytes, coder: stringCoder }, sizes);
}
