import { isAscii, isUtf8 } from "node:buffer";
import type { Block } from "./block.ts";

/** What becomes of bytes that are no UTF-8: the run fails, or each becomes U+FFFD, the replacement character. */
export type InvalidUtf8 = "error" | "replace";

/** Thrown for a block with bytes that are no UTF-8 and not to be replaced. */
export class NoUtf8 extends Error {}

/** The text of a block without its last LF. */
export function textOf({ buffer, begin, end }: Block, invalidUtf8: InvalidUtf8): string {
  const bytes = buffer.subarray(begin, buffer[end - 1] === LF ? end - 1 : end);
  // Most files are ASCII, whose bytes are the characters: no decoder has to look at each of them.
  if (isAscii(bytes)) return bytes.toString("latin1");
  if (invalidUtf8 === "error" && !isUtf8(bytes)) throw new NoUtf8();
  return bytes.toString("utf8");
}

/** The lines of a block, without their line ends. */
export function linesOf(block: Block, invalidUtf8: InvalidUtf8): string[] {
  const text = textOf(block, invalidUtf8);
  const lines = text.split("\n");
  if (text.includes("\r")) stripReturns(lines, block.buffer[block.end - 1] === LF ? lines.length : lines.length - 1);
  return lines;
}

const LF = 0x0a;
const CR = 0x0d;

/** Takes the first half of CRLF off the lines that had the second half. */
function stripReturns(lines: string[], count: number): void {
  for (let i = 0; i < count; i++) {
    const line = lines[i]!;
    const last = line.length - 1;
    if (line.charCodeAt(last) === CR) lines[i] = line.slice(0, last);
  }
}
