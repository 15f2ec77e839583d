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
import { parseJsonLines } from "./parse-json-lines.ts";

/** How {@link readJsonLines} reads, but for what it does with lines that cannot be read. */
export interface JsonLinesOptions<in T> {
  /** The event time of a value, in ms since the epoch. Without it all values have `MIN_INSTANT`, which suits batch work. */
  readonly timestampOf?: (value: T) => Instant;
  /** How files are packed; unless given `"auto"`: those whose name ends in `.gz` in gzip, and the others not. */
  readonly compression?: Compression;
  /** The longest line that is read, in bytes without its line end; 16 MiB unless given. */
  readonly maxLineBytes?: number;
  /** How deep arrays and objects may be nested; 500 unless given. */
  readonly maxDepth?: number;
}

/** How {@link readJsonLines} reads. */
export interface ReadJsonLinesOptions<in T> extends JsonLinesOptions<T>, FailingRead {}

/**
 * Reads files that have a JSON value on each line (NDJSON, JSON Lines).
 *
 * Shape: `Pipeline` → bounded `PCollection<T>`, one element per line that is not blank. Files are split by bytes; those in gzip
 * are not. Numbers beyond 2^53 lose digits, as everywhere in JavaScript. A field named `__proto__` is a field like any other.
 *
 * With `onError: "deadLetter"` it gives `{ main, failed }`: lines that cannot be read are elements of `failed`, with their bytes
 * and where they stand, and the run goes on. See {@link BrokenRecord}.
 *
 * @param paths - a file, a folder (its own files), a glob, or a list of these; a file that several of them name is read once.
 * @typeParam T - what the lines are known to hold. It is not checked: a step that checks gives the type better.
 * @throws PipelineError in the run: `NO_FILES` for a path that leads to no file; `READ_FAILED` for a file that cannot be read,
 * changes meanwhile, or has a line that is too long; `NOT_DECODABLE` for a line that is no UTF-8, no JSON, or nested too deep;
 * `BAD_TIMESTAMP` when `timestampOf` gives no instant. Each names the file, the line, and the byte where it starts.
 * @example
 * ```ts
 * p.apply(readJsonLines<Visit>("visits-*.jsonl", { timestampOf: ({ at }) => Date.parse(at) }));
 * const { main: visits, failed } = p.apply(readJsonLines<Visit>("visits.jsonl", { onError: "deadLetter" }));
 * ```
 */
export function readJsonLines<T = unknown>(
  paths: string | readonly string[],
  options: JsonLinesOptions<T> & DeadLetters,
): PTransform<Pipeline, ReadOutputs<T>>;
export function readJsonLines<T = unknown>(
  paths: string | readonly string[],
  options?: ReadJsonLinesOptions<T>,
): PTransform<Pipeline, PCollection<T>>;
export function readJsonLines<T>(
  paths: string | readonly string[],
  options: JsonLinesOptions<T> & (FailingRead | DeadLetters) = {},
): PTransform<Pipeline, PCollection<T>> | PTransform<Pipeline, ReadOutputs<T>> {
  return readFiles(jsonLinesSpec(paths, options), options);
}

/** What {@link readJsonLines} reads. */
export function jsonLinesSpec<T>(
  paths: string | readonly string[],
  options: JsonLinesOptions<T> & (FailingRead | DeadLetters) = {},
): RecordSourceSpec<T> {
  const { timestampOf, compression, maxLineBytes, maxDepth = 500 } = options;
  const invalidUtf8 = decodingOf(options);
  const parse = (block: Block) => parseJsonLines<T>(linesOf(block, invalidUtf8), maxDepth);
  const format = { noun: "line", ends: lineEnds, open: () => parse, timestampOf };
  return { name: "ReadJsonLines", paths, compression, format, maxRecordBytes: maxLineBytes };
}

/** The source behind {@link readJsonLines}. */
export const jsonLinesSource = <T>(
  paths: string | readonly string[],
  options: ReadJsonLinesOptions<T> = {},
  sizes: InnerSizes = {},
): BoundedSource<T, FileRange> => recordSource(jsonLinesSpec(paths, options), sizes);
