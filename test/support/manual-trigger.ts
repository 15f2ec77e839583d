import { NEVER } from "millrace";
import type { TriggerMachine } from "../../runners/core/triggers/machine.ts";
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

/** What a grouping's trigger is to do the next time it is asked: nothing, fire, or fire for the last time. */
type Order = "wait" | "fire" | "finish";

/** A machine for a grouping that does what the test says. It is asked at each event, at the end of a window, and when the clock moves. */
export interface ManualMachine extends TriggerMachine {
  order: Order;
}

export function manualMachine(): ManualMachine {
  const isFinished = (state: unknown): boolean => state === true;
  const machine: ManualMachine = {
    order: "wait",
    initial: false,
    watchesWatermark: true,
    onElements: (state) => state,
    // A window that a merge has made is one that nothing has fired for.
    merge: (_, into) => into ?? false,
    isReady: (state) => !isFinished(state) && machine.order !== "wait",
    fired: () => machine.order === "finish",
    isFinished,
    deadline: (state, now = -Infinity) => (isFinished(state) ? NEVER : now + 1),
    synchronizedDeadline: () => NEVER,
  };
  return machine;
}
