import type { Either } from "fp-ts/lib/Either.js";
import { PipelineError, shortText } from "../errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Why bytes could not be made, or not be read. */
export interface CoderError {
  /** Which way it failed. */
  readonly code: "NOT_ENCODABLE" | "NOT_DECODABLE";
  /** What was wrong, as a sentence. */
  readonly message: string;
}

/**
 * Turns values into bytes and back, where they leave a thread or a process, and where they are keys.
 *
 * Laws: `decode(encode(a))` is `right(a)`, and what `decode` gives shares no memory with the bytes. A deterministic coder
 * also gives equal bytes for equal values; only such a coder may encode keys. `encodeInto` writes what `encode` gives, and
 * `decodeFrom` reads it as `decode` does.
 */
export interface Coder<in out T> {
  /** Names the coder in graphs and fingerprints. */
  readonly name?: string;
  /** The bytes of a value. Throws `NOT_ENCODABLE`, or anything else, for a value it cannot take. */
  readonly encode: (value: T) => Uint8Array;
  /** The value of bytes; a failure is an answer, not an exception. */
  readonly decode: (bytes: Uint8Array) => Either<CoderError, T>;
  /** Writes the bytes of a value where those of others already are, which saves a copy for each level of nesting. */
  readonly encodeInto?: (value: T, writer: ByteWriter) => void;
  /** The value of the bytes that a reader still has, which saves a copy likewise. Throws where they are none. */
  readonly decodeFrom?: (reader: ByteReader) => T;
  /**
   * The bytes of many values at once, where that is cheaper than one by one. Given together with `decodeAll`. The bytes are given away: their
   * memory may go to another thread.
   */
  readonly encodeAll?: (values: readonly T[]) => Uint8Array;
  /** The values of what `encodeAll` gave. */
  readonly decodeAll?: (bytes: Uint8Array) => Either<CoderError, readonly T[]>;
  /** Whether equal values always have equal bytes. Not said means no. */
  readonly deterministic?: boolean;
}

/** A coder of values that whoever holds it moves without looking into them; a coder is invariant, so no `unknown` would fit. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyCoder = Coder<any>;

/** An `Either` that holds a value, made without loading fp-ts. */
export const right = <A>(value: A): Either<CoderError, A> => ({ _tag: "Right", right: value });

/** An `Either` that holds why there is no value, made without loading fp-ts. */
export const left = (code: CoderError["code"], message: string): Either<CoderError, never> => ({ _tag: "Left", left: { code, message } });

/** Decodes, or throws what the coder answered; for bytes that this library made itself. */
export function decoded<T>(coder: Coder<T>, bytes: Uint8Array): T {
  return valueOf(coder.decode(bytes), coder.name);
}

/** The value of an answer, or its failure thrown. */
export function valueOf<T>(answer: Either<CoderError, T>, coderName: string | undefined): T {
  if (answer._tag === "Right") return answer.right;
  throw new PipelineError(answer.left.code, { what: `${coderName ?? "a coder"} could not read bytes: ${answer.left.message}` });
}

/** What a coder throws that got a value of another type than its own. */
export const notTaken = (coder: string, takes: string, got: unknown): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: `${coder} takes ${takes} only`,
    got: shortText(got),
    fix: "map to that before, or give the collection another coder by withCoder(…)",
  });

const plainCoders = new WeakSet<AnyCoder>();

/**
 * Marks a coder of this library whose values are plain data, where those of its parts are: keys with such a coder are equal when
 * they are built alike, so the engine compares them by their canonical form. Those of other coders are compared by their bytes.
 */
export function plainCoder<C extends AnyCoder>(parts: readonly AnyCoder[], coder: C): Readonly<C> {
  if (parts.every(hasPlainValues)) plainCoders.add(coder);
  return Object.freeze(coder);
}

/** Whether the values of a coder are plain data. */
export const hasPlainValues = (coder: AnyCoder): boolean => plainCoders.has(coder);
