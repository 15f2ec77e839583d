import type { Instant } from "../time.ts";

/** An element with its event time, made by {@link at}. A class, so that no element of a user's own is taken for one. */
export class At<out T> {
  /** The element. */
  readonly value: T;
  /** Its event time, in ms since the epoch. */
  readonly timestamp: Instant;

  constructor(timestamp: Instant, value: T) {
    this.timestamp = timestamp;
    this.value = value;
  }
}

/**
 * An element with its event time, for the streams of {@link testStream}.
 *
 * @param timestamp - in ms since the epoch.
 *
 * @example
 * ```ts
 * testStream<string>().addElements("now", at(3, "at the time 3"));
 * ```
 */
export const at = <T>(timestamp: Instant, value: T): At<T> => new At(timestamp, value);
