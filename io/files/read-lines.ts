import { isUtf8 } from "node:buffer";
import { shortText } from "../../sdk/errors.ts";
import type { Chunk, Tracker } from "../../sdk/source.ts";
import { MAX_INSTANT, MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { BadLine, badLineAt } from "./bad-line.ts";
import { openBytes } from "./byte-reader.ts";
import type { FilePart } from "./file-range.ts";
import {
  firstByteOf,
  firstLines,
  lastStartOf,
  LineBlocks,
  lineIn,
  LineTooLong,
  startsOf,
  type BlockSizes,
  type LineBlock,
} from "./line-blocks.ts";
import { linesOf, type InvalidUtf8 } from "./line-text.ts";

/** How the lines of a file become elements. */
export interface LineFormat<T> {
  /** Elements of some lines of a file, one each. Throws {@link BadLine} for one that it cannot take. */
  readonly parse: (lines: readonly string[]) => readonly T[];
  /** The event time of an element, in ms. */
  readonly timestampOf?: ((element: T) => Instant) | undefined;
  readonly invalidUtf8: InvalidUtf8;
  readonly sizes: BlockSizes;
}

/**
 * Reads the lines that start in a part of a file. A position is the byte where a line starts.
 *
 * Per block it claims the last line, which claims those before it; where each line starts is worked out only when the answer
 * is no, or for a message.
 */
export async function* readLines<T>(part: FilePart, tracker: Tracker, format: LineFormat<T>): AsyncGenerator<Chunk<T>, void, undefined> {
  const reader = await openBytes(part.file, firstByteOf(part.from));
  try {
    const blocks = new LineBlocks(reader, part, format.sizes);
    for (let block = await blocks.next(); block !== undefined; block = await blocks.next()) {
      const claimed = claimedOf(block, tracker);
      if (claimed.end > claimed.begin) yield await chunkOf(part, claimed, format);
      if (claimed !== block) return;
    }
    await reader.check();
    tracker.tryClaim(part.to);
  } catch (error) {
    throw error instanceof LineTooLong ? await tooLong(part, error, format.sizes) : error;
  } finally {
    await reader.close();
  }
}

/** The lines of a block that may be given out: the block itself when all of them may. */
function claimedOf(block: LineBlock, tracker: Tracker): LineBlock {
  if (tracker.tryClaim(lastStartOf(block))) return block;
  const starts = startsOf(block);
  return firstLines(block, starts, tracker.claimWhile(starts));
}

async function chunkOf<T>({ file }: FilePart, block: LineBlock, { parse, timestampOf, invalidUtf8 }: LineFormat<T>): Promise<Chunk<T>> {
  try {
    const lines = linesOf(block, invalidUtf8);
    if (lines === undefined) throw invalidLine(block);
    const values = parse(lines);
    return timestampOf === undefined ? { values } : { values, timestamps: timestampsOf(values, lines, timestampOf) };
  } catch (error) {
    throw error instanceof BadLine ? await badLineAt(file, startsOf(block)[error.index]!, error) : error;
  }
}

function timestampsOf<T>(values: readonly T[], lines: readonly string[], timestampOf: (element: T) => Instant): Float64Array {
  const timestamps = new Float64Array(values.length);
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = callOn(timestampOf, values[i]!, i, lines);
    if (!isInstant(timestamp)) {
      throw new BadLine(i, "BAD_TIMESTAMP", {
        what: "timestampOf gave no instant for a line",
        got: `${shortText(timestamp)} for ${shortText(lines[i])}`,
        fix: "return whole milliseconds since the epoch",
      });
    }
    timestamps[i] = timestamp;
  }
  return timestamps;
}

function callOn<T>(timestampOf: (element: T) => Instant, value: T, index: number, lines: readonly string[]): Instant {
  try {
    return timestampOf(value);
  } catch (cause) {
    const got = `${shortText(cause)} for ${shortText(lines[index])}`;
    throw new BadLine(index, "BAD_TIMESTAMP", { what: "timestampOf threw for a line", got, cause });
  }
}

const isInstant = (time: unknown): boolean => Number.isInteger(time) && (time as number) >= MIN_INSTANT && (time as number) <= MAX_INSTANT;

/** Which line of a block holds the bytes that are no UTF-8. */
function invalidLine(block: LineBlock): BadLine {
  const starts = startsOf(block);
  const index = starts.findIndex((_, i) => !isUtf8(block.buffer.subarray(...lineIn(block, starts, i))));
  const line = block.buffer.subarray(...lineIn(block, starts, index));
  return new BadLine(index, "NOT_DECODABLE", {
    what: "a line is no UTF-8",
    got: shortText(line.toString("utf8")),
    fix: 'convert the file to UTF-8, or pass { invalidUtf8: "replace" }',
  });
}

const tooLong = ({ file }: FilePart, { from }: LineTooLong, { maxLineBytes }: BlockSizes) =>
  badLineAt(file, from, {
    code: "READ_FAILED",
    parts: {
      what: `a line is longer than ${maxLineBytes} bytes`,
      fix: "pass a larger maxLineBytes; if the file has no lines at all, read it with readWholeFiles",
    },
  });
