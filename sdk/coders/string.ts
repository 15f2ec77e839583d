import { PipelineError, shortText } from "../errors.ts";
import { left, right, type Coder } from "./coder.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Strings as UTF-8. Deterministic.
 *
 * A string with half a surrogate pair has no UTF-8 form: `NOT_ENCODABLE`.
 */
export const stringCoder: Coder<string> = Object.freeze({
  name: "string",
  deterministic: true,
  encode(value: string): Uint8Array {
    if (typeof value !== "string" || !isWellFormed(value)) {
      throw new PipelineError("NOT_ENCODABLE", {
        what: "stringCoder takes well-formed strings only",
        got: shortText(value),
        fix: "map to a string before, or give the collection another coder by withCoder(…)",
      });
    }
    return encoder.encode(value);
  },
  decode(bytes: Uint8Array) {
    try {
      return right(decoder.decode(bytes));
    } catch {
      return left("NOT_DECODABLE", "the bytes are no UTF-8");
    }
  },
});

/** `String.prototype.isWellFormed`, which the library's oldest TypeScript target does not declare. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
