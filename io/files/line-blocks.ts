import type { OffsetRange } from "../../sdk/source.ts";
import type { ByteReader } from "./byte-reader.ts";

/** Some whole lines in a buffer. It may be looked into until the next block is asked for. */
export interface LineBlock {
  readonly buffer: Buffer;
  /** Where the first line starts in the buffer; behind a byte order mark. */
  readonly begin: number;
  /** Behind the last line and its end; only the last line of a file may have none. */
  readonly end: number;
  /** What the first byte of the buffer is in the file. */
  readonly base: number;
  /** Where the first line starts in the file; a byte order mark belongs to its line. */
  readonly from: number;
}

/** How files are cut into blocks; tests choose small ones, so that every border is met. */
export interface BlockSizes {
  /** Bytes that are read at once. */
  readonly readBytes: number;
  /** A block is about as large, unless a line is larger. */
  readonly blockBytes: number;
  /** No line may have more bytes than these, without its line end. */
  readonly maxLineBytes: number;
}

// Measured: a read of 64 KiB costs more than splitting it into lines, one of 512 KiB nothing to speak of; and the text of more
// than about 100 KiB goes to the large strings of V8, which cost double.
export const READ_BYTES = 524_288;
export const BLOCK_BYTES = 65_536;
export const MAX_LINE_BYTES = 16_777_216;

/** Thrown for a line that is longer than allowed, by where it starts. */
export class LineTooLong extends Error {
  readonly from: number;

  constructor(from: number) {
    super("a line is too long");
    this.from = from;
  }
}

const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines that start in a range of a file, in blocks.
 *
 * Two buffers take turns: while the lines of one are worked on, the next bytes are read into the other, behind the start of
 * the line that the first one ends in. The reader stands at `from - 1`, for a range starts with a line exactly if the byte
 * before it ends one.
 *
 * ```
 *            begin          whole        length
 *   front  ····[line⏎line⏎line⏎|half a li]
 *   back       [half a li|← pending read    ]
 * ```
 */
export class LineBlocks {
  readonly #reader: ByteReader;
  readonly #to: number;
  readonly #sizes: BlockSizes;
  #front: Buffer;
  #back: Buffer;
  /** What the first byte of `front` is in the file. */
  #base: number;
  /** Where the next line starts in `front`. */
  #begin = 0;
  /** Behind the last whole line in `front`. */
  #whole = 0;
  /** Behind the last byte in `front`. */
  #length = 0;
  #isSkipping: boolean;
  #isLast = false;
  /** Whether what is being read goes to `back`, behind a copy of what `front` has from `whole` on. */
  #isAhead = false;
  #pending: Promise<number>;

  constructor(reader: ByteReader, { from, to }: OffsetRange, sizes: BlockSizes) {
    this.#reader = reader;
    this.#to = to;
    this.#sizes = sizes;
    this.#base = firstByteOf(from);
    this.#isSkipping = from > 0;
    this.#front = Buffer.allocUnsafeSlow(sizes.readBytes + sizes.blockBytes);
    this.#back = Buffer.allocUnsafeSlow(sizes.readBytes + sizes.blockBytes);
    this.#pending = this.#read(this.#front, 0, this.#base);
  }

