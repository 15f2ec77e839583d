import type { Either } from "fp-ts/lib/Either.js";
import { left, right, type Coder, type CoderError } from "./coder.ts";
import { textOf } from "./text.ts";

/** A double in the order of the machine's bytes: to copy them costs less than a view of the bytes that are read. */
const double = new Float64Array([1]);
const doubleBytes = new Uint8Array(double.buffer);
const IS_LITTLE_ENDIAN = doubleBytes[7] !== 0;

/** Reads what a `ByteWriter` was given, in the same order. Throws where the bytes end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Up to where it reads: the end of the part that is being read, or of all. */
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** How many bytes are still unread. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** One byte. */
  byte(): number {
    if (this.#at === this.#end) throw new Undecodable("the bytes end too soon");
    return this.#bytes[this.#at++]!;
  }

  /** The next bytes, in the memory of what is read. */
  bytes(length: number): Uint8Array {
    const start = this.#at;
    this.#skip(length);
    return this.#bytes.subarray(start, this.#at);
  }

  #skip(length: number): void {
    if (length > this.left) throw new Undecodable(`${length} bytes should follow, but only ${this.left} do`);
    this.#at += length;
  }

  /** All that is left, in the memory of what is read. */
  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  /** An integer as `ByteWriter.varint` writes it. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new Undecodable("a length is beyond all lengths");
      if (byte < 0x80) return value;
    }
  }

  /** A number as `ByteWriter.double` writes it. */
  double(): number {
    const at = this.#at;
    this.#skip(8);
    for (let i = 0; i < 8; i++) doubleBytes[IS_LITTLE_ENDIAN ? i : 7 - i] = this.#bytes[at + i]!;
    return double[0]!;
  }

  /** The text that all remaining bytes are. */
  text(): string {
    const start = this.#at;
    this.#at = this.#end;
    return textOf(this.#bytes, start, this.#end);
  }

  /** Bytes that stand behind their length. */
  sized(): Uint8Array {
    return this.bytes(this.varint());
  }

  /** Integers that stand behind their number. */
  varints(): readonly number[] {
    const values: number[] = [];
    for (let left = this.varint(); left > 0; left--) values.push(this.varint());
    return values;
  }

  /** A value that was written as a part. */
  part<T>(coder: Coder<T>): T {
    if (coder.decodeFrom === undefined) return given(coder.decode(this.sized()));
    const length = this.varint();
    const end = this.#at + length;
    const outer = this.#end;
    if (length > this.left) this.#skip(length);
    this.#end = end;
    const value = coder.decodeFrom(this);
    if (this.#at !== end) throw new Undecodable(tooMany(this.left));
    this.#end = outer;
    return value;
  }

  /** The value that all remaining bytes are. */
  last<T>(coder: Coder<T>): T {
    return coder.decodeFrom === undefined ? given(coder.decode(this.rest())) : coder.decodeFrom(this);
  }
}

const tooMany = (bytes: number): string => `${bytes} bytes too many`;

/** Ends the reading of bytes that are not what they should be. */
export class Undecodable extends Error {}

/** The answer for bytes of which `read` must leave none; what it throws is the answer too. */
export function answerFor<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): Either<CoderError, T> {
  try {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    return reader.left === 0 ? right(value) : left("NOT_DECODABLE", tooMany(reader.left));
  } catch (error) {
    return left("NOT_DECODABLE", error instanceof Error ? error.message : String(error));
  }
}

/** The value of a nested answer. */
export function given<T>(answer: Either<CoderError, T>): T {
  if (answer._tag === "Right") return answer.right;
  throw new Undecodable(answer.left.message);
}
