import type { Journal } from "./journal.ts";

/** The key and window that a cell belongs to. */
export interface CellOwner {
  /** Takes part in the call that runs; throws when that is none of this key and window. */
  use(): Journal;
}

/** A cell, as whoever keeps it sees it. */
export interface StoredCell {
  /** Whether nothing is in it, so that it need not be kept. */
  readonly isUnused: boolean;
}

/** Looks at a value before it is kept. */
export type Look = (value: unknown) => void;
