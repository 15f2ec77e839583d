import { Undecodable, type ByteReader } from "./byte-reader.ts";
import { writeSized, type ByteWriter } from "./byte-writer.ts";
import { doubles, numbersOf } from "./number.ts";
import { isSpecialName } from "./plain.ts";
import { textColumn } from "./text-column.ts";

/** What the values of a field are, so what its column is written as. */
const OTHERS = 0;
const DOUBLES = 1;
const INTEGERS = 2;
const TEXTS = 3;
const BOOLEANS = 4;

/** For fewer records the names of the fields and the lengths of the columns cost more than columns save. */
const FEWEST = 4;

/** Plain objects that all have the same fields in the same order, turned on their side. */
export interface RecordColumns {
  readonly names: readonly string[];
  /** For each field what its values are. */
  readonly kinds: readonly number[];
  readonly columns: readonly (readonly unknown[])[];
  /** The columns that are written by nobody here: values of several types, or with parts of their own. */
  readonly others: readonly (readonly unknown[])[];
}

/** The columns of values, if all are such objects and columns save something: a field has only numbers, texts or booleans. */
export function recordColumnsOf(values: readonly unknown[]): RecordColumns | undefined {
  if (values.length < FEWEST || !isBare(values[0])) return undefined;
  const names = Object.keys(values[0]);
  if (names.some(isSpecialName) || objectsAreExtended()) return undefined;
  const columns = columnsOf(values, names);
  if (columns === undefined) return undefined;
  const kinds = columns.map(kindOf);
  if (kinds.every((kind) => kind === OTHERS)) return undefined;
  return { names, kinds, columns, others: columns.filter((_, i) => kinds[i] === OTHERS) };
}

/** Writes all but the other columns, which come behind. */
export function writeRecordColumns({ names, kinds, columns }: RecordColumns, writer: ByteWriter): void {
  writer.part(textColumn, names);
  for (const kind of kinds) writer.byte(kind);
  for (let i = 0; i < columns.length; i++) writeColumn(kinds[i]!, columns[i]!, writer);
}

/** The records of what {@link writeRecordColumns} wrote; `readOthers` reads the other columns. */
export function readRecords(reader: ByteReader, readOthers: () => unknown): readonly unknown[] {
  const names = reader.part(textColumn);
  const kinds = names.map(() => reader.byte());
  const known = kinds.map((kind) => readColumn(kind, reader));
  const others = kinds.includes(OTHERS) ? listOf(readOthers()) : [];
  let taken = 0;
  return recordsFrom(
    names,
    known.map((column) => column ?? listOf(others[taken++])),
  );
}

/** Names that an assignment would take for something else are in no columns. */
function recordsFrom(names: readonly string[], columns: readonly (readonly unknown[])[]): readonly unknown[] {
  const length = columns[0]?.length ?? 0;
  if (names.some(isSpecialName)) throw new Undecodable("a column of records has a name that none has");
  if (columns.some((column) => column.length !== length)) throw new Undecodable("columns of records differ in length");
  const records = new Array<unknown>(length);
  for (let row = 0; row < length; row++) {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) record[names[i]!] = columns[i]![row];
    records[row] = record;
  }
  return records;
}

function listOf(column: unknown): readonly unknown[] {
  if (Array.isArray(column)) return column as readonly unknown[];
  throw new Undecodable("a column of records is no list");
}

function writeColumn(kind: number, column: readonly unknown[], writer: ByteWriter): void {
  switch (kind) {
    case DOUBLES:
      return writeSized(writer, doubles(column as readonly number[]));
    case INTEGERS:
      return writeSized(writer, integers(column as readonly number[]));
    case TEXTS:
      return writer.part(textColumn, column as readonly string[]);
    case BOOLEANS:
      return writeSized(writer, Uint8Array.from(column, Number));
  }
}

function readColumn(kind: number, reader: ByteReader): readonly unknown[] | undefined {
  switch (kind) {
    case OTHERS:
      return undefined;
    case DOUBLES:
      return numbersOf(reader.sized());
    case INTEGERS:
      return integersOf(reader.sized());
    case TEXTS:
      return reader.part(textColumn);
    case BOOLEANS:
      return Array.from(reader.sized(), Boolean);
    default:
      throw new Undecodable(`no column is of kind ${kind}`);
  }
}

/** `undefined` as soon as a value has not just these fields. `for … in` finds them in order, and reads them without looking for them. */
function columnsOf(values: readonly unknown[], names: readonly string[]): readonly (readonly unknown[])[] | undefined {
  const columns = names.map(() => new Array<unknown>(values.length));
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (!isBare(value)) return undefined;
    let at = 0;
    for (const name in value) {
      if (name !== names[at]) return undefined;
      columns[at++]![row] = value[name];
    }
    if (at !== names.length) return undefined;
  }
  return columns;
}

/** Objects of another realm are few, and are left to who takes any object. */
function isBare(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether someone gave fields to all objects, which `for … in` would find in each. */
function objectsAreExtended(): boolean {
  for (const _ in Object.prototype) return true;
  return false;
}

function kindOf(column: readonly unknown[]): number {
  const type = typeof column[0];
  if (type === "number" && areAll(column, type)) return kindOfNumbers(column as readonly number[]);
  if (type === "string" && areAll(column, type)) return TEXTS;
  return type === "boolean" && areAll(column, type) ? BOOLEANS : OTHERS;
}

function areAll(column: readonly unknown[], type: string): boolean {
  for (let i = 0; i < column.length; i++) if (typeof column[i] !== type) return false;
  return true;
}

/** Integers take half the bytes, and come back as what V8 keeps without memory of its own; -0 is none. */
function kindOfNumbers(column: readonly number[]): number {
  for (let i = 0; i < column.length; i++) if (!Object.is(column[i]! | 0, column[i])) return DOUBLES;
  return INTEGERS;
}

/** The bytes of integers of 32 bits, in the machine's order as those of doubles are. */
function integers(values: readonly number[]): Uint8Array {
  const column = new Int32Array(values.length);
  for (let i = 0; i < column.length; i++) column[i] = values[i]!;
  return new Uint8Array(column.buffer);
}

function integersOf(bytes: Uint8Array): readonly number[] {
  const column = new Int32Array(new Uint8Array(bytes).buffer);
  const values = new Array<number>(column.length);
  for (let i = 0; i < column.length; i++) values[i] = column[i]!;
  return values;
}
