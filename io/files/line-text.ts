import { isAscii, isUtf8 } from "node:buffer";
import type { LineBlock } from "./line-blocks.ts";

/** What becomes of bytes that are no UTF-8: the run fails, or each becomes U+FFFD, the replacement character. */
export type InvalidUtf8 = "error" | "replace";

/** The lines of a block as text, without their line ends; undefined when there are bytes that are no UTF-8 and not to be replaced. */
export function linesOf({ buffer, begin, end }: LineBlock, invalidUtf8: InvalidUtf8): string[] | undefined {
  const hasLastEnd = buffer[end - 1] === LF;
  const text = textOf(buffer.subarray(begin, hasLastEnd ? end - 1 : end), invalidUtf8);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  if (text.includes("\r")) stripReturns(lines, hasLastEnd ? lines.length : lines.length - 1);
  return lines;
}

const LF = 0x0a;
const CR = 0x0d;

/** Most files are ASCII, whose bytes are the characters: no decoder has to look at each of them. */
function textOf(bytes: Buffer, invalidUtf8: InvalidUtf8): string | undefined {
  if (isAscii(bytes)) return bytes.toString("latin1");
  if (invalidUtf8 === "error" && !isUtf8(bytes)) return undefined;
  return bytes.toString("utf8");
}

/** Takes the first half of CRLF off the lines that had the second half. */
function stripReturns(lines: string[], count: number): void {
  for (let i = 0; i < count; i++) {
    const line = lines[i]!;
    const last = line.length - 1;
    if (line.charCodeAt(last) === CR) lines[i] = line.slice(0, last);
  }
}
