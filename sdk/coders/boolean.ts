import { answerFor, Undecodable, type ByteReader } from "./byte-reader.ts";
import { notTaken, plainCoder, type Coder } from "./coder.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Booleans as one byte, 0 or 1. Deterministic. */
export const booleanCoder: Coder<boolean> = plainCoder([], {
  name: "boolean",
  deterministic: true,
  encode: (value: boolean) => Uint8Array.of(byteOf(value)),
  encodeInto: (value: boolean, writer: ByteWriter) => writer.byte(byteOf(value)),
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
  encodeAll: (values: readonly boolean[]) => Uint8Array.from(values, byteOf),
  decodeAll: (bytes: Uint8Array) => answerFor(bytes, (reader) => Array.from(reader.rest(), booleanOf)),
});

function byteOf(value: boolean): number {
  if (typeof value === "boolean") return Number(value);
  throw notTaken("booleanCoder", "booleans", value);
}

function decodeFrom(reader: ByteReader): boolean {
  return booleanOf(reader.byte());
}

function booleanOf(byte: number): boolean {
  if (byte <= 1) return byte === 1;
  throw new Undecodable(`a boolean is 0 or 1, this is ${byte}`);
}
