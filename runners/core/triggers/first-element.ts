import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { TriggerTimes } from "./machine.ts";
import type { TriggerPart } from "./part.ts";

/** What is remembered of the first element of a pane. */
export interface FirstElement {
  /** What has to be waited for; nothing where there is no element yet. `NEVER` could not be stored as JSON. */
  readonly deadline: Instant | null;
  /** Where windows merge, elements are taken down also for one that has finished: it may become active again. */
  readonly isFinished: boolean;
}

/** What differs between machines that go by the first element of a pane. */
export interface FirstElementRules {
  /** What has to be waited for when the first element comes at a processing time. */
  readonly deadlineFrom: (processingTime: Instant) => Instant;
  /** The clock that it is waited for. */
  readonly clockOf: (times: TriggerTimes) => Instant;
  /** Whether a clock has got there. */
  readonly hasCome: (deadline: Instant, clock: Instant) => boolean;
  /** The name of that clock's deadlines. */
  readonly asks: "deadline" | "synchronizedDeadline";
}

const waiting: FirstElement = Object.freeze({ deadline: null, isFinished: false });
const finished: FirstElement = Object.freeze({ deadline: null, isFinished: true });

/** A machine that fires once, some time after the first element of a pane. */
export function firstElementMachine({ deadlineFrom, clockOf, hasCome, asks }: FirstElementRules): TriggerPart<FirstElement> {
  const deadlineOf = ({ deadline, isFinished }: FirstElement, now = -Infinity): Instant =>
    isFinished || deadline === null || hasCome(deadline, now) ? NEVER : deadline;
  return {
    initial: waiting,
    watchesWatermark: false,
    onElements: ({ deadline, isFinished }, _, { processingTime }) => ({
      deadline: deadline ?? deadlineFrom(processingTime),
      isFinished,
    }),
    // Only a window that was there before knows that it has finished. A new one has elements that nothing has fired for.
    merge: (states, into) => (into?.isFinished === true ? finished : { deadline: earliestIn(states), isFinished: false }),
    isReady: ({ deadline, isFinished }, times) => !isFinished && deadline !== null && hasCome(deadline, clockOf(times)),
    fired: () => finished,
    isFinished: ({ isFinished }) => isFinished,
    deadline: asks === "deadline" ? deadlineOf : () => NEVER,
    synchronizedDeadline: asks === "synchronizedDeadline" ? deadlineOf : () => NEVER,
    cleared: ({ isFinished }) => (isFinished ? finished : waiting),
    closed: ({ deadline }) => ({ deadline, isFinished: true }),
    reopened: ({ deadline }) => ({ deadline, isFinished: false }),
  };
}

function earliestIn(states: readonly FirstElement[]): Instant | null {
  const deadlines = states.flatMap(({ deadline }) => (deadline === null ? [] : [deadline]));
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
