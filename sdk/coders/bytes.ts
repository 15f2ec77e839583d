import type { ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, right, type Coder } from "./coder.ts";

/** Bytes as they are. They are copied both ways, as memory can be handed to another thread. A `Buffer` comes back as a `Uint8Array`. Deterministic. */
export const bytesCoder: Coder<Uint8Array> = plainCoder([], {
  name: "bytes",
  deterministic: true,
  encode: (value: Uint8Array) => new Uint8Array(mustBeBytes(value)),
  encodeInto: (value: Uint8Array, writer: ByteWriter) => writer.bytes(mustBeBytes(value)),
  decode: (bytes: Uint8Array) => right(new Uint8Array(bytes)),
});

function mustBeBytes(value: Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw notTaken("bytesCoder", "Uint8Arrays", value);
}
