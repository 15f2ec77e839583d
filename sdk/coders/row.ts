import { PipelineError, shortText } from "../errors.ts";
import { answerFor, given, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeSized, type ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, type AnyCoder, type Coder } from "./coder.ts";
import { decodeAll, encodeAll } from "./frames.ts";
import { recordsOf } from "../record.ts";
import { isPlainObject } from "./plain.ts";

/** The coders of a row's fields, by their names. */
export type RowFields = Readonly<Record<string, AnyCoder>>;

/** The row that coders of fields describe. A field whose coder takes `undefined` may also be missing. */
export type Row<F extends RowFields> = {
  readonly [N in keyof F as F[N] extends Coder<infer T> ? (undefined extends T ? never : N) : never]: F[N] extends Coder<infer T>
    ? T
    : never;
} & {
  readonly [N in keyof F as F[N] extends Coder<infer T> ? (undefined extends T ? N : never) : never]?: F[N] extends Coder<infer T>
    ? T
    : never;
} extends infer R
  ? { readonly [N in keyof R]: R[N] }
  : never;

/**
 * Rows of known fields, each by its own coder; the names are not in the bytes. Deterministic if all fields are: the order of the
 * fields in a row does not matter, they come back in the order in which their coders were given.
 *
 * A field that is missing stays missing where its coder takes `undefined`. A field that has no coder is `NOT_ENCODABLE`, and so is
 * an instance of a class, which would lose its methods.
 *
 * @example
 * const flight = rowCoder({ from: stringCoder, delay: nullableCoder(numberCoder) });
 * flight.encode({ from: "JFK", delay: null }); // so is { from: "JFK" }, while { from: "JFK", to: "LAX" } is an error
 */
export function rowCoder<const F extends RowFields>(fields: F): Coder<Row<F>> {
  const columns = Object.entries(fields);
  const recordOf = recordsOf(Object.keys(fields));
  const encodeInto = (row: Row<F>, writer: ByteWriter): void => writeRow(row as Values, columns, writer);
  const decodeFrom = (reader: ByteReader): Row<F> => readRow(columns, recordOf, reader) as Row<F>;
  return plainCoder(
    columns.map(([, coder]) => coder),
    {
      name: `row(${columns.map(([name, coder]) => `${name}:${coder.name ?? "?"}`).join(",")})`,
      deterministic: columns.every(([, coder]) => coder.deterministic === true),
      encode: (row: Row<F>) => bytesOf(encodeInto, row),
      encodeInto,
      decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
      decodeFrom,
      encodeAll: (rows: readonly Row<F>[]) => bytesOf((_, writer) => writeRows(rows as readonly Values[], columns, writer), undefined),
      decodeAll: (bytes: Uint8Array) => answerFor(bytes, (reader) => readRows(columns, reader) as readonly Row<F>[]),
    },
  );
}

type Values = Readonly<Record<string, unknown>>;
type Columns = readonly (readonly [name: string, coder: AnyCoder])[];

/** What a row begins with: that it has all fields, or, followed by a byte for each, that some are missing. */
const WHOLE = 1;
const PARTIAL = 0;

function writeRow(row: Values, columns: Columns, writer: ByteWriter): void {
  const kind = kindOf(row, columns);
  writer.byte(kind);
  if (kind === PARTIAL) for (const [name] of columns) writer.byte(Number(Object.hasOwn(row, name)));
  let at = 0;
  try {
    for (; at < columns.length; at++) {
      const [name, coder] = columns[at]!;
      if (kind === WHOLE || Object.hasOwn(row, name)) writer.part(coder, row[name]);
    }
  } catch (error) {
    throw inField(columns[at]![0], error);
  }
}

function readRow(columns: Columns, recordOf: ReturnType<typeof recordsOf>, reader: ByteReader): Values {
  if (reader.byte() === WHOLE) return recordOf((i) => reader.part(columns[i]![1]) as unknown);
  const present = columns.filter(flagsOf(reader.bytes(columns.length)));
  const row: Record<string, unknown> = {};
  for (const [name, coder] of present) setField(row, name, reader.part(coder));
  return row;
}

