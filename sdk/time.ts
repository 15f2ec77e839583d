/** A point in event time or processing time: milliseconds since the epoch, a whole number within the range of `Date`. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Duration = number;

/** The earliest instant. Elements without a time of their own carry it. */
export const MIN_INSTANT: Instant = -8.64e15;

/** The end of time: a watermark that has reached it promises that nothing more will come. */
export const MAX_INSTANT: Instant = 8.64e15;

/** How long time is: no two instants lie further apart. */
export const ALL_OF_TIME: Duration = MAX_INSTANT - MIN_INSTANT;

/** No instant at all: "no timer is set", "nothing is held". Later than every instant. */
export const NEVER: Instant = Infinity;

/** A duration of `n` milliseconds. */
export const milliseconds = (n: number): Duration => n;

/** A duration of `n` seconds, in ms. */
export const seconds = (n: number): Duration => n * 1_000;

/** A duration of `n` minutes, in ms. */
export const minutes = (n: number): Duration => n * 60_000;

/** A duration of `n` hours, in ms. */
export const hours = (n: number): Duration => n * 3_600_000;

/** A duration of `n` days of 24 hours, in ms. */
export const days = (n: number): Duration => n * 86_400_000;
