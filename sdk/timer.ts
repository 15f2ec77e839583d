import type { Duration, Instant } from "./time.ts";

/** Where the output of a timer stands in time. */
export interface Held {
  /**
   * The time that elements have which the timer gives out, in ms: the watermark waits for it there. From the element's (or the
   * firing timer's) time up to the last instant at which the window has not expired. Unless given, an event-time timer has the time
   * it is set for, and one in processing time that of the element or timer that set it.
   */
  readonly outputTimestamp?: Instant;
}

/** When a timer is due, from now on: counted from the element's or the firing timer's time (event time), or from now (processing time). */
export interface Delay extends Held {
  /** In ms. */
  readonly offset: Duration;
  /** Moves the time that this gives up to the next multiple of so many ms. */
  readonly align?: Duration;
}

/**
 * An alarm for the key and the window of the call that it was got in. Setting it again replaces what it was set for.
 *
 * In event time it is due when the watermark is greater than its time, and may be set up to the expiry of its window; in
 * processing time it is due when the clock has reached its time, and is forgotten when its window expires before that. It is valid
 * until the call that it was got in has returned: used later it throws `CONTEXT_EXPIRED`.
 */
export interface Timer {
  /** Sets it for a time, in ms since the epoch. */
  set(at: Instant, options?: Held): void;
  /** Sets it for a time from now on; one in event time is due at the expiry of its window at the latest. */
  setRelative(delay: Delay): void;
  /** Sees to it that it is not due any more. */
  clear(): void;
}

/** Timers with names that are made as they are needed. See {@link Timer} for each of them. */
export interface TimerFamily {
  /** Sets the timer of this name for a time, in ms since the epoch. */
  set(tag: string, at: Instant, options?: Held): void;
  /** Sets the timer of this name for a time from now on. */
  setRelative(tag: string, delay: Delay): void;
  /** Sees to it that the timer of this name is not due any more. */
  clear(tag: string): void;
}

declare const timerType: unique symbol;

/** A timer that a DoFn declares. The DoFn's callbacks find it, as a `T`, under the name that it was declared under. */
export interface TimerSpec<out T> {
  /** Never there at run time. */
  readonly [timerType]: T;
}

/** What a {@link TimerSpec} is at run time. */
export interface TimerDeclaration {
  readonly domain: "event" | "processing";
  readonly isFamily: boolean;
}

const declared = <T>(domain: TimerDeclaration["domain"], isFamily: boolean): TimerSpec<T> =>
  Object.freeze({ domain, isFamily } satisfies TimerDeclaration) as unknown as TimerSpec<T>;

/** Declares a timer in event time, one per key and window. */
export const eventTimer = (): TimerSpec<Timer> => declared("event", false);

/** Declares a timer in processing time, one per key and window. */
export const processingTimer = (): TimerSpec<Timer> => declared("processing", false);

/** Declares timers in event time with names of their own, any number per key and window. */
export const eventTimerFamily = (): TimerSpec<TimerFamily> => declared("event", true);

/** Declares timers in processing time with names of their own, any number per key and window. */
export const processingTimerFamily = (): TimerSpec<TimerFamily> => declared("processing", true);
