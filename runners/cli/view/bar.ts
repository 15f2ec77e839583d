import { timeText } from "./numbers.ts";

/** The longest bar, and the shortest that still shows something move. */
const LONGEST = 40;
const SHORTEST = 10;

/**
 * How long a run has taken, and how much of its sources it has read: `12 s  read 42 %  ████░░░░░░`.
 *
 * @param fraction - from 0 to 1; nothing where it is not known, and then there is no bar.
 * @param columns - how long the line may be.
 */
export function barLine(ms: number, fraction: number | undefined, columns = Infinity): string {
  if (fraction === undefined) return timeText(ms);
  const text = `${timeText(ms)}  read ${percentText(fraction)}`;
  const length = Math.min(LONGEST, columns - text.length - 2);
  if (length < SHORTEST) return text;
  const full = Math.floor(fraction * length);
  return `${text}  ${"█".repeat(full)}${"░".repeat(length - full)}`;
}

/** Whole percents, rounded down: 100 % are only said of what is done. */
export const percentText = (fraction: number): string => `${Math.floor(fraction * 100)} %`;
