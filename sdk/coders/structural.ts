import { Packr } from "msgpackr/pack";
import { PipelineError, shortText } from "../errors.ts";
import { answerFor, given, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, type ByteWriter } from "./byte-writer.ts";
import { withCarriers, withoutCarriers, type Inside } from "./carriers.ts";
import { plainCoder, type AnyCoder } from "./coder.ts";
import { doubles, numbersOf } from "./number.ts";
import { depthProblem, kindOf, pathTo, subject } from "./part.ts";
import { hasSpecialParts, NotPlain } from "./plain.ts";
import { readRecords, recordColumnsOf, writeRecordColumns, type RecordColumns } from "./record-columns.ts";
import { readTexts, writeTexts } from "./text-column.ts";

/**
 * The coder of a collection that was given none: whatever consists of `undefined`, `null`, booleans, numbers, bigints, strings,
 * arrays, plain objects, `Date`, `Map`, `Set`, `RegExp`, errors, `ArrayBuffer`s and typed arrays, at most 500 levels deep.
 *
 * An error of a class of its own comes back as one of the nearest class of the language, with its name, message, stack, cause and
 * fields. A hole of an array comes back as `undefined`. Fields with symbols for names are left out.
 *
 * Instances of other classes are `NOT_ENCODABLE`, as they would lose their methods; so are functions, symbols, promises, and
 * what contains itself.
 * As a key coder it counts as deterministic, because the engine compares keys by their canonical form and not by these bytes.
 */
export const structuralCoder: AnyCoder = plainCoder([], {
  name: "structural",
  deterministic: true,
  encode: (value: unknown) => bytesOf(encodeInto, value),
  encodeInto,
  decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
  decodeFrom,
  encodeAll: (values: readonly unknown[]) => bytesOf(writeColumn, values),
  decodeAll: (bytes: Uint8Array) => answerFor(bytes, readColumn),
});

/** Throws `NOT_ENCODABLE` for a value that the structural coder cannot take, as encoding it would. */
export function mustBePlain(value: unknown): void {
  try {
    hasSpecialParts(value, 0);
  } catch (failure) {
    throw failure instanceof NotPlain ? errorOf(value, failure) : failure;
  }
}

/** What the first byte says of those that follow. */
const PLAIN = 0;
const CARRIERS = 1;
const NUMBERS = 2;
const TEXTS = 3;
const RECORDS = 4;

const NO_BYTES = new Uint8Array();

const packr = new Packr({ structuredClone: true, moreTypes: true, useToJSON: false, copyBuffers: true });

function encodeInto(value: unknown, writer: ByteWriter): void {
  pack(value, 0, writer);
}

function decodeFrom(reader: ByteReader): unknown {
  return unpacked(reader.byte(), reader);
}

function writeColumn(values: readonly unknown[], writer: ByteWriter): void {
  const type = typeOfAll(values);
  if (type === "number") {
    writer.byte(NUMBERS);
    writer.bytes(doubles(values as readonly number[]));
  } else if (type === "string") {
    writer.byte(TEXTS);
    writeTexts(values as readonly string[], writer);
  } else if (type !== "object" || !writeRecords(values, writer)) pack(values, -1, writer);
}

/** Whether the values are records that columns can be made of, which are written then. */
function writeRecords(values: readonly unknown[], writer: ByteWriter): boolean {
  const records = recordColumnsOf(values);
  const others = records && othersOf(records);
  if (others === undefined) return false;
  writer.byte(RECORDS);
  writeRecordColumns(records!, writer);
  writer.bytes(others);
  return true;
}

/**
 * What is in no column of its own, all together, since its parts may be shared. Nothing where a part cannot be encoded: who packs
 * the whole values says which.
 */
function othersOf({ others }: RecordColumns): Uint8Array | undefined {
  if (others.length === 0) return NO_BYTES;
  try {
    return bytesOf((columns, writer) => pack(columns, -1, writer), others);
  } catch {
    return undefined;
  }
}

function readColumn(reader: ByteReader): readonly unknown[] {
  const kind = reader.byte();
  if (kind === NUMBERS) return numbersOf(reader.rest());
  if (kind === TEXTS) return readTexts(reader);
  const values = kind === RECORDS ? readRecords(reader, () => unpacked(reader.byte(), reader)) : unpacked(kind, reader);
  if (Array.isArray(values)) return values as readonly unknown[];
  throw new Undecodable("the bytes are no list of values");
}

function typeOfAll(values: readonly unknown[]): string | undefined {
  const type = typeof values[0];
  for (const value of values) if (typeof value !== type) return undefined;
  return type;
}

/** Packs a value; `depth` is -1 for a list of values, which is no level of any of them. */
function pack(value: unknown, depth: number, writer: ByteWriter): void {
  const isSpecial = isSpecialOrThrow(value, depth);
  writer.byte(isSpecial ? CARRIERS : PLAIN);
  // What pack returns is a view into a buffer that msgpackr goes on using; the writer copies it.
  writer.bytes(packr.pack(isSpecial ? withCarriers(value, inside) : value));
}

function unpacked(kind: number, reader: ByteReader): unknown {
  if (kind > CARRIERS) throw new Undecodable(`no value begins with ${kind}`);
  const bytes = reader.rest();
  // As a Buffer: then it gives Buffers back as such. It would also leave a mark on the bytes it is given.
  const value: unknown = packr.unpack(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return kind === CARRIERS ? withoutCarriers(value, inside) : value;
}

const inside: Inside = {
  encode: (value) => bytesOf(encodeInto, value),
  decode: (bytes) => given(structuralCoder.decode(bytes)),
};

function isSpecialOrThrow(value: unknown, depth: number): boolean {
  try {
    return hasSpecialParts(value, depth);
  } catch (failure) {
    if (!(failure instanceof NotPlain)) throw failure;
    throw errorOf(depth < 0 ? elementWith(value as readonly unknown[], failure) : value, failure);
  }
}

/** The value of a list that a part lies in; for one that is too deep, which has no such part, the one that is. */
function elementWith(values: readonly unknown[], { part }: NotPlain): unknown {
  return values.find((value) => pathTo(value, (each) => Object.is(each, part)) !== undefined);
}

function errorOf(value: unknown, { part, isTooDeep }: NotPlain): PipelineError {
  const why = isTooDeep ? depthProblem(value) : `${subject(value, part)} is ${kindOf(part)}${lossOf(part)}`;
  return new PipelineError("NOT_ENCODABLE", {
    what: `the structural coder cannot take this value, because ${why}`,
    got: shortText(value),
    fix: "map it to plain data before, or give the collection a coder of its own by withCoder(…)",
  });
}

const lossOf = (part: unknown): string => (typeof part === "object" ? ", which would lose its methods" : ", which cannot leave its thread");
