import { isAscii, isUtf8 } from "node:buffer";
import type { Block } from "./block.ts";
import { mixedLines } from "./mixed-lines.ts";

/** What becomes of bytes that are no UTF-8: the run fails, or each becomes U+FFFD, the replacement character. */
export type InvalidUtf8 = "error" | "replace";

/** Thrown for a block with bytes that are no UTF-8 and not to be replaced. */
export class NoUtf8 extends Error {}

/** The text of a block without its last LF. */
export function textOf(block: Block, invalidUtf8: InvalidUtf8): string {
  const bytes = bytesOf(block);
  // Most files are ASCII, whose bytes are the characters: no decoder has to look at each of them.
  if (isAscii(bytes)) return bytes.toString("latin1");
  checkUtf8(bytes, invalidUtf8);
  return bytes.toString("utf8");
}

/** The lines of a block, without their line ends. */
export function linesOf(block: Block, invalidUtf8: InvalidUtf8): string[] {
  const bytes = bytesOf(block);
  const lines = splitLines(bytes, invalidUtf8);
  if (bytes.includes(CR)) stripReturns(lines, block.buffer[block.end - 1] === LF ? lines.length : lines.length - 1);
  return lines;
}

const LF = 0x0a;
const CR = 0x0d;

const bytesOf = ({ buffer, begin, end }: Block): Buffer => buffer.subarray(begin, buffer[end - 1] === LF ? end - 1 : end);

function splitLines(bytes: Buffer, invalidUtf8: InvalidUtf8): string[] {
  if (isAscii(bytes)) return bytes.toString("latin1").split("\n");
  checkUtf8(bytes, invalidUtf8);
  return mixedLines(bytes) ?? bytes.toString("utf8").split("\n");
}

function checkUtf8(bytes: Buffer, invalidUtf8: InvalidUtf8): void {
  if (invalidUtf8 === "error" && !isUtf8(bytes)) throw new NoUtf8();
}

/** Takes the first half of CRLF off the lines that had the second half. */
function stripReturns(lines: string[], count: number): void {
  for (let i = 0; i < count; i++) {
    const line = lines[i]!;
    const last = line.length - 1;
    if (line.charCodeAt(last) === CR) lines[i] = line.slice(0, last);
  }
}
