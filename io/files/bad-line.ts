import { PipelineError, type PipelineErrorCode, type PipelineErrorParts } from "../../sdk/errors.ts";
import type { FoundFile } from "./found-file.ts";
import { placeOf } from "./line-number.ts";

/** Thrown by what makes elements of lines; the reader knows the file and the byte, and makes a {@link PipelineError} of it. */
export class BadLine extends Error {
  /** Which of the lines it is, in the list that was given. */
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

/** The error for a line that starts at a byte of a file. */
export async function badLineAt(file: FoundFile, byte: number, { code, parts }: Pick<BadLine, "code" | "parts">): Promise<PipelineError> {
  return new PipelineError(code, { ...parts, at: await placeOf(file, byte) });
}
