import { firstElementMachine } from "./first-element.ts";

/**
 * Ready once all that comes before this step has passed the processing time of the first element of the pane. As long as it is at
 * that very time it may give more elements like the first.
 */
export const afterSynchronizedProcessingTimeMachine = firstElementMachine({
  deadlineFrom: (first) => first,
  clockOf: ({ synchronizedProcessingTime }) => synchronizedProcessingTime,
  hasCome: (deadline, clock) => clock > deadline,
  asks: "synchronizedDeadline",
});
