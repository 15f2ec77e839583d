import type { AnyPart } from "./part.ts";

/** Like its part, which begins anew when it has finished. What it remembers is what the part does. */
export const repeatedlyMachine = (part: AnyPart): AnyPart => ({
  ...part,
  fired(state, times) {
    const after: unknown = part.fired(state, times);
    return part.isFinished(after) ? part.initial : after;
  },
  isFinished: () => false,
  closed: (state) => state,
  reopened: (state) => state,
});
