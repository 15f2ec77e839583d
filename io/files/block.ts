import type { RecordEnds } from "./record-ends.ts";

/** Some whole records in a buffer: lines, or rows. It may be looked into until the next block is asked for. */
export interface Block {
  readonly buffer: Buffer;
  /** Where the first record begins in the buffer, behind a byte order mark. */
  readonly begin: number;
  /** Behind the last record and its line end; only the last record of a file may have none. */
  readonly end: number;
  /** What the first byte of the buffer is in the file. */
  readonly base: number;
  /** Where the first record starts in the file; a byte order mark belongs to it. */
  readonly from: number;
  /** How its records end. */
  readonly ends: RecordEnds;
  /** Whether it is the beginning of one record that is longer than allowed. */
  readonly isCut?: boolean;
}

/** Where the last record of a block starts in the file. */
export function lastStartOf({ buffer, begin, end, base, from, ends }: Block): number {
  const before = ends.last(buffer, begin, end - 1);
  return before < 0 ? from : base + before + 1;
}

/** Where each record of a block starts in the file. */
export function startsOf({ buffer, begin, end, base, from, ends }: Block): readonly number[] {
  const starts = [from];
  for (let at = ends.first(buffer, begin, end - 1, begin); at >= 0; at = ends.first(buffer, at + 1, end - 1, at + 1)) {
    starts.push(base + at + 1);
  }
  return starts;
}

/** The bytes of one record of a block, without its line end. */
export function recordIn(block: Block, starts: readonly number[], index: number): Buffer {
  const begin = index === 0 ? block.begin : starts[index]! - block.base;
  const next = index + 1 < starts.length ? starts[index + 1]! - block.base : block.end;
  return block.buffer.subarray(begin, endWithoutBreak(block.buffer, begin, next));
}

/** A record of a block as a block of its own. */
export function recordBlock(block: Block, starts: readonly number[], index: number): Block {
  const begin = index === 0 ? block.begin : starts[index]! - block.base;
  const end = index + 1 < starts.length ? starts[index + 1]! - block.base : block.end;
  return { ...block, begin, end, from: starts[index]! };
}

function endWithoutBreak(buffer: Buffer, begin: number, end: number): number {
  if (end === begin || buffer[end - 1] !== LF) return end;
  return end - 1 > begin && buffer[end - 2] === CR ? end - 2 : end - 1;
}

const LF = 0x0a;
const CR = 0x0d;

/** The first records of a block; the block itself when these are all. */
export function firstRecords(block: Block, starts: readonly number[], count: number): Block {
  if (count >= starts.length) return block;
  return { ...block, end: count === 0 ? block.begin : starts[count]! - block.base };
}

/** The records of a block that start at a byte of the file or behind it; undefined when there are none. */
export function recordsFrom(block: Block, from: number): Block | undefined {
  if (block.from >= from) return block;
  const start = startsOf(block).find((each) => each >= from);
  return start === undefined ? undefined : { ...block, begin: start - block.base, from: start };
}
