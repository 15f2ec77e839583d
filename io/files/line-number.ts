import { openBytes } from "./byte-reader.ts";
import type { FoundFile } from "./found-file.ts";

/**
 * The number of the line that holds a byte of a file, from 1. It reads the file up to there once more, which is why it is for
 * messages only: readers know bytes, since a line's number depends on all that comes before.
 */
export async function lineNumberAt(file: FoundFile, byte: number): Promise<number> {
  const reader = await openBytes(file, 0);
  const buffer = Buffer.allocUnsafeSlow(COUNTED_BYTES);
  try {
    let number = 1;
    for (let at = 0; at < byte;) {
      const count = await reader.read(buffer, 0, Math.min(COUNTED_BYTES, byte - at));
      if (count === 0) break;
      number += lineEndsIn(buffer.subarray(0, count));
      at += count;
    }
    return number;
  } finally {
    await reader.close();
  }
}

const COUNTED_BYTES = 524_288;

function lineEndsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** A place in a file for a message, such as `a.txt, line 3 (byte 120)`; without the line where it can no longer be found. */
export async function placeOf(file: FoundFile, byte: number): Promise<string> {
  const line = await lineNumberAt(file, byte).catch(() => undefined);
  return line === undefined ? `${file.path}, byte ${byte}` : `${file.path}, line ${line} (byte ${byte})`;
}
