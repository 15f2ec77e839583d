import type { Instant } from "../../../sdk/time.ts";
import type { Trigger } from "../../../sdk/trigger.ts";
import { firstElementMachine, type FirstElement } from "./first-element.ts";
import type { TriggerPart } from "./part.ts";

type AfterProcessingTime = Extract<Trigger, { readonly kind: "afterProcessingTime" }>;

/** Ready from a delay after the first element of the pane on, or from the next boundary that it is aligned to. */
export const afterProcessingTimeMachine = ({ delay, alignment }: AfterProcessingTime): TriggerPart<FirstElement> =>
  firstElementMachine({
    deadlineFrom: (first) => aligned(first + delay, alignment),
    clockOf: ({ processingTime }) => processingTime,
    hasCome: (deadline, clock) => clock >= deadline,
    asks: "deadline",
  });

/** A time that is on a boundary stays. */
function aligned(time: Instant, alignment: AfterProcessingTime["alignment"]): Instant {
  if (alignment === undefined) return time;
  const { period, offset } = alignment;
  return Math.ceil((time - offset) / period) * period + offset;
}
