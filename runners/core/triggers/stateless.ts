import { NEVER } from "../../../sdk/time.ts";
import type { TriggerTimes } from "./machine.ts";
import type { TriggerPart } from "./part.ts";

/** A machine that remembers nothing and never finishes; whether it is ready goes by the times alone. */
export const statelessMachine = (watchesWatermark: boolean, isReady: (times: TriggerTimes) => boolean): TriggerPart<null> => ({
  initial: null,
  watchesWatermark,
  onElements: () => null,
  merge: () => null,
  isReady: (_, times) => isReady(times),
  fired: () => null,
  isFinished: () => false,
  deadline: () => NEVER,
  synchronizedDeadline: () => NEVER,
  cleared: () => null,
  closed: () => null,
  reopened: () => null,
});
