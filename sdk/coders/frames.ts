import type { Either } from "fp-ts/lib/Either.js";
import { answerFor } from "./byte-reader.ts";
import { bytesOf } from "./byte-writer.ts";
import { valueOf, type Coder, type CoderError } from "./coder.ts";

/** The bytes of many values: by the coder's own way where it has one, else each behind its length. */
export function encodeAll<T>(coder: Coder<T>, values: readonly T[]): Uint8Array {
  if (coder.encodeAll !== undefined) return coder.encodeAll(values);
  return bytesOf((all: readonly T[], writer) => {
    for (const value of all) writer.part(coder, value);
  }, values);
}

/** The values of what {@link encodeAll} gave. */
export function decodeAll<T>(coder: Coder<T>, bytes: Uint8Array): Either<CoderError, readonly T[]> {
  if (coder.decodeAll !== undefined) return coder.decodeAll(bytes);
  return answerFor(bytes, (reader) => {
    const values: T[] = [];
    while (reader.left > 0) values.push(reader.part(coder));
    return values;
  });
}

/** The values of bytes that this library made itself. */
export const allDecoded = <T>(coder: Coder<T>, bytes: Uint8Array): readonly T[] => valueOf(decodeAll(coder, bytes), coder.name);
