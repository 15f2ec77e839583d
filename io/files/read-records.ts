import { isUtf8 } from "node:buffer";
import { shortText } from "../../sdk/errors.ts";
import type { Chunk, Tracker } from "../../sdk/source.ts";
import { BadRecord, badRecordAt } from "./bad-record.ts";
import { NoUtf8 } from "./block-text.ts";
import { firstRecords, lastStartOf, recordIn, recordsFrom, startsOf, type Block } from "./block.ts";
import { openBytes } from "./byte-reader.ts";
import type { FilePart } from "./file-range.ts";
import type { FoundFile } from "./found-file.ts";
import { firstByteOf, RecordBlocks, RecordTooLong, type BlockSizes } from "./record-blocks.ts";
import type { Parse, RecordFormat } from "./record-format.ts";
import { timestampsOf } from "./timestamps.ts";

/**
 * Reads the records that start in a part of a file. A position is the byte where a record starts.
 *
 * Per block it claims the last record, which claims those before it; where each record starts is worked out only when the
 * answer is no, or for a message.
 */
export async function* readRecords<T>(
  part: FilePart,
  tracker: Tracker,
  format: RecordFormat<T>,
  sizes: BlockSizes,
): AsyncGenerator<Chunk<T>, void, undefined> {
  const { file, from, to } = part;
  const parse = await format.open(file);
  const reader = await openBytes(file, firstByteOf(from, format.ends));
  try {
    const blocks = new RecordBlocks(reader, part, format.ends, sizes);
    for (let next = await blocks.next(); next !== undefined; next = await blocks.next()) {
      const block = recordsFrom(next, from);
      if (block === undefined) continue;
      const claimed = claimedOf(block, tracker);
      const chunk = chunkOf(claimed, parse, format);
      if (chunk !== undefined) yield chunk;
      if (claimed !== block) return;
    }
    await reader.check();
    tracker.tryClaim(to);
  } catch (error) {
    throw await placed(error, file, format.noun, sizes);
  } finally {
    await reader.close();
  }
}

/** The records of a block that may be given out: the block itself when all of them may. */
function claimedOf(block: Block, tracker: Tracker): Block {
  if (tracker.tryClaim(lastStartOf(block))) return block;
  const starts = startsOf(block);
  return firstRecords(block, starts, tracker.claimWhile(starts));
}

function chunkOf<T>(block: Block, parse: Parse<T>, { noun, timestampOf }: RecordFormat<T>): Chunk<T> | undefined {
  if (block.begin === block.end) return undefined;
  try {
    const parsed = parse(block);
    const { values } = parsed;
    if (values.length === 0) return undefined;
    const bytes = block.end - block.begin;
    return timestampOf === undefined ? { values, bytes } : { values, bytes, timestamps: timestampsOf(parsed, timestampOf) };
  } catch (error) {
    const bad = error instanceof NoUtf8 ? noUtf8(block, noun) : error;
    throw bad instanceof BadRecord ? new Misplaced(startsOf(block)[bad.index]!, bad) : bad;
  }
}

/** A bad record whose byte is known, and whose line is still to be counted. */
class Misplaced extends Error {
  readonly from: number;
  readonly bad: BadRecord;

  constructor(from: number, bad: BadRecord) {
    super(bad.message);
    this.from = from;
    this.bad = bad;
  }
}

/** Which record of a block holds the bytes that are no UTF-8. */
function noUtf8(block: Block, noun: string): BadRecord {
  const starts = startsOf(block);
  const index = starts.findIndex((_, i) => !isUtf8(recordIn(block, starts, i)));
  return new BadRecord(index, "NOT_DECODABLE", {
    what: `a ${noun} is no UTF-8`,
    got: shortText(recordIn(block, starts, index).toString("utf8")),
    fix: 'convert the file to UTF-8, or pass { invalidUtf8: "replace" }',
  });
}

function placed(error: unknown, file: FoundFile, noun: string, { maxRecordBytes }: BlockSizes): unknown {
  if (error instanceof Misplaced) return badRecordAt(file, error.from, error.bad);
  if (!(error instanceof RecordTooLong)) return error;
  return badRecordAt(file, error.from, {
    code: "READ_FAILED",
    parts: {
      what: `a ${noun} is longer than ${maxRecordBytes} bytes`,
      fix: "allow more bytes by the option of the read, or read the file whole with readWholeFiles",
    },
  });
}
