import { NEVER, type Instant } from "../../../sdk/time.ts";
import { neverMachine } from "./never.ts";
import type { AnyPart, TriggerPart } from "./part.ts";
import { isPastEnd } from "./past-end.ts";

/** Ready once the watermark is past the end of the window, and then finished. What is remembered is whether it has. */
export const pastEndMachine: TriggerPart<boolean> = {
  initial: false,
  watchesWatermark: true,
  onElements: (hasFired) => hasFired,
  // With a window that has not fired come elements that have not been emitted; and what ends later has to be waited for again.
  merge: (states, _, times) => states.every((hasFired) => hasFired) && isPastEnd(times),
  isReady: (hasFired, times) => !hasFired && isPastEnd(times),
  fired: () => true,
  isFinished: (hasFired) => hasFired,
  deadline: () => NEVER,
  synchronizedDeadline: () => NEVER,
  cleared: (hasFired) => hasFired,
  closed: () => true,
  reopened: () => false,
};

/** What is remembered where there is more than one firing. */
export interface EarlyAndLateState {
  /** Whether the pane on time was emitted: then it is `late` whose turn it is. */
  readonly isLate: boolean;
  /** Whether nothing comes after that, because there is no `late`. */
  readonly isFinished: boolean;
  readonly early: unknown;
  readonly late: unknown;
}

/**
 * Fires when the watermark passes the end of the window; before that as often as `early` does, after it as often as `late` does.
 *
 * ```text
 *   early ──── the watermark is past the end ────► late, or finished where there is none
 *     ▲                                             │
 *     └── a merge: a window that has not fired ─────┘
 *         took part, or the merged one ends later
 * ```
 *
 * Where windows merge, both parts are told of elements, because the turn may go back.
 */
export function earlyAndLateMachine(
  early: AnyPart = neverMachine,
  givenLate: AnyPart | undefined,
  windowsMerge: boolean,
): TriggerPart<EarlyAndLateState> {
  const late: AnyPart = givenLate ?? neverMachine;
  const isLast = givenLate === undefined;
  const initial: EarlyAndLateState = { isLate: false, isFinished: false, early: early.initial, late: late.initial };
  const turnOf = (state: EarlyAndLateState): readonly [AnyPart, unknown] => (state.isLate ? [late, state.late] : [early, state.early]);
  const earliest = (state: EarlyAndLateState, which: "deadline" | "synchronizedDeadline", now: Instant | undefined): Instant => {
    const [part, own] = turnOf(state);
    return part[which](own, now);
  };
  /** A part that fires again and again: the pane is gone, and whether it has finished does not count. */
  const anew = (part: AnyPart, own: unknown): unknown => part.reopened(part.cleared(own));
  return {
    initial,
    watchesWatermark: true,
    onElements: (state, count, times) => ({
      ...state,
      early: windowsMerge || !state.isLate ? early.onElements(state.early, count, times) : state.early,
      late: windowsMerge || state.isLate ? late.onElements(state.late, count, times) : state.late,
    }),
    merge(states, into, times) {
      const isFinished = into?.isFinished ?? false;
      const isLate = states.every((state) => state.isLate) && isPastEnd(times);
      if (isLate) {
        const own = states.map((state): unknown => state.late);
        return { isLate, isFinished, early: early.closed(into?.early ?? early.initial), late: late.merge(own, into?.late, times) };
      }
      const own = states.map((state): unknown => state.early);
      return {
        isLate,
        isFinished,
        early: early.reopened(early.merge(own, into?.early, times)),
        late: into === undefined ? late.initial : anew(late, into.late),
      };
    },
    isReady(state, times) {
      if (state.isFinished) return false;
      const [part, own] = turnOf(state);
      return part.isReady(own, times) || (!state.isLate && isPastEnd(times));
    },
    fired(state, times) {
      if (state.isLate) return { ...state, late: anew(late, late.fired(state.late, times)) };
      if (!isPastEnd(times)) return { ...state, early: anew(early, early.fired(state.early, times)) };
      const after: unknown = early.isReady(state.early, times) ? early.fired(state.early, times) : state.early;
      return { isLate: true, isFinished: isLast, early: early.closed(early.cleared(after)), late: late.cleared(state.late) };
    },
    isFinished: ({ isFinished }) => isFinished,
    deadline: (state, now) => earliest(state, "deadline", now),
    synchronizedDeadline: (state, now) => earliest(state, "synchronizedDeadline", now),
    cleared: (state) => ({ ...state, early: early.cleared(state.early), late: late.cleared(state.late) }),
    closed: (state) => ({ ...state, isFinished: true }),
    reopened: (state) => ({ ...state, isFinished: false }),
  };
}
