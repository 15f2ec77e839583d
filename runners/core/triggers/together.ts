import { NEVER } from "../../../sdk/time.ts";
import { earliest, eachState, type AnyPart, type TriggerPart } from "./part.ts";

/** What is remembered of parts that fire together. */
export interface Together {
  /** Not to be seen from the parts: one that is repeated never finishes. */
  readonly isFinished: boolean;
  readonly parts: readonly unknown[];
}

/** What differs between machines that fire once for their parts. */
export interface TogetherRules {
  /** How many parts have to be ready, or have finished before, for them to be ready together; or to have finished after a merge. */
  readonly takes: "some" | "every";
  /** Whether a part that has finished is still told of elements. */
  readonly tellsFinished: boolean;
}

/** A machine that fires once, when some or all of its parts are ready, and then has finished. */
export function togetherMachine(parts: readonly AnyPart[], { takes, tellsFinished }: TogetherRules): TriggerPart<Together> {
  const holds = (states: readonly unknown[], test: (part: AnyPart, state: unknown) => boolean): boolean =>
    parts[takes]((part, i) => test(part, states[i]));
  const changed = (state: Together, next: (part: AnyPart, state: unknown) => unknown): Together => {
    const after = eachState(parts, state.parts, next);
    return after === state.parts ? state : { isFinished: state.isFinished, parts: after };
  };
  return {
    initial: { isFinished: false, parts: parts.map((part): unknown => part.initial) },
    watchesWatermark: parts.some((part) => part.watchesWatermark),
    onElements: (state, count, times) =>
      changed(state, (part, own) => (tellsFinished || !part.isFinished(own) ? part.onElements(own, count, times) : own)),
    merge(states, into, times) {
      const merged = parts.map((part, i): unknown => {
        const own = states.map((state) => state.parts[i]);
        return part.merge(own, into?.parts[i], times);
      });
      return { isFinished: holds(merged, (part, own) => part.isFinished(own)), parts: merged };
    },
    isReady: (state, times) => !state.isFinished && holds(state.parts, (part, own) => part.isFinished(own) || part.isReady(own, times)),
    fired: ({ parts: states }, times) => ({
      isFinished: true,
      parts: eachState(parts, states, (part, own) => (part.isReady(own, times) ? part.fired(own, times) : own)),
    }),
    isFinished: ({ isFinished }) => isFinished,
    deadline: (state, now) => (state.isFinished ? NEVER : earliest(parts, state.parts, "deadline", now)),
    synchronizedDeadline: (state, now) => (state.isFinished ? NEVER : earliest(parts, state.parts, "synchronizedDeadline", now)),
    cleared: (state) => changed(state, (part, own) => part.cleared(own)),
    closed: (state) => (state.isFinished ? state : { isFinished: true, parts: state.parts }),
    reopened: (state) => (state.isFinished ? { isFinished: false, parts: state.parts } : state),
  };
}
