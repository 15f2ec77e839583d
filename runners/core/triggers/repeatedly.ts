import type { AnyPart } from "./part.ts";

/**
 * Like its part, which begins anew when it has finished: by a firing, or because windows that became one were past their end from
 * the beginning. What it remembers is what the part does.
 */
export function repeatedlyMachine(part: AnyPart): AnyPart {
  const anew = (state: unknown): unknown => (part.isFinished(state) ? part.initial : state);
  return {
    ...part,
    merge: (states, into, times) => anew(part.merge(states, into, times)),
    fired: (state, times) => anew(part.fired(state, times)),
    isFinished: () => false,
    closed: (state) => state,
    reopened: (state) => state,
  };
}
