import { setImmediate } from "node:timers/promises";
import type { Clock } from "../core/ports.ts";

/** The clocks of the machine. */
export const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  turn: () => setImmediate(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
