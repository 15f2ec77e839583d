import { NEVER, type Instant } from "../../../sdk/time.ts";
import { eachState, type AnyPart, type TriggerPart } from "./part.ts";

/**
 * One part after the other: the first that has not finished has its turn. What is remembered are the states of the parts.
 *
 * Where windows merge, a part that has finished may become active again. So all parts are told of elements, and a firing of one
 * clears what all of them know of the pane.
 */
export function afterEachMachine(parts: readonly AnyPart[], windowsMerge: boolean): TriggerPart<readonly unknown[]> {
  const initial = parts.map((part): unknown => part.initial);
  const turnOf = (states: readonly unknown[]): number => parts.findIndex((part, i) => !part.isFinished(states[i]));
  const isFinished = (states: readonly unknown[]): boolean => turnOf(states) === -1;
  const cleared = (states: readonly unknown[]): readonly unknown[] => eachState(parts, states, (part, state) => part.cleared(state));
  const earliest = (states: readonly unknown[], which: "deadline" | "synchronizedDeadline", now: Instant | undefined): Instant => {
    const turn = turnOf(states);
    return turn === -1 ? NEVER : parts[turn]![which](states[turn], now);
  };
  return {
    initial,
    watchesWatermark: parts.some((part) => part.watchesWatermark),
    onElements(states, count, times) {
      const turn = turnOf(states);
      return eachState(parts, states, (part, state, i) => (windowsMerge || i === turn ? part.onElements(state, count, times) : state));
    },
    merge(states, into, times) {
      let hasTurn = true;
      return parts.map((part, i): unknown => {
        // What came to a part whose turn has not come, or comes no more, belongs to the one before it.
        if (!hasTurn) return into === undefined ? part.initial : part.cleared(into[i]);
        const own = states.map((each) => each[i]);
        const merged: unknown = part.merge(own, into?.[i], times);
        hasTurn = part.isFinished(merged);
        return merged;
      });
    },
    isReady(states, times) {
      const turn = turnOf(states);
      return turn !== -1 && parts[turn]!.isReady(states[turn], times);
    },
    fired(states, times) {
      const turn = turnOf(states);
      const after = eachState(parts, states, (part, state, i) => (i === turn ? part.fired(state, times) : state));
      return windowsMerge ? cleared(after) : after;
    },
    isFinished,
    deadline: (states, now) => earliest(states, "deadline", now),
    synchronizedDeadline: (states, now) => earliest(states, "synchronizedDeadline", now),
    cleared,
    closed: (states) => states,
    reopened: (states) => (isFinished(states) ? initial : states),
  };
}
