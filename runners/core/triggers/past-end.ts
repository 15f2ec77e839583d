import type { TriggerTimes } from "./machine.ts";

/** Whether the watermark has passed the end of the window. */
export const isPastEnd = ({ inputWatermark, maxTimestamp }: TriggerTimes): boolean => inputWatermark > maxTimestamp;
