import type { Coder } from "../../sdk/coders/coder.ts";
import type { BoundedSource } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { allOf, MIN_PART_BYTES, splitFiles, type FilePart, type FileRange } from "./file-range.ts";
import { findFiles } from "./find-files.ts";
import type { Compression } from "./found-file.ts";
import { BLOCK_BYTES, MAX_LINE_BYTES, READ_BYTES, type BlockSizes } from "./line-blocks.ts";
import type { InvalidUtf8 } from "./line-text.ts";
import { readLines } from "./read-lines.ts";

/** What a source of lines is made of. */
export interface LineSourceSpec<T> {
  readonly name: string;
  readonly paths: string | readonly string[];
  /** Elements of some lines, one each; throws `BadLine` for one that it cannot take. */
  readonly parse: (lines: readonly string[]) => readonly T[];
  readonly coder?: Coder<T>;
  readonly timestampOf?: ((element: T) => Instant) | undefined;
  readonly invalidUtf8?: InvalidUtf8 | undefined;
  readonly compression?: Compression | undefined;
  readonly maxLineBytes?: number | undefined;
}

/** Sizes that only tests change. */
export type LineSizes = Partial<Omit<BlockSizes, "maxLineBytes">> & { readonly minPartBytes?: number };

/** A source of files that are read line by line, in ranges of bytes. */
export function lineSource<T>(spec: LineSourceSpec<T>, sizes: LineSizes = {}): BoundedSource<T, FileRange> {
  const { name, paths, parse, coder, timestampOf, invalidUtf8 = "error", compression = "auto", maxLineBytes = MAX_LINE_BYTES } = spec;
  const { readBytes = READ_BYTES, blockBytes = BLOCK_BYTES, minPartBytes = MIN_PART_BYTES } = sizes;
  const format = { parse, timestampOf, invalidUtf8, sizes: { readBytes, blockBytes, maxLineBytes } };
  return {
    name,
    restriction: async () => allOf(await findFiles(paths, compression)),
    split: (range, parts) => splitFiles(range, parts, minPartBytes),
    read: (range, tracker) => readLines(partOf(range), tracker, format),
    ...(coder === undefined ? {} : { coder }),
  };
}

/** Only parts are read: positions in all files would be positions in none. */
function partOf(range: FileRange): FilePart {
  if (range.kind === "part") return range;
  throw new Error("a source of files was read before it was split");
}
