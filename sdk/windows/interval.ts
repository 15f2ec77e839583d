import { left, right, type Coder } from "../coders/coder.ts";
import type { Instant } from "../time.ts";
import type { IntervalWindow } from "../windowing.ts";
import { globalWindow } from "./global.ts";

/** The window from `start` up to, and without, `end`, both in ms. */
export const intervalWindow = (start: Instant, end: Instant): IntervalWindow => ({ start, end, maxTimestamp: end - 1 });

/** The same, cut off at the end of the global window: there has to be a time left at which a window can be past its end. */
export const boundedWindow = (start: Instant, end: Instant): IntervalWindow =>
  intervalWindow(start, Math.min(end, globalWindow.maxTimestamp + 1));

/** An interval as its two ends: 16 bytes. */
export const intervalWindowCoder: Coder<IntervalWindow> = Object.freeze({
  name: "intervalWindow",
  deterministic: true,
  encode: ({ start, end }: IntervalWindow) => new Uint8Array(Float64Array.of(start, end).buffer),
  decode: (bytes: Uint8Array) => {
    if (bytes.length !== 16) return left("NOT_DECODABLE", `an interval window takes 16 bytes, these are ${bytes.length}`);
    const [start, end] = new Float64Array(bytes.slice().buffer) as unknown as [number, number];
    return right(intervalWindow(start, end));
  },
  encodeAll(windows: readonly IntervalWindow[]) {
    const ends = new Float64Array(2 * windows.length);
    windows.forEach(({ start, end }, i) => ends.set([start, end], 2 * i));
    return new Uint8Array(ends.buffer);
  },
  decodeAll(bytes: Uint8Array) {
    if (bytes.length % 16 !== 0) return left("NOT_DECODABLE", `interval windows take 16 bytes each, these are ${bytes.length}`);
    const ends = new Float64Array(bytes.slice().buffer);
    return right(Array.from({ length: ends.length / 2 }, (_, i) => intervalWindow(ends[2 * i]!, ends[2 * i + 1]!)));
  },
});
