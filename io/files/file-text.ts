import { PipelineError, shortText } from "../../sdk/errors.ts";

/** Makes the text of one file of its elements. */
export interface FileText<in T> {
  /** What the file begins with. */
  readonly before: string;
  /** The text of some elements; for a file they come in the order in which this is asked. */
  readonly of: (elements: readonly T[]) => string;
  /** What the file ends with. */
  readonly after: string;
}

/** A line and its line end; nothing for none. */
export const lineOrNothing = (line: string | undefined): string => (line === undefined ? "" : `${line}\n`);

/** One line for each element. */
export function linesText<T>(elements: readonly T[], lineOf: (element: T) => string, path: string): string {
  let text = "";
  for (const element of elements) {
    const line: unknown = lineOf(element);
    if (typeof line !== "string") throw noLine(line, path);
    text += `${line}\n`;
  }
  return text;
}

const noLine = (got: unknown, path: string): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: "a line to be written is no string",
    at: path,
    got: shortText(got),
    fix: "map the elements to strings before, or pass { lineOf }",
  });
