import { answerFor, type ByteReader } from "./byte-reader.ts";
import { bytesOf, type ByteWriter } from "./byte-writer.ts";
import { left, notTaken, plainCoder, right, type Coder } from "./coder.ts";

/**
 * Numbers as the 8 bytes of a double: every number there is, with -0, `NaN` and the infinities, and every safe integer. Deterministic.
 */
export const numberCoder: Coder<number> = plainCoder([], {
  name: "number",
  deterministic: true,
  encode: (value: number) => bytesOf(encodeInto, value),
  encodeInto,
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
  encodeAll: (values: readonly number[]) => doubles(values),
  decodeAll(bytes: Uint8Array) {
    if (bytes.length % 8 !== 0) return left("NOT_DECODABLE", `numbers take 8 bytes each, these are ${bytes.length}`);
    return right(numbersOf(bytes));
  },
});

function encodeInto(value: number, writer: ByteWriter): void {
  writer.double(numberOf(value));
}

function decodeFrom(reader: ByteReader): number {
  return reader.double();
}

/** The bytes of many numbers; they stay in one process or on one machine, so the order of their bytes is the machine's. */
export function doubles(values: readonly number[]): Uint8Array {
  const column = new Float64Array(values.length);
  // Never a pattern of `NaN` that came from elsewhere: equal columns have equal bytes.
  for (let i = 0; i < values.length; i++) {
    const value = numberOf(values[i]!);
    column[i] = value === value ? value : NaN; // oxlint-disable-line no-self-compare
  }
  return new Uint8Array(column.buffer);
}

/** The numbers of {@link doubles}; the bytes are copied, as they may begin anywhere in their memory. */
export function numbersOf(bytes: Uint8Array): readonly number[] {
  const column = new Float64Array(new Uint8Array(bytes).buffer);
  // A loop costs a fraction of Array.from.
  const values = new Array<number>(column.length);
  for (let i = 0; i < column.length; i++) values[i] = column[i]!;
  return values;
}

function numberOf(value: number): number {
  if (typeof value === "number") return value;
  throw notTaken("numberCoder", "numbers", value);
}
