import { NEVER, type Instant } from "../../../sdk/time.ts";
import { neverMachine } from "./never.ts";
import type { AnyPart, TriggerPart } from "./part.ts";
import { isPastEnd } from "./past-end.ts";

/** What is remembered of a window that is fired for early or late. */
export interface AfterWatermark {
  /** Whether the pane on time was emitted: then it is `late` whose turn it is. */
  readonly isLate: boolean;
  /** Whether nothing comes after that, because there is no `late`. */
  readonly isFinished: boolean;
  readonly early: unknown;
  readonly late: unknown;
}

/** What fires before the pane on time, and what after it. */
export interface EarlyAndLateParts {
  readonly early?: AnyPart | undefined;
  readonly late?: AnyPart | undefined;
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
 * Where windows merge, `early` is told of elements also when its turn is over, because it may have it again.
 */
export function afterWatermarkMachine(parts: EarlyAndLateParts, windowsMerge: boolean): TriggerPart<AfterWatermark> {
  const early: AnyPart = parts.early ?? neverMachine;
  const late: AnyPart = parts.late ?? neverMachine;
  const isLast = parts.late === undefined;
  const initial: AfterWatermark = { isLate: false, isFinished: false, early: early.initial, late: late.initial };
  const turnOf = (state: AfterWatermark): readonly [AnyPart, unknown] => (state.isLate ? [late, state.late] : [early, state.early]);
  const earliest = (state: AfterWatermark, which: "deadline" | "synchronizedDeadline", now: Instant | undefined): Instant => {
    const [part, own] = turnOf(state);
    return state.isFinished ? NEVER : part[which](own, now);
  };
  /** A part that fires again and again: the pane is gone, and whether it has finished does not count. */
  const anew = (part: AnyPart, own: unknown): unknown => part.reopened(part.cleared(own));
  return {
    initial,
    watchesWatermark: true,
    onElements: (state, count, times) => ({
      ...state,
      early: windowsMerge || !state.isLate ? early.onElements(state.early, count, times) : state.early,
      late: state.isLate ? late.onElements(state.late, count, times) : state.late,
    }),
    merge(states, into, times) {
      const isFinished = into?.isFinished ?? false;
      const isLate = states.every((state) => state.isLate) && isPastEnd(times);
      if (isLate) {
        const own = states.map((state): unknown => state.late);
        return {
          isLate,
          isFinished,
          early: early.closed(into?.early ?? early.initial),
          late: late.reopened(late.merge(own, into?.late, times)),
        };
      }
      const own = states.map((state): unknown => state.early);
      return {
        isLate,
        isFinished,
        early: early.reopened(early.merge(own, into?.early, times)),
        late: late.initial,
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
      return { isLate: true, isFinished: isLast, early: early.closed(early.cleared(after)), late: late.initial };
    },
    isFinished: ({ isFinished }) => isFinished,
    deadline: (state, now) => earliest(state, "deadline", now),
    synchronizedDeadline: (state, now) => earliest(state, "synchronizedDeadline", now),
    cleared: (state) => ({ ...state, early: early.cleared(state.early), late: late.cleared(state.late) }),
    closed: (state) => ({ ...state, isFinished: true }),
    reopened: (state) => ({ ...state, isFinished: false }),
  };
}
