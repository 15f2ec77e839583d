import type { Instant } from "../../sdk/time.ts";

/** What the engine may know of time. `runners/node` has the real one; tests set their own. */
export interface Clock {
  /** Processing time, in ms since the epoch. */
  readonly now: () => Instant;
  /** Never goes back; in ms from an arbitrary start. For time limits and rates. */
  readonly monotonic: () => number;
  /** Resolves when the event loop has had its turn: timers, sockets and signals were looked at. */
  readonly turn: () => Promise<void>;
  /** Calls back after some ms of real time, unless the returned function is called before. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** A number from 0 up to, and without, 1. */
export type Random = () => number;

/**
 * A file for what does not fit into memory. It throws `SPILL_FAILED` where the disk does. Nobody but this process can read it, and one that nobody
 * has in hand any more is gone.
 */
export interface TemporaryFile {
  /** Writes bytes behind those that are there. Answers where they begin. */
  readonly append: (bytes: Uint8Array) => number;
  /** The bytes from a place on, in memory of their own. */
  readonly read: (at: number, length: number) => Uint8Array;
  /** Ends it before the run does. */
  readonly close: () => void;
}

/** Where what does not fit into memory is put during a run. */
export interface TemporaryStorage {
  /** The folder, which several threads may use; it is made when the first of them needs it. */
  readonly folder: string;
  /** How many bytes the heap of this thread may grow to. */
  readonly heapLimit: number;
  /**
   * A new file.
   *
   * @param outlivesRun - whether it may be read as long as somebody has it in hand, and not only until the run ends.
   */
  readonly open: (outlivesRun: boolean) => TemporaryFile;
  /** Lets go of what is left. */
  readonly close: () => Promise<void>;
}
