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
