import { NEVER } from "../../../sdk/time.ts";
import type { TriggerPart } from "./part.ts";

/** The state of one that has finished, which counts no more. */
const FINISHED = -1;

/** Counts the elements of a pane, or remembers that it has finished. */
export const afterCountMachine = (least: number): TriggerPart<number> => ({
  initial: 0,
  watchesWatermark: false,
  onElements: (state, count) => (state === FINISHED ? FINISHED : state + count),
  // One that had enough in any of the windows has enough in the one that they became.
  merge: (states) => (states.includes(FINISHED) ? FINISHED : states.reduce((sum, count) => sum + count, 0)),
  isReady: (state) => state >= least,
  fired: () => FINISHED,
  isFinished: (state) => state === FINISHED,
  deadline: () => NEVER,
  synchronizedDeadline: () => NEVER,
  cleared: (state) => (state === FINISHED ? FINISHED : 0),
  closed: () => FINISHED,
  reopened: (state) => (state === FINISHED ? 0 : state),
});
