/** Where the work of a bundle is cut that is under way. */
export interface SplitPoint {
  /** How many elements stay, from the first on; the one in progress is the last of them where it is cut as well. */
  readonly keep: number;
  /** How much of what is left of the one in progress stays, from 0 to 1; nothing where it stays whole. */
  readonly inside: number | undefined;
}

/**
 * Finds where to cut a bundle so that a part of what is left of it can be given away: between elements where that is possible, else
 * within the one in progress.
 *
 * @param size - how many elements the bundle has.
 * @param current - which of them is in progress.
 * @param done - how much of that is done, from 0 to 1.
 * @param fraction - how much of what is left stays, from 0 to 1.
 *
 * @see Beam, the split of bundles by the Fn API.
 */
export function splitPoint(size: number, current: number, done: number, fraction: number): SplitPoint {
  const kept = (size - current - done) * fraction;
  if (kept < 1 - done) return { keep: current + 1, inside: kept / (1 - done) };
  return { keep: Math.min(size, current + Math.max(1, Math.round(kept + done))), inside: undefined };
}
