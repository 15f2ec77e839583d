import type { AnyWindowFn, IntervalWindow, Window, WindowingStrategy } from "../../sdk/windowing.ts";
import { intervalWindowCoder } from "../../sdk/windows/interval.ts";
import { isInstant } from "./timestamps.ts";

/** Two lists of windows are one if this text is equal: a window's identity is what its coder makes of it. */
export function windowsIdentity(windows: readonly Window[], { windowFn }: WindowingStrategy): string {
  let text = "";
  for (const window of windows) {
    const bytes = windowFn.windowCoder.encode(window);
    text += String.fromCharCode(bytes.length);
    for (const byte of bytes) text += String.fromCharCode(byte);
  }
  return text;
}

/** What tells single windows apart; told quickly where they are intervals. */
export function identityOf(windowing: WindowingStrategy): (window: Window) => string {
  if (windowing.windowFn.windowCoder === intervalWindowCoder) {
    return (window) => `${(window as IntervalWindow).start} ${(window as IntervalWindow).end}`;
  }
  return (window) => windowsIdentity([window], windowing);
}

/** Whether something that a window function gave is a window: it ends at a time that can be passed, and an interval begins before that. */
export function isWindow(given: Window, { windowCoder }: AnyWindowFn): boolean {
  if (!isInstant(given?.maxTimestamp)) return false;
  if (windowCoder !== intervalWindowCoder) return true;
  const { start, end } = given as IntervalWindow;
  return Number.isInteger(start) && start < end && end - 1 === given.maxTimestamp;
}
