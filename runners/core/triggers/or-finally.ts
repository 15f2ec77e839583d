import { NEVER, type Instant } from "../../../sdk/time.ts";
import { earliest, type AnyPart, type TriggerPart } from "./part.ts";

/** What is remembered of a part and of what ends it. */
export interface OrFinally {
  /** Not to be seen from the parts: an end that is repeated never finishes. */
  readonly isFinished: boolean;
  readonly main: unknown;
  readonly until: unknown;
}

/** Like `main`, until `until` is ready, which wins where both are. `until` knows of all elements, whatever `main` fired for. */
export function orFinallyMachine(main: AnyPart, until: AnyPart): TriggerPart<OrFinally> {
  const initial: OrFinally = { isFinished: false, main: main.initial, until: until.initial };
  const earliestOf = (state: OrFinally, which: "deadline" | "synchronizedDeadline", now: Instant | undefined): Instant =>
    state.isFinished ? NEVER : earliest([main, until], [state.main, state.until], which, now);
  return {
    initial,
    watchesWatermark: main.watchesWatermark || until.watchesWatermark,
    onElements: (state, count, times) => ({
      isFinished: state.isFinished,
      main: main.onElements(state.main, count, times),
      until: until.onElements(state.until, count, times),
    }),
    merge(states, into, times) {
      const [mains, untils] = [states.map((state) => state.main), states.map((state) => state.until)];
      const merged = { main: main.merge(mains, into?.main, times) as unknown, until: until.merge(untils, into?.until, times) as unknown };
      return { isFinished: main.isFinished(merged.main) || until.isFinished(merged.until), ...merged };
    },
    isReady: (state, times) => !state.isFinished && (main.isReady(state.main, times) || until.isReady(state.until, times)),
    fired(state, times) {
      if (until.isReady(state.until, times)) {
        return { isFinished: true, main: state.main, until: until.fired(state.until, times) };
      }
      const after: unknown = main.fired(state.main, times);
      return { isFinished: main.isFinished(after), main: after, until: state.until };
    },
    isFinished: ({ isFinished }) => isFinished,
    deadline: (state, now) => earliestOf(state, "deadline", now),
    synchronizedDeadline: (state, now) => earliestOf(state, "synchronizedDeadline", now),
    cleared: (state) => ({ isFinished: state.isFinished, main: main.cleared(state.main), until: until.cleared(state.until) }),
    closed: (state) => ({ isFinished: true, main: state.main, until: state.until }),
    reopened: (state) => (state.isFinished ? initial : state),
  };
}
