import type { OffsetRange } from "../../sdk/source.ts";
import type { FoundFile } from "./found-file.ts";

/** All of the files that a step reads: from 0 to the sum of their sizes. It is split before it is read. */
export interface AllFiles extends OffsetRange {
  readonly kind: "files";
  readonly files: readonly FoundFile[];
}

/**
 * A range of bytes of one file. What starts in it belongs to it, also where it ends behind it; so the ranges of a file give
 * each line once, wherever their borders lie. Of a file in gzip these are bytes of what is in it, and `to` is `Infinity`.
 */
export interface FilePart extends OffsetRange {
  readonly kind: "part";
  readonly file: FoundFile;
}

/** What the sources that read files are split into. */
export type FileRange = AllFiles | FilePart;

/** All of some files. */
export const allOf = (files: readonly FoundFile[]): AllFiles => ({
  kind: "files",
  from: 0,
  to: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  files,
});

/** A file as one part, which is the only way to read one in gzip. */
export const wholeFile = (file: FoundFile): FilePart => ({ kind: "part", file, from: 0, to: file.isGzip ? Infinity : file.sizeBytes });

/** No part is smaller than this, since opening a file costs about as much as reading so many bytes. */
export const MIN_PART_BYTES = 1_048_576;

/** Splits files into parts of about one size, around `parts` of them in all. Empty files have none. */
export function splitFiles(range: FileRange, parts: number, minBytes = MIN_PART_BYTES): readonly FilePart[] {
  if (range.kind === "part") return splitPart(range, partBytes(range, parts, minBytes));
  const bytes = partBytes(range, parts, minBytes);
  return range.files.filter(({ sizeBytes }) => sizeBytes > 0).flatMap((file) => splitPart(wholeFile(file), bytes));
}

/** A part for each file that has anything in it. */
export function splitByFile(range: FileRange): readonly FilePart[] {
  return range.kind === "part" ? [range] : range.files.filter(({ sizeBytes }) => sizeBytes > 0).map(wholeFile);
}

const partBytes = ({ from, to }: OffsetRange, parts: number, minBytes: number): number => Math.max(minBytes, (to - from) / parts);

function splitPart(part: FilePart, bytes: number): readonly FilePart[] {
  const size = part.to - part.from;
  if (part.file.isGzip || size <= bytes) return [part];
  const count = Math.round(size / bytes);
  const border = (i: number): number => part.from + Math.floor((size * i) / count);
  return Array.from({ length: count }, (_, i) => ({ ...part, from: border(i), to: border(i + 1) }));
}

/** Only parts are read: a position in all files would be one in none. */
export function partOf(range: FileRange): FilePart {
  if (range.kind === "part") return range;
  throw new Error("a source of files was read before it was split");
}
