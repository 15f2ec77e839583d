import { answerFor, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, type ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, type Coder } from "./coder.ts";

/**
 * Bigints of any size: those of 64 bits as 8 bytes, larger ones as a sign (0 or 1) and the bytes of their magnitude, which are 8 at
 * least. So the number of bytes tells the two apart. Deterministic.
 */
export const bigintCoder: Coder<bigint> = plainCoder([], {
  name: "bigint",
  deterministic: true,
  encode: (value: bigint) => bytesOf(encodeInto, value),
  encodeInto,
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
});

const int64 = new DataView(new ArrayBuffer(8));
const int64Bytes = new Uint8Array(int64.buffer);

function encodeInto(value: bigint, writer: ByteWriter): void {
  if (typeof value !== "bigint") throw notTaken("bigintCoder", "bigints", value);
  if (BigInt.asIntN(64, value) === value) {
    int64.setBigInt64(0, value);
    writer.bytes(int64Bytes);
  } else {
    const magnitude = (value < 0n ? -value : value).toString(16);
    writer.byte(value < 0n ? 1 : 0);
    writer.bytes(Buffer.from(magnitude.padStart(magnitude.length + (magnitude.length % 2), "0"), "hex"));
  }
}

function decodeFrom(reader: ByteReader): bigint {
  return bigintOf(reader.rest());
}

function bigintOf(bytes: Uint8Array): bigint {
  if (bytes.length < 8) throw new Undecodable(`a bigint takes 8 bytes or more, these are ${bytes.length}`);
  if (bytes.length === 8) return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0);
  if (bytes[0]! > 1) throw new Undecodable(`a sign is 0 or 1, this is ${bytes[0]}`);
  const magnitude = BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString("hex")}`);
  return bytes[0] === 1 ? -magnitude : magnitude;
}
