import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Pane, Window } from "../../../sdk/windowing.ts";

/** Something whose end and expiry the watermark passes: a window with all its keys, or one key's own window. */
export interface Timed {
  readonly window: Window;
  /** The window expires when the watermark is greater. */
  readonly expiry: Instant;
  /** Whether its end has been passed, and everybody asked who waits for that. */
  hasEnded: boolean;
  /** Whether it is there no more. */
  readonly isGone: boolean;
  /** See {@link AgendaOf.standsAt}. */
  timerAt: Instant;
  /** The state of the keys that have something in it. */
  readonly panes: () => Iterable<PaneState>;
}

/** What a window has of all keys, where windows do not merge. */
export class WindowState implements Timed {
  readonly window: Window;
  readonly windows: readonly Window[];
  readonly expiry: Instant;
  hasEnded = false;
  readonly isGone = false;
  timerAt = NEVER;
  readonly byKey = new Map<number, PaneState>();

  constructor(window: Window, expiry: Instant) {
    this.window = window;
    this.windows = Object.freeze([window]);
    this.expiry = expiry;
  }

  panes(): Iterable<PaneState> {
    return this.byKey.values();
  }
}

/** What a grouping remembers of a key in a window. Where windows merge, it has its own window and takes part in time itself. */
export class PaneState implements Timed {
  readonly keyId: number;
  window: Window;
  /** The window as the list that its panes carry, where all keys share it. */
  windows: readonly Window[] | undefined;
  expiry: Instant;
  hasEnded = false;
  timerAt = NEVER;

  /** What the combiner has made of the elements; nothing before the first one, or after a pane that took them along. */
  accumulator: unknown = undefined;
  isFilled = false;
  /** How many elements came since the last pane. */
  fresh = 0;
  /** How many of them the trigger has not been told of. */
  untold = 0;
  /** What the trigger remembers. */
  trigger: unknown;
  /** Whether the trigger has finished: what comes now is dropped. */
  isClosed = false;
  /** Whether it has become part of another one. */
  isGone = false;

  /** How many panes were emitted, and how many of them were not early. */
  paneCount = 0;
  nonEarlyCount = 0;

  /** The combined time of those elements since the last pane that came in time; it holds the watermark. */
  elementHold: Instant = NEVER;
  /** Whether it holds the watermark until it expires. */
  isHeldToExpiry = false;
  holdAt = NEVER;
  /** When the trigger wants to be asked in processing time, and in synchronized processing time; few ever do. */
  deadline: Deadline | undefined = undefined;
  synchronizedDeadline: Deadline | undefined = undefined;

  constructor(keyId: number, { window, windows, expiry }: Pick<PaneState, "window" | "windows" | "expiry">, trigger: unknown) {
    this.keyId = keyId;
    this.window = window;
    this.windows = windows;
    this.expiry = expiry;
    this.trigger = trigger;
  }

  panes(): Iterable<PaneState> {
    return [this];
  }

  /** Where it keeps the watermark for its elements. */
  get hold(): Instant {
    return this.isHeldToExpiry ? Math.min(this.elementHold, this.expiry) : this.elementHold;
  }

  /** Forgets its elements. */
  empty(): void {
    this.accumulator = undefined;
    this.isFilled = false;
  }
}

/** When the trigger of a state wants to be asked in some processing time. */
export class Deadline {
  readonly state: PaneState;
  time: Instant = NEVER;
  /** See {@link AgendaOf.standsAt}. */
  standsAt = NEVER;

  constructor(state: PaneState) {
    this.state = state;
  }
}

/** Panes are few and elements many: those with small numbers are made once, so that neighbours share theirs. */
const known = new Map<number, Pane>();
const MOST_KNOWN = 64;

/** The pane of a number, with the number among those that are not early, which means nothing for an early one. */
export function paneOf(timing: Pane["timing"], index: number, nonEarlyIndex: number, isLast: boolean): Pane {
  const nonSpeculativeIndex = timing === "EARLY" ? -1 : nonEarlyIndex;
  const make = (): Pane => Object.freeze({ timing, index, nonSpeculativeIndex, isFirst: index === 0, isLast });
  if (index >= MOST_KNOWN) return make();
  const timingCode = timing === "EARLY" ? 0 : timing === "ON_TIME" ? 1 : 2;
  const code = ((index * MOST_KNOWN + nonSpeculativeIndex + 1) * 3 + timingCode) * 2 + (isLast ? 1 : 0);
  let pane = known.get(code);
  if (pane === undefined) known.set(code, (pane = make()));
  return pane;
}
