import { right } from "../coders/coder.ts";
import { days, MAX_INSTANT } from "../time.ts";
import type { Window, WindowFn, WindowingStrategy } from "../windowing.ts";

/** The one window that all of event time is in. It ends a day before time does, so that what it emits can still be windowed again. */
export const globalWindow: Window = Object.freeze({ maxTimestamp: MAX_INSTANT - days(1) });

const inGlobalWindow: readonly Window[] = Object.freeze([globalWindow]);

/**
 * Puts every element into one window that never ends before the input does. It is how every collection starts out.
 *
 * @example
 * ```ts
 * globalWindows().assign({ value: "a", timestamp: 5, windows: [] }); // [globalWindow]
 * ```
 */
export const globalWindows = (): WindowFn<unknown, Window> => theGlobalWindows;

/** Whether a collection is in the global window. */
export const isGlobal = ({ windowFn }: WindowingStrategy): boolean => windowFn === theGlobalWindows;

const theGlobalWindows: WindowFn<unknown, Window> = Object.freeze({
  name: "global",
  assign: () => inGlobalWindow,
  assignAt: () => inGlobalWindow,
  windowCoder: Object.freeze({
    name: "globalWindow",
    encode: () => new Uint8Array(0),
    decode: () => right(globalWindow),
    deterministic: true,
  }),
  sideWindow: () => globalWindow,
  isCompatible: (other: { readonly windowCoder: unknown }) => other.windowCoder === theGlobalWindows.windowCoder,
});
