import { answerFor, type ByteReader } from "./byte-reader.ts";
import { notTaken, plainCoder, right, type Coder } from "./coder.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { numberCoder } from "./number.ts";

/** Dates as the double of their milliseconds, invalid ones too. Deterministic. */
export const dateCoder: Coder<Date> = plainCoder([], {
  name: "date",
  deterministic: true,
  encode: (value: Date) => numberCoder.encode(timeOf(value)),
  encodeInto: (value: Date, writer: ByteWriter) => writer.double(timeOf(value)),
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
  encodeAll: (values: readonly Date[]) => numberCoder.encodeAll!(values.map(timeOf)),
  decodeAll(bytes: Uint8Array) {
    const times = numberCoder.decodeAll!(bytes);
    return times._tag === "Left" ? times : right(times.right.map((time) => new Date(time)));
  },
});

function decodeFrom(reader: ByteReader): Date {
  return new Date(reader.double());
}

function timeOf(value: Date): number {
  if (value instanceof Date) return value.getTime();
  throw notTaken("dateCoder", "Dates", value);
}
