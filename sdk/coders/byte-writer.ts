import { PipelineError } from "../errors.ts";
import type { Coder } from "./coder.ts";
import { isWellFormed, utf16 } from "./text.ts";

/** Takes the bytes of values one after the other. What it takes has no marks around it: whoever reads it knows what follows what. */
export interface ByteWriter {
  /** One byte, from 0 to 255. */
  byte(value: number): void;
  /** Bytes as they are. */
  bytes(value: Uint8Array): void;
  /** An integer from 0 up, in as few bytes as it needs: 7 bits each, the lowest first, with the high bit set in all but the last. */
  varint(value: number | bigint): void;
  /** A number as the 8 bytes of a double, the lowest first. */
  double(value: number): void;
  /** A string as `stringCoder` encodes it. */
  text(value: string): void;
  /** A value by its coder, after the varint of its length: so it may stand before others. */
  part<T>(coder: Coder<T>, value: T): void;
}

/** The bytes of a value, by the way in which it is written among others. */
export function bytesOf<T>(write: (value: T, writer: ByteWriter) => void, value: T): Uint8Array {
  const start = shared.begin();
  try {
    write(value, shared);
    return shared.take(start);
  } finally {
    shared.end(start);
  }
}

/** Writes a value that all bytes up to the end belong to, so that it needs no length. */
export function writeLast<T>(writer: ByteWriter, coder: Coder<T>, value: T): void {
  if (coder.encodeInto === undefined) writer.bytes(coder.encode(value));
  else coder.encodeInto(value, writer);
}

/** Writes bytes behind their length. */
export function writeSized(writer: ByteWriter, bytes: Uint8Array): void {
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** Writes integers behind their number. */
export function writeVarints(writer: ByteWriter, values: readonly number[]): void {
  writer.varint(values.length);
  for (const value of values) writer.varint(value);
}

/** A buffer that grows. */
class GrowingBytes implements ByteWriter {
  length = 0;
  /** Where values are written that fit. */
  #pool = new Uint8Array(POOL_BYTES);
  /** Up to where others have bytes of the pool: nothing is written there any more. */
  #given = 0;
  /** How many write: a coder that is called while another one does appends behind. */
  #depth = 0;
  #bytes = this.#pool;
  /** What has grown for a value that did not fit, for the next one: nobody is given a share of it, since it would keep all of it alive. */
  #large = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#grow(value.length);
    this.#bytes.set(value, this.length);
    this.length += value.length;
  }

  varint(value: number | bigint): void {
    if (typeof value === "bigint" ? value < 0n : value < 0 || !Number.isSafeInteger(value)) {
      throw new PipelineError("NOT_ENCODABLE", { what: "a varint is an integer from 0 up", got: String(value) });
    }
    let rest = value;
    for (; typeof rest === "bigint" && rest > MAX_SAFE; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    let number = Number(rest);
    for (; number > 0x7f; number = Math.floor(number / 0x80)) this.byte((number % 0x80) | 0x80);
    this.byte(number);
  }

  double(value: number): void {
    this.#grow(8);
    // `NaN` has many bit patterns, of which the engine may write any.
    if (Number.isNaN(value)) this.#view.setBigUint64(this.length, NAN_BITS, true);
    else this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  text(value: string): void {
    if (!isWellFormed(value)) this.bytes(utf16(value));
    else if (!this.#ascii(value)) this.#utf8(value);
  }

  part<T>(coder: Coder<T>, value: T): void {
    if (coder.encodeInto === undefined) {
      writeSized(this, coder.encode(value));
      return;
    }
    const start = this.length;
    this.byte(0);
    coder.encodeInto(value, this);
    this.#close(start);
  }

  /** Writes the length of what was written since, for which one byte was left at `start`; a longer length moves it on. */
  #close(start: number): void {
    const size = this.length - start - 1;
    if (size <= 0x7f) {
      this.#bytes[start] = size;
      return;
    }
    const more = varintSize(size) - 1;
    this.#grow(more);
    this.#bytes.copyWithin(start + 1 + more, start + 1, this.length);
    this.length = start;
    this.varint(size);
    this.length += size;
  }

  /** Somebody begins to write: where. */
  begin(): number {
    this.#depth++;
    return this.length;
  }

  /**
   * What was written from a place on. Few bytes are given away where they are, beside others, as those of Node's buffers are: memory of
   * their own costs more than to write most values.
   */
  take(start: number): Uint8Array {
    const size = this.length - start;
    if (size > MOST_SHARED || this.#depth > 1 || this.#bytes !== this.#pool) return this.#bytes.slice(start, this.length);
    this.#given = this.length;
    return new Uint8Array(this.#bytes.buffer, start, size);
  }

  /** Whoever began to write at a place has done so: it is forgotten, but for what was given away. */
  end(start: number): void {
    this.#depth--;
    this.length = Math.max(start, this.#given);
    if (this.#depth > 0) return;
    if (this.#given > POOL_BYTES - MOST_SHARED) {
      this.#pool = new Uint8Array(POOL_BYTES);
      this.#given = 0;
      this.length = 0;
    }
    if (this.#bytes !== this.#pool) this.#use(this.#pool);
  }

  /** Writes nothing where it answers `false`. */
  #ascii(text: string): boolean {
    if (text.length > SHORT_TEXT) return false;
    this.#grow(text.length);
    const { length } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      this.#bytes[length + i] = unit;
    }
    this.length += text.length;
    return true;
  }

  #utf8(text: string): void {
    this.#grow(3 * text.length);
    this.length += encoder.encodeInto(text, this.#bytes.subarray(this.length)).written;
  }

  #grow(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#bytes.length) return;
    const larger = needed <= this.#large.length ? this.#large : new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.length));
    if (larger.length <= MOST_KEPT_BYTES) this.#large = larger;
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

const POOL_BYTES = 8 * 1_024;
/** So many bytes lie beside others. */
const MOST_SHARED = 512;
/** Up to this length a loop is faster than a call of the platform. */
const SHORT_TEXT = 40;
/** A buffer that is larger than this is not kept for the next value. */
const MOST_KEPT_BYTES = 1 << 20;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const NAN_BITS = 0x7ff8_0000_0000_0000n;

const encoder = new TextEncoder();

const varintSize = (value: number): number => (value > 0x7f ? 1 + varintSize(Math.floor(value / 0x80)) : 1);

/** One buffer is enough: what a coder appends that is called while another one writes is cut off again before that goes on. */
const shared = new GrowingBytes();
