import { left, right, valueOf, type Coder, type CoderError } from "./coder.ts";
import type { Either } from "fp-ts/lib/Either.js";

/** Many byte strings as one: a count and the lengths, 4 bytes each, then the bytes. */
export function frame(parts: readonly Uint8Array[]): Uint8Array {
  const head = 4 * (parts.length + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length, true);
  let at = head;
  parts.forEach((part, i) => {
    view.setUint32(4 * (i + 1), part.length, true);
    bytes.set(part, at);
    at += part.length;
  });
  return bytes;
}

/** The parts that were framed; they share the memory of `bytes`. */
export function unframe(bytes: Uint8Array): Either<CoderError, readonly Uint8Array[]> {
  const short = left("NOT_DECODABLE", `${bytes.length} bytes are fewer than their frame says`);
  if (bytes.length < 4) return short;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0, true);
  let at = 4 * (count + 1);
  if (bytes.length < at) return short;
  const parts: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    const end = at + view.getUint32(4 * i, true);
    if (end > bytes.length) return short;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return at === bytes.length ? right(parts) : left("NOT_DECODABLE", `${bytes.length - at} bytes follow the last part`);
}

/** The bytes of many values, by the coder's own way where it has one. */
export function encodeAll<T>(coder: Coder<T>, values: readonly T[]): Uint8Array {
  return coder.encodeAll === undefined ? frame(values.map(coder.encode)) : coder.encodeAll(values);
}

/** The values of what {@link encodeAll} gave. */
export function decodeAll<T>(coder: Coder<T>, bytes: Uint8Array): Either<CoderError, readonly T[]> {
  if (coder.decodeAll !== undefined) return coder.decodeAll(bytes);
  const parts = unframe(bytes);
  if (parts._tag === "Left") return parts;
  const values: T[] = [];
  for (const part of parts.right) {
    const value = coder.decode(part);
    if (value._tag === "Left") return value;
    values.push(value.right);
  }
  return right(values);
}

/** The values of bytes that this library made itself. */
export const allDecoded = <T>(coder: Coder<T>, bytes: Uint8Array): readonly T[] => valueOf(decodeAll(coder, bytes), coder.name);
