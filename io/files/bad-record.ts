import { PipelineError, type PipelineErrorCode, type PipelineErrorParts } from "../../sdk/errors.ts";
import type { FoundFile } from "./found-file.ts";
import { placeOf } from "./line-number.ts";

/** Thrown by what makes elements of records; the reader knows the file and the byte, and makes a {@link PipelineError} of it. */
export class BadRecord extends Error {
  /** Which record of the block it is. */
  readonly index: number;
  readonly code: PipelineErrorCode;
  readonly parts: PipelineErrorParts;

  constructor(index: number, code: PipelineErrorCode, parts: PipelineErrorParts) {
    super(parts.what);
    this.index = index;
    this.code = code;
    this.parts = parts;
  }
}

/** The error for a record that starts at a byte of a file. */
export async function badRecordAt(
  file: FoundFile,
  byte: number,
  { code, parts }: Pick<BadRecord, "code" | "parts">,
): Promise<PipelineError> {
  return new PipelineError(code, { ...parts, at: await placeOf(file, byte) });
}
