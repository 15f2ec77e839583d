import type { Chunk, Tracker } from "../../sdk/source.ts";
import { firstRecords, lastStartOf, recordsFrom, startsOf, type Block } from "./block.ts";
import { openBytes } from "./byte-reader.ts";
import type { FilePart } from "./file-range.ts";
import { Misplaced, type ChunkOf, type RecordChunks } from "./record-chunk.ts";
import { firstByteOf, RecordBlocks, type BlockSizes } from "./record-blocks.ts";
import type { RecordFormat } from "./record-format.ts";

/**
 * Reads the records that start in a part of a file. A position is the byte where a record starts.
 *
 * Per block it claims the last record, which claims those before it; where each record starts is worked out only when the
 * answer is no, or for a message.
 *
 * @param chunksOf - how the records of a block become what is given out.
 */
export async function* readRecords<T, Out>(
  part: FilePart,
  tracker: Tracker,
  format: RecordFormat<T>,
  sizes: BlockSizes,
  chunksOf: (parts: RecordChunks<T>) => ChunkOf<Out>,
): AsyncGenerator<Chunk<Out>, void, undefined> {
  const { file, from, to } = part;
  const chunkOf = chunksOf({ file, format, parse: await format.open(file), maxRecordBytes: sizes.maxRecordBytes });
  const reader = await openBytes(file, firstByteOf(from, format.ends));
  try {
    const blocks = new RecordBlocks(reader, part, format.ends, sizes);
    for (let next = await blocks.next(); next !== undefined; next = await blocks.next()) {
      const block = recordsFrom(next, from);
      if (block === undefined) continue;
      const claimed = claimedOf(block, tracker);
      const chunk = chunkOf(claimed);
      if (chunk !== undefined) yield chunk;
      if (claimed !== block) return;
    }
    await reader.check();
    tracker.tryClaim(to);
  } catch (error) {
    throw error instanceof Misplaced ? await error.placed(file) : error;
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
