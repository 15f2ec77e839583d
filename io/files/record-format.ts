import type { Instant } from "../../sdk/time.ts";
import type { Block } from "./block.ts";
import type { FoundFile } from "./found-file.ts";
import type { RecordEnds } from "./record-ends.ts";

/** What a block gave. */
export interface Parsed<out T> {
  readonly values: readonly T[];
  /** Which record each value comes from; without it the values are the records, one by one. */
  readonly records?: readonly number[];
}

/** Makes elements of the records of a file. Throws `BadRecord` for one that it cannot take, and `NoUtf8`. */
export type Parse<T> = (block: Block) => Parsed<T>;

/** How the records of files become elements. */
export interface RecordFormat<T> {
  /** What a record is called in messages, such as `line`. */
  readonly noun: string;
  readonly ends: RecordEnds;
  /** Asked once for each part of a file that is read. */
  readonly open: (file: FoundFile) => Parse<T> | Promise<Parse<T>>;
  /** The event time of an element, in ms. */
  readonly timestampOf?: ((element: T) => Instant) | undefined;
}
