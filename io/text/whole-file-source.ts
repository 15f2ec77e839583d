import { isAscii, isUtf8 } from "node:buffer";
import { PipelineError } from "../../sdk/errors.ts";
import type { BoundedSource, Chunk, Tracker } from "../../sdk/source.ts";
import type { InvalidUtf8 } from "../files/block-text.ts";
import { openBytes } from "../files/byte-reader.ts";
import { allOf, partOf, wholeFile, type FilePart, type FileRange } from "../files/file-range.ts";
import { findFiles } from "../files/find-files.ts";
import type { Compression, FoundFile } from "../files/found-file.ts";

/** What a source of whole files is made of. */
export interface WholeFileSpec<T> {
  readonly paths: string | readonly string[];
  readonly compression: Compression;
  readonly maxFileBytes: number;
  readonly elementOf: (file: FoundFile, bytes: Buffer) => T;
}

/** A source that gives one element per file. The only position in a file is its first byte. */
export function wholeFileSource<T>({ paths, compression, maxFileBytes, elementOf }: WholeFileSpec<T>): BoundedSource<T, FileRange> {
  return {
    name: "ReadWholeFiles",
    restriction: async () => allOf(await findFiles(paths, compression)),
    split: (range) => (range.kind === "part" ? [range] : range.files.map(asOne)),
    read: (range, tracker) => read(partOf(range), tracker),
  };

  async function* read({ file, from, to }: FilePart, tracker: Tracker): AsyncGenerator<Chunk<T>, void, undefined> {
    if (from === 0) {
      if (!tracker.tryClaim(0) && tracker.claimWhile([0]) === 0) return;
      const bytes = await bytesOf(file, maxFileBytes);
      yield { values: [elementOf(file, bytes)], bytes: bytes.length };
    }
    tracker.tryClaim(to);
  }
}

/** An empty file has a position too: it is an element like the others. */
const asOne = (file: FoundFile): FilePart => ({ ...wholeFile(file), to: Math.max(wholeFile(file).to, 1) });

async function bytesOf(file: FoundFile, maxFileBytes: number): Promise<Buffer> {
  // Known beforehand, unless it is packed: then it grows as it is unpacked, and a small file can hold a very large one.
  if (!file.isGzip && file.sizeBytes > maxFileBytes) throw tooLarge(file, maxFileBytes);
  const reader = await openBytes(file, 0);
  try {
    let buffer = Buffer.allocUnsafeSlow(file.isGzip ? Math.min(4 * file.sizeBytes, maxFileBytes) + 1 : file.sizeBytes + 1);
    let length = 0;
    for (;;) {
      const count = await reader.read(buffer, length, buffer.length - length);
      length += count;
      if (length > maxFileBytes) throw tooLarge(file, maxFileBytes);
      if (count === 0) break;
      if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length, maxFileBytes) + 1);
    }
    await reader.check();
    return buffer.subarray(0, length);
  } finally {
    await reader.close();
  }
}

const tooLarge = ({ path }: FoundFile, maxFileBytes: number): PipelineError =>
  new PipelineError("READ_FAILED", {
    what: `a file is larger than ${maxFileBytes} bytes`,
    at: path,
    fix: "pass a larger maxFileBytes if it fits into memory, or read it line by line",
  });

/** The text of a file, without a byte order mark. */
export function textIn({ path }: FoundFile, bytes: Buffer, invalidUtf8: InvalidUtf8): string {
  if (isAscii(bytes)) return bytes.toString("latin1");
  if (invalidUtf8 === "error" && !isUtf8(bytes)) {
    throw new PipelineError("NOT_DECODABLE", {
      what: "a file is no UTF-8",
      at: `${path}, byte ${firstInvalid(bytes)}`,
      fix: 'convert it to UTF-8, pass { invalidUtf8: "replace" }, or { as: "bytes" }',
    });
  }
  const text = bytes.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Where the first bytes are that are no UTF-8: what lies before them is repeated by encoding what was decoded. */
function firstInvalid(bytes: Buffer): number {
  const repeated = Buffer.from(bytes.toString("utf8"));
  return repeated.findIndex((byte, i) => byte !== bytes[i]);
}
