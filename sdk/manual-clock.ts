import type { Instant } from "./time.ts";

/** A clock of which a test says what time it is: processing time for the runs that are given it as `settings.clock`. */
export interface ManualClock {
  /** What time it is, in ms since the epoch. */
  readonly now: Instant;
  /** Goes on to a time, deadline by deadline; resolves when all that became due is done. */
  advanceTo(time: Instant): Promise<void>;
  /** Goes on by so many ms, deadline by deadline; resolves when all that became due is done. */
  advanceBy(ms: number): Promise<void>;
  /** Resolves when all runs on this clock have nothing to do at this time, or have ended. */
  idle(): Promise<void>;
  /** For runners: a run begins that lives on this clock. */
  join(): ClockMember;
}

/** A run on a {@link ManualClock}, as its runner sees it. Until it waits it is taken to be busy. */
export interface ClockMember {
  /** Has nothing to do before a time, `NEVER` for none; is called back when it comes. */
  waitUntil(deadline: Instant, callback: () => void): void;
  /** Is busy, and wants to be called back at a time all the same. */
  wakeAt(deadline: Instant, callback: () => void): void;
  /** Has something to do again. */
  busy(): void;
  /** Has ended. */
  leave(): void;
}
