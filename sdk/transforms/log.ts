import { shortText } from "../errors.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { tapping } from "./tap.ts";

/** How {@link log} writes. */
export interface LogOptions<in T> {
  /** Stands before each element, as `label: element`; nothing unless given. */
  readonly label?: string;
  /** The text of an element; one line of JSON, cut short after 500 characters, unless given. */
  readonly textOf?: (element: T) => string;
  /** Where a text goes; `console.error`, and so to stderr, unless given: stdout is for results. */
  readonly to?: (text: string) => void;
}

/**
 * Writes each element as a line of text and hands it on: to look into a pipeline while it is being made.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times and windows. A bundle that is repeated
 * after a failure is written again.
 *
 * @example
 * ```ts
 * words.apply(log({ label: "word" })); // word: "to"
 * ```
 */
export function log<T>({ label, textOf = (element) => shortText(element, 500), to = toStderr }: LogOptions<T> = {}): PTransform<
  PCollection<T>,
  PCollection<T>
> {
  const prefix = label === undefined ? "" : `${label}: `;
  return tapping("Log", (element) => to(prefix + textOf(element as T)));
}

function toStderr(text: string): void {
  console.error(text);
}
