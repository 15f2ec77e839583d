import { isUtf8 } from "node:buffer";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { Chunk } from "../../sdk/source.ts";
import { MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { BadRecord, badRecordAt } from "./bad-record.ts";
import { NoUtf8 } from "./block-text.ts";
import { recordBlock, recordIn, startsOf, type Block } from "./block.ts";
import type { BrokenRecord, Letters } from "./broken-record.ts";
import type { FoundFile } from "./found-file.ts";
import type { Parse, RecordFormat } from "./record-format.ts";
import { timestampsOf } from "./timestamps.ts";

/** Makes what is given out of the records of a block; nothing where there is nothing. */
export type ChunkOf<T> = (block: Block) => Chunk<T> | undefined;

/** What makes elements of a file's records, and which of these it takes. */
export interface RecordChunks<T> {
  readonly file: FoundFile;
  readonly format: RecordFormat<T>;
  readonly parse: Parse<T>;
  /** No record may have more bytes than these, without its line end. */
  readonly maxRecordBytes: number;
}

/** Gives the elements of a block; throws {@link Misplaced} for a record that cannot be read. */
export function strictChunks<T>(parts: RecordChunks<T>): ChunkOf<T> {
  return (block) => {
    const elements = elementsOf(block, parts);
    return elements.values.length === 0 ? undefined : { ...elements, bytes: block.end - block.begin };
  };
}

/** A record that was read, or one that was not. */
export type ReadRecord<T> = { readonly value: T } | { readonly broken: BrokenRecord };

/** Gives the elements of a block, and its broken records. Only a block that has some is looked at record by record. */
export function outcomeChunks<T>(parts: RecordChunks<T>, letters: Letters): ChunkOf<ReadRecord<T>> {
  const isTimed = parts.format.timestampOf !== undefined;

  function* outcomes(block: Block): Iterable<{ readonly record: ReadRecord<T>; readonly time: Instant }> {
    const starts = startsOf(block);
    for (let i = 0; i < starts.length; i++) {
      const one = recordBlock(block, starts, i);
      try {
        const { values, timestamps } = elementsOf(one, parts);
        for (const [at, value] of values.entries()) yield { record: { value }, time: timestamps?.[at] ?? MIN_INSTANT };
      } catch (error) {
        yield { record: { broken: brokenBy(error, one, parts.file, parts.maxRecordBytes, letters) }, time: MIN_INSTANT };
      }
    }
  }

  return (block) => {
    const bytes = block.end - block.begin;
    try {
      const { values, ...times } = elementsOf(block, parts);
      return values.length === 0 ? undefined : { values: values.map((value) => ({ value })), ...times, bytes };
    } catch (error) {
      if (!(error instanceof Misplaced)) throw error;
      const all = [...outcomes(block)];
      const values = all.map(({ record }) => record);
      return isTimed ? { values, timestamps: all.map(({ time }) => time), bytes } : { values, bytes };
    }
  };
}

/** The dead letter of a record that could not be read; throws what is no fault of the record, or is to fail the run. */
function brokenBy(error: unknown, block: Block, { path }: FoundFile, maxRecordBytes: number, letters: Letters): BrokenRecord {
  if (!(error instanceof Misplaced) || (letters === "noUtf8" && !error.isNoUtf8)) throw error;
  const { code, parts } = error.bad;
  const { what, got } = parts;
  return {
    path,
    offset: block.from,
    bytes: Uint8Array.from(recordIn(block, [block.from], 0).subarray(0, maxRecordBytes)),
    error: { code, message: got === undefined ? what : `${what}: ${got}` },
  };
}

type Elements<T> = Pick<Chunk<T>, "values" | "timestamps">;

function elementsOf<T>(block: Block, { format, parse, maxRecordBytes }: RecordChunks<T>): Elements<T> {
  if (block.begin === block.end) return { values: [] };
  const { noun, timestampOf } = format;
  try {
    mustFit(block, maxRecordBytes, noun);
    const parsed = parse(block);
    return timestampOf === undefined ? { values: parsed.values } : { values: parsed.values, timestamps: timestampsOf(parsed, timestampOf) };
  } catch (error) {
    const bad = error instanceof NoUtf8 ? noUtf8(block, noun) : error;
    throw bad instanceof BadRecord ? new Misplaced(startsOf(block)[bad.index]!, bad, error instanceof NoUtf8) : bad;
  }
}

/** A bad record whose byte is known, and whose line is still to be counted. */
export class Misplaced extends Error {
  readonly from: number;
  readonly bad: BadRecord;
  readonly isNoUtf8: boolean;

  constructor(from: number, bad: BadRecord, isNoUtf8: boolean) {
    super(bad.message);
    this.from = from;
    this.bad = bad;
    this.isNoUtf8 = isNoUtf8;
  }

  /** The error of the run that ends here. */
  placed(file: FoundFile): Promise<PipelineError> {
    return badRecordAt(file, this.from, this.bad);
  }
}

/** Looks at the single records only where one of them might be too long. */
function mustFit(block: Block, maxRecordBytes: number, noun: string): void {
  if (block.isCut !== true && block.end - block.begin <= maxRecordBytes) return;
  const starts = startsOf(block);
  const index = block.isCut === true ? 0 : starts.findIndex((_, i) => recordIn(block, starts, i).length > maxRecordBytes);
  if (index < 0) return;
  throw new BadRecord(index, "READ_FAILED", {
    what: `a ${noun} is longer than ${maxRecordBytes} bytes`,
    fix: "allow more bytes by the option of the read, or read the file whole with readWholeFiles",
  });
}

/** Which record of a block holds the bytes that are no UTF-8. */
function noUtf8(block: Block, noun: string): BadRecord {
  const starts = startsOf(block);
  const index = starts.findIndex((_, i) => !isUtf8(recordIn(block, starts, i)));
  return new BadRecord(index, "NOT_DECODABLE", {
    what: `a ${noun} is no UTF-8`,
    got: shortText(recordIn(block, starts, index).toString("utf8")),
    fix: 'convert the file to UTF-8, or pass { invalidUtf8: "replace" } or "deadLetter"',
  });
}
