import type { Coder } from "../../sdk/coders/coder.ts";
import type { BoundedSource } from "../../sdk/source.ts";
import { allOf, MIN_PART_BYTES, partOf, splitByFile, splitFiles, type FileRange } from "./file-range.ts";
import { findFiles } from "./find-files.ts";
import type { Compression } from "./found-file.ts";
import type { Letters } from "./broken-record.ts";
import { readRecords } from "./read-records.ts";
import { BLOCK_SIZES, type BlockSizes } from "./record-blocks.ts";
import { outcomeChunks, strictChunks, type ChunkOf, type ReadRecord, type RecordChunks } from "./record-chunk.ts";
import type { RecordFormat } from "./record-format.ts";

/** What a source of records in files is made of. */
export interface RecordSourceSpec<T> {
  /** Names the step, such as `ReadText`. */
  readonly name: string;
  readonly paths: string | readonly string[];
  readonly compression: Compression | undefined;
  readonly format: RecordFormat<T>;
  readonly maxRecordBytes: number | undefined;
  readonly coder?: Coder<T>;
}

/** Sizes that only tests change. */
export type InnerSizes = Partial<Omit<BlockSizes, "maxRecordBytes">> & { readonly minPartBytes?: number };

/** A source of files that are read record by record, in ranges of bytes where the format allows it. */
export function recordSource<T>(spec: RecordSourceSpec<T>, sizes?: InnerSizes): BoundedSource<T, FileRange> {
  return { ...sourceOf<T, T>(spec, strictChunks, sizes), ...(spec.coder === undefined ? {} : { coder: spec.coder }) };
}

/** The same source, which gives each record with what came of it, and does not fail for those that become dead letters. */
export function outcomeSource<T>(spec: RecordSourceSpec<T>, letters: Letters, sizes?: InnerSizes): BoundedSource<ReadRecord<T>, FileRange> {
  return sourceOf(spec, (parts) => outcomeChunks(parts, letters), sizes);
}

function sourceOf<T, Out>(
  { name, paths, compression = "auto", format, maxRecordBytes = BLOCK_SIZES.maxRecordBytes }: RecordSourceSpec<T>,
  chunksOf: (parts: RecordChunks<T>) => ChunkOf<Out>,
  { minPartBytes = MIN_PART_BYTES, ...inner }: InnerSizes = {},
): BoundedSource<Out, FileRange> {
  const sizes = { ...BLOCK_SIZES, maxRecordBytes, ...inner };
  return {
    name,
    restriction: async () => allOf(await findFiles(paths, compression)),
    split: (range, parts) => (format.ends.areEverywhere ? splitFiles(range, parts, minPartBytes) : splitByFile(range)),
    read: (range, tracker) => readRecords(partOf(range), tracker, format, sizes, chunksOf),
  };
}
