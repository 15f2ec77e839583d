import { PipelineError, shortText, type PipelineErrorCode } from "../../sdk/errors.ts";
import type { InvalidUtf8 } from "./block-text.ts";

/** A line or a row of a file that could not be read. */
export interface BrokenRecord {
  /** The file: its path as it was given, or as a folder or a glob led to it. */
  readonly path: string;
  /** The byte of the file at which the record starts; of a file in gzip, the byte of what is in it. */
  readonly offset: number;
  /** What is in the record, without its line end; of one that is too long, as many bytes as are allowed. */
  readonly bytes: Uint8Array;
  /** What is wrong with it, as data; the code is that of a run that fails for it. */
  readonly error: { readonly code: PipelineErrorCode; readonly message: string };
}

/** The options of a read that fails where it meets a record that it cannot read. */
export interface FailingRead {
  /**
   * What becomes of a line or a row that cannot be read, such as one that is too long: the run fails (unless said otherwise), or
   * with `"deadLetter"` it goes to the output `failed`, with its bytes, and all others are read.
   */
  readonly onError?: "fail";
  /**
   * What becomes of bytes that are no UTF-8: the run fails (unless said otherwise), each becomes U+FFFD, or with `"deadLetter"`
   * the line or the row that holds them goes to the output `failed`.
   */
  readonly invalidUtf8?: InvalidUtf8;
}

/** The options of a read with dead letters: of every record that it cannot read, or only of those that are no UTF-8. */
export type DeadLetters =
  | {
      /** A line or a row that cannot be read goes to the output `failed`. */
      readonly onError: "deadLetter";
      /** What becomes of bytes that are no UTF-8: a dead letter (unless said otherwise), or each becomes U+FFFD. */
      readonly invalidUtf8?: InvalidUtf8 | "deadLetter";
    }
  | {
      /** What becomes of a line or a row that is broken in another way: the run fails, unless said otherwise. */
      readonly onError?: "fail" | "deadLetter";
      /** A line or a row with bytes that are no UTF-8 goes to the output `failed`. */
      readonly invalidUtf8: "deadLetter";
    };

/** Which records become dead letters. */
export type Letters = "all" | "noUtf8" | "none";

/** Which records become dead letters by these options. Throws `BAD_ARGUMENT` for a word that they do not know. */
export function lettersOf({ onError = "fail", invalidUtf8 = "error" }: FailingRead | DeadLetters): Letters {
  mustBeOneOf("onError", onError, ["fail", "deadLetter"]);
  mustBeOneOf("invalidUtf8", invalidUtf8, ["error", "replace", "deadLetter"]);
  if (onError === "deadLetter") return "all";
  return invalidUtf8 === "deadLetter" ? "noUtf8" : "none";
}

function mustBeOneOf(option: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new PipelineError("BAD_ARGUMENT", {
    what: `${option} of a read is ${known.map((word) => shortText(word)).join(" or ")}`,
    got: shortText(given),
  });
}

/** How bytes are decoded: a record of bytes that become a dead letter has to be told like one that fails the run. */
export const decodingOf = ({ invalidUtf8 = "error" }: FailingRead | DeadLetters): InvalidUtf8 =>
  invalidUtf8 === "replace" ? "replace" : "error";