  /** The next lines, or undefined when there are no more that start in the range. */
  async next(): Promise<LineBlock | undefined> {
    while (this.#begin === this.#whole) {
      if (this.#isLast) return undefined;
      await this.#fill();
    }
    const begin = this.#begin;
    const end = this.#blockEnd();
    this.#begin = end;
    const block = withoutMark({ buffer: this.#front, begin, end, base: this.#base, from: this.#base + begin });
    if (block.begin === block.end) return undefined;
    if (block.end - block.begin > this.#sizes.maxLineBytes) this.#checkLines(block);
    return block;
  }

  #blockEnd(): number {
    const most = this.#begin + this.#sizes.blockBytes;
    if (this.#whole <= most) return this.#whole;
    const before = lastEndIn(this.#front, this.#begin, most);
    if (before >= 0) return before + 1;
    const behind = endIn(this.#front, most, this.#whole);
    return behind < 0 ? this.#whole : behind + 1;
  }

  async #fill(): Promise<void> {
    if (this.#isAhead) this.#swap();
    const known = this.#length;
    const count = await this.#pending;
    this.#length += count;
    if (this.#isSkipping) this.#skip();
    if (this.#isSkipping ? count === 0 : this.#base + this.#begin >= this.#to) {
      this.#isLast = true;
    } else if (this.#isSkipping) {
      this.#base += this.#length;
      this.#length = 0;
      this.#pending = this.#read(this.#front, 0, this.#base);
    } else if (count === 0) {
      this.#isLast = true;
      this.#whole = this.#length;
    } else {
      this.#findLines(Math.max(known, this.#begin));
    }
  }

  #swap(): void {
    const rest = this.#length - this.#whole;
    [this.#front, this.#back] = [this.#back, this.#front];
    this.#base += this.#whole;
    this.#begin = 0;
    this.#whole = 0;
    this.#length = rest;
    this.#isAhead = false;
  }

  /** Goes to the first line that starts in the range. */
  #skip(): void {
    const end = endIn(this.#front, 0, this.#length);
    if (end < 0) return;
    this.#isSkipping = false;
    this.#begin = this.#whole = end + 1;
  }

  /** Finds the whole lines that were read, of which those before `known` hold no line end, and reads on. */
  #findLines(known: number): void {
    const lastOfRange = this.#to - 1 - this.#base;
    const stop = lastOfRange < this.#length ? endIn(this.#front, Math.max(lastOfRange, known), this.#length) : -1;
    if (stop >= 0) {
      this.#isLast = true;
      this.#whole = stop + 1;
      return;
    }
    const end = lastEndIn(this.#front, known, this.#length);
    if (end >= 0) this.#readAhead(end + 1);
    else this.#readBehind();
  }

  #readAhead(whole: number): void {
    const rest = this.#length - whole;
    this.#back = withRoom(this.#back, 0, rest + this.#sizes.readBytes);
    this.#front.copy(this.#back, 0, whole, this.#length);
    this.#whole = whole;
    this.#isAhead = true;
    this.#pending = this.#read(this.#back, rest, this.#base + this.#length);
  }

  #readBehind(): void {
    // One byte more than allowed may be the first half of a line end.
    if (this.#length - this.#begin > this.#sizes.maxLineBytes + 1) throw new LineTooLong(this.#base + this.#begin);
    this.#front = withRoom(this.#front, this.#length, this.#length + this.#sizes.readBytes);
    this.#pending = this.#read(this.#front, this.#length, this.#base + this.#length);
  }

  #read(buffer: Buffer, at: number, position: number): Promise<number> {
    const { readBytes } = this.#sizes;
    const wanted = Math.min(readBytes, Math.max(this.#to - position, LAST_LINE_BYTES));
    const pending = this.#reader.read(buffer, at, wanted);
    // Nobody may be there to see it fail, when the read has been stopped.
    pending.catch(() => undefined);
    return pending;
  }

  #checkLines(block: LineBlock): void {
    const starts = startsOf(block);
    for (let i = 0; i < starts.length; i++) {
      const [begin, end] = lineIn(block, starts, i);
      if (end - begin > this.#sizes.maxLineBytes) throw new LineTooLong(starts[i]!);
    }
  }
}

/** The byte that a reader has to stand at for a range, so that it sees whether the range starts with a line. */
export const firstByteOf = (from: number): number => Math.max(from - 1, 0);

/** Bytes that are read at once behind the range, where only the rest of a line is wanted. */
const LAST_LINE_BYTES = 16_384;

/** Where the last line of a block starts in the file. */
export function lastStartOf({ buffer, begin, end, base, from }: LineBlock): number {
  const before = lastEndIn(buffer, begin, end - 1);
  return before < 0 ? from : base + before + 1;
}

/** Where each line of a block starts in the file. */
export function startsOf({ buffer, begin, end, base, from }: LineBlock): readonly number[] {
  const starts = [from];
  for (let at = endIn(buffer, begin, end - 1); at >= 0; at = endIn(buffer, at + 1, end - 1)) starts.push(base + at + 1);
  return starts;
}

/** Where a line of a block begins and ends in its buffer, without its line end. */
export function lineIn(block: LineBlock, starts: readonly number[], index: number): readonly [begin: number, end: number] {
  const { buffer, base } = block;
  const begin = index === 0 ? block.begin : starts[index]! - base;
  const next = index + 1 < starts.length ? starts[index + 1]! - base : block.end;
  if (next === begin || buffer[next - 1] !== LF) return [begin, next];
  return [begin, next - 2 >= begin && buffer[next - 2] === CR ? next - 2 : next - 1];
}

/** The first lines of a block. */
export const firstLines = (block: LineBlock, starts: readonly number[], count: number): LineBlock =>
  count < starts.length ? { ...block, end: count === 0 ? block.begin : starts[count]! - block.base } : block;

const endIn = (buffer: Buffer, from: number, to: number): number => {
  const found = buffer.subarray(from, to).indexOf(LF);
  return found < 0 ? -1 : from + found;
};

const lastEndIn = (buffer: Buffer, from: number, to: number): number => {
  const found = buffer.subarray(from, to).lastIndexOf(LF);
  return found < 0 ? -1 : from + found;
};

function withoutMark(block: LineBlock): LineBlock {
  const { buffer, begin, end, from } = block;
  if (from > 0 || end - begin < 3 || BYTE_ORDER_MARK.compare(buffer, begin, begin + 3) !== 0) return block;
  return { ...block, begin: begin + 3 };
}

/** A buffer that has room for so many bytes, with the ones that are used. */
function withRoom(buffer: Buffer, used: number, needed: number): Buffer {
  if (buffer.length >= needed) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * buffer.length));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