/** Column by column: the kinds of the rows; then for each field which of the partial rows have it, and its values. */
function writeRows(rows: readonly Values[], columns: Columns, writer: ByteWriter): void {
  const kinds = Uint8Array.from(rows, (row) => kindOf(row, columns));
  const partial = rows.filter((_, i) => kinds[i] === PARTIAL);
  writeSized(writer, kinds);
  for (const [name, coder] of columns) {
    const having = partial.length === 0 ? rows : rows.filter((row) => Object.hasOwn(row, name));
    writeSized(
      writer,
      Uint8Array.from(partial, (row) => Number(Object.hasOwn(row, name))),
    );
    try {
      writeSized(
        writer,
        encodeAll(
          coder,
          having.map((row) => row[name]),
        ),
      );
    } catch (error) {
      throw inField(name, error);
    }
  }
}

function readRows(columns: Columns, reader: ByteReader): readonly Values[] {
  const kinds = Array.from(reader.sized());
  const rows = kinds.map((): Record<string, unknown> => ({}));
  const partial = rows.filter((_, i) => kinds[i] !== WHOLE);
  for (const [name, coder] of columns) {
    const flags = reader.sized();
    if (flags.length !== partial.length) throw new Undecodable(`${partial.length} rows have ${flags.length} flags`);
    const lacking = new Set(partial.filter((_, i) => flags[i] === 0));
    const having = lacking.size === 0 ? rows : rows.filter((row) => !lacking.has(row));
    const values = given(decodeAll(coder, reader.sized()));
    if (values.length !== having.length) throw new Undecodable(`${having.length} rows have ${values.length} values of ${name}`);
    for (let i = 0; i < having.length; i++) setField(having[i]!, name, values[i]);
  }
  return rows;
}

const flagsOf =
  (flags: Uint8Array) =>
  (_: unknown, i: number): boolean =>
    flags[i] !== 0;

/** An assignment to `__proto__` would set the prototype. */
function setField(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
  else row[name] = value;
}

/** Whether a row has all fields. Throws for what is no row, has other fields, or lacks one that it must have. */
function kindOf(row: Values, columns: Columns): number {
  if (!isPlainObject(row)) throw notTaken("rowCoder", "plain objects", row);
  if (isInOrder(row, columns)) return WHOLE;
  let present = 0;
  for (const [name] of columns) if (Object.hasOwn(row, name)) present++;
  if (Object.keys(row).length > present) throw strayField(row, columns);
  if (present === columns.length) return WHOLE;
  for (const [name, coder] of columns)
    if (!Object.hasOwn(row, name) && !takesUndefined(coder)) throw badRow(row, `lacks the field ${JSON.stringify(name)}`, columns);
  return PARTIAL;
}

/** Whether a row has all fields, and no others, in the order of their coders: found out in a fraction of the time. */
function isInOrder(row: Values, columns: Columns): boolean {
  let at = 0;
  for (const name in row) {
    if (at === columns.length || name !== columns[at]![0]) return false;
    at++;
  }
  return at === columns.length;
}

function strayField(row: Values, columns: Columns): PipelineError {
  const stray = Object.keys(row).find((name) => !columns.some(([known]) => known === name));
  return badRow(row, `has the field ${JSON.stringify(stray)}, for which its coder has none`, columns);
}

function takesUndefined(coder: AnyCoder): boolean {
  try {
    coder.encode(undefined);
    return true;
  } catch {
    return false;
  }
}

const badRow = (row: Values, problem: string, columns: Columns): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: `a row ${problem}`,
    got: shortText(row),
    fix: `map to the fields ${columns.map(([name]) => name).join(", ")} before, or change the rowCoder; a field that may be missing has a nullableCoder`,
  });

/** An error that names the field at which it happened. */
function inField(name: string, error: unknown): unknown {
  if (!(error instanceof PipelineError)) return error;
  return new PipelineError(error.code, { ...error.parts, what: `the field ${JSON.stringify(name)}: ${error.parts.what}` });
}
