import { shortText } from "../../sdk/errors.ts";
import type { Tracker } from "../../sdk/source.ts";
import type { Instant } from "../../sdk/time.ts";
import { BadRecord } from "../files/bad-record.ts";
import { textOf, type InvalidUtf8 } from "../files/block-text.ts";
import { startsOf, type Block } from "../files/block.ts";
import { wholeFile } from "../files/file-range.ts";
import type { FoundFile } from "../files/found-file.ts";
import { readRecords } from "../files/read-records.ts";
import { strictChunks } from "../files/record-chunk.ts";
import { BLOCK_SIZES } from "../files/record-blocks.ts";
import { lineEnds, type RecordEnds } from "../files/record-ends.ts";
import type { Parse, Parsed, RecordFormat } from "../files/record-format.ts";
import type { Dialect } from "./dialect.ts";
import { quotedEnds } from "./quoted-ends.ts";
import { rowObjects, type RowObject } from "./row-objects.ts";
import { rowsOf, type Rows } from "./rows.ts";

/** What tells how CSV files are read. */
export interface CsvFormatSpec {
  /** The columns; undefined when the first row of each file names them. */
  readonly columns: readonly string[] | undefined;
  readonly dialect: Dialect;
  readonly invalidUtf8: InvalidUtf8;
  readonly timestampOf: ((row: Record<string, string>) => Instant) | undefined;
}

/** The rows of CSV files as objects. */
export function csvFormat(spec: CsvFormatSpec): RecordFormat<Record<string, string>> {
  const { columns, dialect, timestampOf } = spec;
  const ends = dialect.quote !== "" && dialect.spansLines ? quotedEnds(dialect) : lineEnds;
  const given = columns === undefined ? undefined : { names: columns, from: -1 };
  return { noun: "row", ends, open: async (file) => parseOf(spec, given ?? (await headerOf(file, spec, ends))), timestampOf };
}

/** The columns of a file, and the byte where the row starts that names them. */
interface Header {
  readonly names: readonly string[];
  readonly from: number;
}

function parseOf({ dialect, invalidUtf8 }: CsvFormatSpec, { names, from }: Header): Parse<Record<string, string>> {
  const objectOf = rowObjects(names);
  return (block) => {
    const found = rowsOf(textOf(block, invalidUtf8), dialect);
    return objectsOf(block.from <= from && firstRowOf(block, found) === from ? withoutFirst(found) : found, names, objectOf, dialect);
  };
}

/** Where the first row of a block starts, which is behind its empty lines. */
const firstRowOf = (block: Block, { records }: Rows): number | undefined => startsOf(block)[records === undefined ? 0 : (records[0] ?? -1)];

/** The rows without the one that names the columns. */
const withoutFirst = ({ rows, records = rows.map((_, i) => i) }: Rows): Rows => ({ rows: rows.slice(1), records: records.slice(1) });

function objectsOf(
  { rows, records }: Rows,
  names: readonly string[],
  objectOf: RowObject,
  { delimiter }: Dialect,
): Parsed<Record<string, string>> {
  const values = rows.map((row, i) => {
    if (row.length !== names.length) throw ragged(records?.[i] ?? i, row, names, delimiter);
    return objectOf(row);
  });
  return records === undefined ? { values } : { values, records };
}

const ragged = (record: number, row: readonly string[], names: readonly string[], delimiter: string): BadRecord =>
  new BadRecord(record, "NOT_DECODABLE", {
    what: `a row has ${row.length} values, and there are ${names.length} columns`,
    got: shortText(row.join(delimiter)),
    fix: `if the values are separated by something else than ${JSON.stringify(delimiter)}, pass { delimiter }; a value that holds one has to be enclosed`,
  });

/** The columns that the first row of a file names; none if the file has no row. */
async function headerOf(file: FoundFile, { dialect, invalidUtf8 }: CsvFormatSpec, ends: RecordEnds): Promise<Header> {
  const parse = (block: Block): Parsed<Header> => {
    const found = rowsOf(textOf(block, invalidUtf8), dialect);
    const [names] = found.rows;
    if (names === undefined) return { values: [] };
    checkNames(names, found.records?.[0] ?? 0);
    return { values: [{ names, from: firstRowOf(block, found)! }] };
  };
  const format = { noun: "row", ends, open: () => parse };
  for await (const { values } of readRecords<Header, Header>(wholeFile(file), everything, format, HEADER_SIZES, strictChunks))
    return values[0]!;
  return { names: [], from: -1 };
}

const everything: Tracker = { tryClaim: () => true, claimWhile: ({ length }) => length };

/** Small ones: only one row is wanted. It is a block of its own, so that nobody looks at the rows behind it here. */
const HEADER_SIZES = { ...BLOCK_SIZES, readBytes: 16_384, blockBytes: 1 };

function checkNames(names: readonly string[], record: number): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new BadRecord(record, "NOT_DECODABLE", {
    what: "the first row names a column twice",
    got: shortText(twice),
    fix: "name each column once; if the first row has values, pass the names as { header: [...] }",
  });
}
