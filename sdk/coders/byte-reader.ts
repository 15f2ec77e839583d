import type { Either } from "fp-ts/lib/Either.js";
import { left, right, type Coder, type CoderError } from "./coder.ts";
import { textOf } from "./text.ts";

/** Reads what a `ByteWriter` was given, in the same order. Throws where the bytes end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are still unread. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Undecodable("the bytes end too soon");
    return byte;
  }

  /** The next bytes, in the memory of what is read. */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw new Undecodable(`${length} bytes should follow, but only ${this.left} do`);
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new Undecodable("a length is beyond all lengths");
      if (byte < 0x80) return value;
    }
  }

  double(): number {
    const bytes = this.bytes(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  /** The text that all remaining bytes are. */
  text(): string {
    return textOf(this.rest());
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
    return given(coder.decode(this.sized()));
  }

  /** The value that all remaining bytes are. */
  last<T>(coder: Coder<T>): T {
    return given(coder.decode(this.rest()));
  }
}

/** Ends the reading of bytes that are not what they should be. */
export class Undecodable extends Error {}

/** The answer for bytes of which `read` must leave none; what it throws is the answer too. */
export function answerFor<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): Either<CoderError, T> {
  try {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    return reader.left === 0 ? right(value) : left("NOT_DECODABLE", `${reader.left} bytes too many`);
  } catch (error) {
    return left("NOT_DECODABLE", error instanceof Error ? error.message : String(error));
  }
}

/** The value of a nested answer. */
export function given<T>(answer: Either<CoderError, T>): T {
  if (answer._tag === "Right") return answer.right;
  throw new Undecodable(answer.left.message);
}
