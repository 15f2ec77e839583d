import type { Duration, Instant } from "millrace";

/** The beginnings of the windows of a size, one every period, that an instant is in. */
export function windowsByHand(at: Instant, size: Duration, period: Duration): readonly Instant[] {
  const starts: Instant[] = [];
  for (let start = Math.floor(at / period) * period; start > at - size; start -= period) starts.push(start);
  return starts;
}
