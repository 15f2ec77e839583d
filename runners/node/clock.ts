import { setImmediate } from "node:timers/promises";
import type { Clock } from "../core/ports.ts";

/** The clocks of the machine. */
export const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  turn: () => setImmediate(),
  after,
};

/** The longest delay that Node's timers know; they take a longer one for none at all. */
const LONGEST = 2 ** 31 - 1;

function after(ms: number, callback: () => void): () => void {
  if (ms > LONGEST) {
    let stop = after(LONGEST, () => {
      stop = after(ms - LONGEST, callback);
    });
    return () => stop();
  }
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
