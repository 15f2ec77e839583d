import { NEVER } from "../../../sdk/time.ts";
import type { TriggerTimes } from "./machine.ts";
import type { TriggerPart } from "./part.ts";

/** Whether the watermark has passed the end of the window. */
export const isPastEnd = ({ inputWatermark, maxTimestamp }: TriggerTimes): boolean => inputWatermark > maxTimestamp;

/** Ready once the watermark is past the end of the window, and then finished. What is remembered is whether it has. */
export const pastEndMachine: TriggerPart<boolean> = {
  initial: false,
  watchesWatermark: true,
  onElements: (hasFired) => hasFired,
  // With a window that has not fired come elements that have not been emitted; and what ends later has to be waited for again.
  merge: (states, _, times) => states.every((hasFired) => hasFired) && isPastEnd(times),
  isReady: (hasFired, times) => !hasFired && isPastEnd(times),
  fired: () => true,
  isFinished: (hasFired) => hasFired,
  deadline: () => NEVER,
  synchronizedDeadline: () => NEVER,
  cleared: (hasFired) => hasFired,
  closed: () => true,
  reopened: () => false,
};
