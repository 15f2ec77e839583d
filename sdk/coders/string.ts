import { answerFor, type ByteReader } from "./byte-reader.ts";
import { bytesOf, type ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, type Coder } from "./coder.ts";
import { readTexts, writeTexts } from "./text-column.ts";

/**
 * Strings as UTF-8. Deterministic.
 *
 * A string with half a surrogate pair, which a text cut at any place may have, has no UTF-8 form: it is the byte 255 and its
 * UTF-16 units, each lower byte first.
 */
export const stringCoder: Coder<string> = plainCoder([], {
  name: "string",
  deterministic: true,
  encode: (value: string) => bytesOf(encodeInto, value),
  encodeInto,
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
  encodeAll(values: readonly string[]) {
    for (const value of values) mustBeString(value);
    return bytesOf(writeTexts, values);
  },
  decodeAll: (bytes: Uint8Array) => answerFor(bytes, readTexts),
});

function encodeInto(value: string, writer: ByteWriter): void {
  mustBeString(value);
  writer.text(value);
}

function decodeFrom(reader: ByteReader): string {
  return reader.text();
}

function mustBeString(value: string): void {
  if (typeof value !== "string") throw notTaken("stringCoder", "strings", value);
}
