import { NEVER } from "millrace";
import type { TriggerPart } from "../../runners/core/triggers/part.ts";

/** A machine that is ready while the test says so, and finishes when it fires. */
export interface ManualTrigger extends TriggerPart<boolean> {
  isOn: boolean;
}

export function manualTrigger(): ManualTrigger {
  const manual: ManualTrigger = {
    isOn: false,
    initial: false,
    watchesWatermark: false,
    onElements: (hasFired) => hasFired,
    merge: (states) => states.some((hasFired) => hasFired),
    isReady: (hasFired) => manual.isOn && !hasFired,
    fired: () => true,
    isFinished: (hasFired) => hasFired,
    deadline: () => NEVER,
    synchronizedDeadline: () => NEVER,
    cleared: (hasFired) => hasFired,
    closed: () => true,
    reopened: () => false,
  };
  return manual;
}
