import type { OffsetRange } from "../../sdk/source.ts";
import type { Block } from "./block.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { Follow, RecordEnds } from "./record-ends.ts";

/** How files are cut into blocks; tests choose small ones, so that every border is met. */
export interface BlockSizes {
  /** Bytes that are read at once. */
  readonly readBytes: number;
  /** A block is about as large, unless a record is larger. */
  readonly blockBytes: number;
  /** No record may have more bytes than these, without its line end. */
  readonly maxRecordBytes: number;
}

/**
 * The sizes that are used. Measured: a read of 64 KiB costs more than splitting it into lines, one of 512 KiB next to nothing;
 * and a text of more than about 100 KiB goes to the space for large objects, which doubles the cost of splitting it.
 */
export const BLOCK_SIZES: BlockSizes = { readBytes: 524_288, blockBytes: 65_536, maxRecordBytes: 16_777_216 };

/** The byte that a reader has to stand at for a range, so that the first record of the range can be told. */
export const firstByteOf = (from: number, ends: RecordEnds): number => (ends.areEverywhere ? Math.max(from - 1, 0) : 0);

/**
 * The records that start in a range of a file, in blocks. Where ends are not everywhere, it gives those before the range too.
 * Of a record that is longer than allowed it may give the beginning only, as a block of its own; it never holds more of one.
 *
 * Two buffers take turns: while the records of one are worked on, the next bytes are read into the other, behind a copy of the
 * record that the first one ends in. A range starts with a record exactly if the byte before it ends one.
 *
 * ```
 *            begin          whole        length
 *   front  ····[line⏎line⏎line⏎|half a li]
 *   back       [half a li|← what is being read  ]
 * ```
 */
export class RecordBlocks {
  readonly #reader: ByteReader;
  readonly #to: number;
  readonly #ends: RecordEnds;
  readonly #sizes: BlockSizes;
  #front: Buffer;
  #back: Buffer;
  /** What the first byte of `front` is in the file. */
  #base: number;
  /** Where the next record begins in `front`. */
  #begin = 0;
  /** Behind the last whole record in `front`. */
  #whole = 0;
  /** Behind the last byte in `front`. */
  #length = 0;
  /** Looks for the end of a record that is passed over: of one that began before the range, or was cut. */
  #follow: Follow | undefined;
  /** Whether the block that was given last is the beginning of a record. */
  #isCut = false;
  #isLast = false;
  /** Whether what is being read goes to `back`, behind what `front` has from `whole` on. */
  #isAhead = false;
  #pending: Promise<number>;

  /** @param reader - stands at {@link firstByteOf} the range. */
  constructor(reader: ByteReader, { from, to }: OffsetRange, ends: RecordEnds, sizes: BlockSizes) {
    this.#reader = reader;
    this.#to = to;
    this.#ends = ends;
    this.#sizes = sizes;
    this.#base = firstByteOf(from, ends);
    this.#follow = ends.areEverywhere && from > 0 ? ends.follow() : undefined;
    this.#front = Buffer.allocUnsafeSlow(sizes.readBytes + sizes.blockBytes);
    this.#back = Buffer.allocUnsafeSlow(sizes.readBytes + sizes.blockBytes);
    this.#pending = this.#read(this.#front, 0, this.#base);
  }

  /** The next records, or undefined when there are no more that start in the range. */
  async next(): Promise<Block | undefined> {
    if (this.#isCut) this.#passOver();
    while (this.#begin === this.#whole) {
      if (this.#isLast) return undefined;
      await this.#fill();
    }
    const begin = this.#begin;
    const end = this.#isCut ? this.#whole : this.#blockEnd();
    if (!this.#isCut) this.#begin = end;
    return withoutMark({
      buffer: this.#front,
      begin,
      end,
      base: this.#base,
      from: this.#base + begin,
      ends: this.#ends,
      isCut: this.#isCut,
    });
  }

  #blockEnd(): number {
    const most = this.#begin + this.#sizes.blockBytes;
    if (this.#whole <= most) return this.#whole;
    const before = this.#ends.last(this.#front, this.#begin, most);
    if (before >= 0) return before + 1;
    const behind = this.#ends.first(this.#front, this.#begin, this.#whole, most);
    return behind < 0 ? this.#whole : behind + 1;
  }

  async #fill(): Promise<void> {
    if (this.#isAhead) this.#swap();
    const count = await this.#pending;
    this.#length += count;
    if (this.#follow !== undefined) this.#skip(this.#follow);
    if (this.#follow !== undefined ? count === 0 : this.#base + this.#begin >= this.#to) {
      this.#isLast = true;
    } else if (this.#follow !== undefined) {
      this.#readOver();
    } else if (count === 0) {
      this.#isLast = true;
      this.#whole = this.#length;
    } else {
      this.#findRecords();
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

  /** Goes behind the record that is passed over, if it ends in what was read. */
  #skip(follow: Follow): void {
    const end = follow(this.#front, 0, this.#length);
    if (end < 0) return;
    this.#follow = undefined;
    this.#begin = this.#whole = end + 1;
  }

  /** Leaves the record whose beginning was given; that it has no end in `front` is known. */
  #passOver(): void {
    this.#isCut = false;
    this.#follow = this.#ends.follow();
    this.#follow(this.#front, this.#begin, this.#length);
    this.#begin = this.#whole = 0;
    this.#readOver();
  }

  /** Reads on, and keeps nothing of what was read. */
  #readOver(): void {
    this.#base += this.#length;
    this.#length = 0;
    this.#pending = this.#read(this.#front, 0, this.#base);
  }

  /** Finds the whole records among what was read, and reads on. */
  #findRecords(): void {
    const lastOfRange = this.#to - 1 - this.#base;
    const stop =
      lastOfRange < this.#length ? this.#ends.first(this.#front, this.#begin, this.#length, Math.max(lastOfRange, this.#begin)) : -1;
    if (stop >= 0) {
      this.#isLast = true;
      this.#whole = stop + 1;
      return;
    }
    const end = this.#ends.last(this.#front, this.#begin, this.#length);
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
    const most = this.#sizes.maxRecordBytes + MORE_BYTES;
    if (this.#length - this.#begin > most) {
      this.#isCut = true;
      this.#whole = this.#begin + most;
      return;
    }
    this.#front = withRoom(this.#front, this.#length, this.#length + this.#sizes.readBytes);
    this.#pending = this.#read(this.#front, this.#length, this.#base + this.#length);
  }

  #read(buffer: Buffer, at: number, position: number): Promise<number> {
    const { readBytes } = this.#sizes;
    const wanted = Math.min(readBytes, Math.max(this.#to - position, LAST_RECORD_BYTES));
    const pending = this.#reader.read(buffer, at, wanted);
    // Nobody may be there to see it fail, when the read has been stopped.
    pending.catch(() => undefined);
    return pending;
  }
}

/** So many bytes more than allowed may be a byte order mark and the first half of a line end. */
const MORE_BYTES = 4;

/** Bytes that are read at once behind the range, where only the rest of a record is wanted. */
const LAST_RECORD_BYTES = 16_384;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutMark(block: Block): Block {
  const { buffer, begin, end, from } = block;
  if (from > 0 || end - begin < 3 || BYTE_ORDER_MARK.compare(buffer, begin, begin + 3) !== 0) return block;
  return { ...block, begin: begin + 3 };
}

/** A buffer that has room for so many bytes, with those that are used. */
function withRoom(buffer: Buffer, used: number, needed: number): Buffer {
  if (buffer.length >= needed) return buffer;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * buffer.length));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
