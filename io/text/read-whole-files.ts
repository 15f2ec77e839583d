import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { boundedSource } from "../../sdk/transforms/bounded-source.ts";
import type { Compression } from "../files/found-file.ts";
import type { InvalidUtf8 } from "../files/block-text.ts";
import { textIn, wholeFileSource } from "./whole-file-source.ts";

/** How {@link readWholeFiles} reads. */
export interface ReadWholeFilesOptions {
  /** What becomes of bytes that are no UTF-8: the run fails (unless said otherwise), or they become U+FFFD. */
  readonly invalidUtf8?: InvalidUtf8;
  /** How files are packed; unless given `"auto"`: those whose name ends in `.gz` in gzip, and the others not. */
  readonly compression?: Compression;
  /** The largest file that is read, in bytes after unpacking; 256 MiB unless given. Each file is in memory as a whole. */
  readonly maxFileBytes?: number;
}

/** A file and what is in it. */
export interface TextFile {
  /** The path as it was given, or as a folder or a glob led to it. */
  readonly path: string;
  /** Its text, without a byte order mark. */
  readonly text: string;
}

/** A file and the bytes in it. */
export interface BytesFile {
  /** The path as it was given, or as a folder or a glob led to it. */
  readonly path: string;
  /** What is in it, after unpacking. */
  readonly bytes: Uint8Array;
}

/**
 * Reads files as a whole, for formats that are not read line by line.
 *
 * Shape: `Pipeline` → bounded `PCollection<TextFile>`, one element per file, also for one that is empty; with `as: "bytes"` a
 * `PCollection<BytesFile>`. The order is not defined.
 *
 * @param paths - a file, a folder (its own files), a glob, or a list of these, as for {@link readText}.
 * @throws PipelineError in the run: `NO_FILES` for a path that leads to no file; `READ_FAILED` for a file that cannot be read,
 * changes meanwhile, or is too large; `NOT_DECODABLE` for a text that is no UTF-8.
 * @example
 * ```ts
 * p.apply(readWholeFiles("flights.json")).apply(flatMap(({ text }) => JSON.parse(text) as Flight[]));
 * ```
 */
export function readWholeFiles(
  paths: string | readonly string[],
  options: ReadWholeFilesOptions & { readonly as: "bytes" },
): PTransform<Pipeline, PCollection<BytesFile>>;
export function readWholeFiles(
  paths: string | readonly string[],
  options?: ReadWholeFilesOptions & { readonly as?: "text" },
): PTransform<Pipeline, PCollection<TextFile>>;
export function readWholeFiles(
  paths: string | readonly string[],
  options: ReadWholeFilesOptions & { readonly as?: "text" | "bytes" } = {},
): PTransform<Pipeline, PCollection<TextFile>> | PTransform<Pipeline, PCollection<BytesFile>> {
  const { as = "text", invalidUtf8 = "error", compression = "auto", maxFileBytes = 268_435_456 } = options;
  const shared = { paths, compression, maxFileBytes };
  return as === "bytes"
    ? boundedSource(wholeFileSource({ ...shared, elementOf: ({ path }, bytes): BytesFile => ({ path, bytes }) }))
    : boundedSource(
        wholeFileSource({ ...shared, elementOf: (file, bytes): TextFile => ({ path: file.path, text: textIn(file, bytes, invalidUtf8) }) }),
      );
}
