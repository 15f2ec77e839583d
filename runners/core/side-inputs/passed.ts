import { MIN_INSTANT, type Duration, type Instant } from "../../../sdk/time.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import type { View } from "../plan.ts";

/**
 * How much of a view main windows have passed: a window of it that ends before this belongs to none that has not expired. That goes by
 * the first main window that has not, since later ones have no earlier side windows.
 *
 * @param watermark - how far the step has got that reads the view.
 * @param lateness - how long its main windows stay open after their end.
 */
export function passedBy({ windowing }: View, watermark: Instant, lateness: Duration): Instant {
  const end = Math.min(watermark - lateness, globalWindow.maxTimestamp);
  return end <= MIN_INSTANT ? -Infinity : (windowing.windowFn.sideWindow!(end).maxTimestamp as Instant);
}
