import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { NEVER } from "../../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";
import { intervalWindowCoder } from "../../../sdk/windows/interval.ts";
import { mergeOverlapping } from "../../../sdk/windows/sessions.ts";
import { stepFailed } from "../failures.ts";
import { expiryOf } from "./grouping.ts";
import type { Arrival, Windows, WindowsHost } from "./pane-grouping.ts";
import { PaneState, type Timed } from "./pane-state.ts";
import { isWindow, windowsIdentity } from "../window-identity.ts";

/** An element that is in one window. */
interface Incoming {
  readonly arrival: Arrival;
  readonly window: Window;
}

/** The windows of one key. */
interface KeyWindows {
  readonly keyId: number;
  /** Those that still take elements. */
  open: PaneState[];
  /** Those whose trigger has finished: they take part in no merge, and swallow what becomes equal to them. */
  closed: PaneState[];
  /** The elements of this bundle. */
  incoming: Incoming[];
}

/** Which windows become one. */
interface Merge {
  readonly from: readonly Window[];
  readonly into: Window;
}

/**
 * Windows that merge, for each key by itself: key → its windows. All windows of a bundle's elements are merged at once, with
 * those that are open, before an element is added.
 */
export class MergingWindows implements Windows {
  readonly #host: WindowsHost;
  readonly #keys = new Map<number, KeyWindows>();
  readonly #isSame: (a: Window, b: Window) => boolean;
  #touched: KeyWindows[] = [];

  constructor(host: WindowsHost) {
    this.#host = host;
    const { windowing } = host;
    this.#isSame =
      windowing.windowFn.windowCoder === intervalWindowCoder
        ? isSameInterval
        : (a, b) => a === b || windowsIdentity([a], windowing) === windowsIdentity([b], windowing);
  }

  place(arrival: Arrival, windows: readonly Window[]): void {
    for (const window of windows) {
      if (this.#host.isExpired(window)) this.#host.dropLate(arrival, window);
      else this.#keyWindows(arrival.keyId).incoming.push({ arrival, window });
    }
  }

  #keyWindows(keyId: number): KeyWindows {
    let own = this.#keys.get(keyId);
    if (own === undefined) this.#keys.set(keyId, (own = { keyId, open: [], closed: [], incoming: [] }));
    if (own.incoming.length === 0) this.#touched.push(own);
    return own;
  }

  settle(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (const own of touched) {
      this.#settleKey(own);
      own.incoming = [];
      if (own.open.length === 0 && own.closed.length === 0) this.#keys.delete(own.keyId);
    }
  }

  #settleKey(own: KeyWindows): void {
    this.#setClosedAside(own);
    const merges = this.#mergesOf(own);
    const swallowed = merges.filter((merge) => !this.#merge(own, merge)).map(({ into }) => into);
    this.#setClosedAside(own);
    for (const { arrival, window } of own.incoming) {
      const target = this.#intoOf(window, merges);
      const isClosed = swallowed.includes(target) || own.closed.some((closed) => this.#isSame(closed.window, target));
      if (isClosed) this.#host.dropClosed(arrival, window);
      else this.#host.add(this.#stateFor(own, target), arrival);
    }
  }

  /** Triggers have finished since the last time. */
  #setClosedAside(own: KeyWindows): void {
    if (!own.open.some(({ isClosed }) => isClosed)) return;
    own.closed.push(...own.open.filter(({ isClosed }) => isClosed));
    own.open = own.open.filter(({ isClosed }) => !isClosed);
  }

  #mergesOf({ open, incoming }: KeyWindows): readonly Merge[] {
    const windows = open.map(({ window }) => window);
    for (const { window } of incoming) if (!windows.some((each) => this.#isSame(each, window))) windows.push(window);
    if (windows.length < 2) return [];
    const merges = this.#mergedBy(windows);
    // Our own function is known to be right.
    if (this.#host.windowing.windowFn.merge !== mergeOverlapping) this.#mustBeRight(merges, windows);
    return merges;
  }

  #mergedBy(windows: readonly Window[]): readonly Merge[] {
    const { windowing, path } = this.#host;
    try {
      return windowing.windowFn.merge!(windows) as readonly Merge[];
    } catch (error) {
      throw stepFailed(path, windows, error);
    }
  }

  /** A merge is of windows that were given and that no other merge takes. What they become is one of them, or new, and then holds them. */
  #mustBeRight(merges: readonly Merge[], windows: readonly Window[]): void {
    const { windowFn } = this.#host.windowing;
    const isIn = (list: readonly Window[], window: Window): boolean => list.some((each) => this.#isSame(each, window));
    const taken: Window[] = [];
    const made: Window[] = [];
    if (!Array.isArray(merges)) throw this.#badMerge(merges);
    for (const merge of merges as readonly Merge[]) {
      const { from, into } = merge ?? {};
      if (!Array.isArray(from) || from.length === 0 || !isWindow(into, windowFn) || isIn(made, into)) throw this.#badMerge(merge);
      made.push(into);
      for (const window of from as readonly Window[]) {
        if (!isWindow(window, windowFn) || !isIn(windows, window) || isIn(taken, window) || !(isIn(from, into) || holds(into, window)))
          throw this.#badMerge(merge);
        taken.push(window);
      }
      if (isIn(windows, into) && !isIn(from, into)) throw this.#badMerge(merge);
    }
  }

  #badMerge(given: unknown): PipelineError {
    const { windowing, path } = this.#host;
    const { from, into } = (given ?? {}) as Partial<Merge>;
    const got = from === undefined ? `gave ${shortText(given)}` : `merged ${shortText(from)} into ${shortText(into)}`;
    return new PipelineError("BAD_WINDOW", {
      what: "a window function's merge named windows that it was not given, or one twice, or merged some into what they cannot become",
      at: path,
      got: `${windowing.windowFn.name ?? "a window function"} ${got}`,
      fix: "let merge give lists of the windows it was called with, each with one of them, or a window that contains them",
    });
  }

  #intoOf(window: Window, merges: readonly Merge[]): Window {
    for (const { from, into } of merges) if (from.some((each) => this.#isSame(each, window))) return into;
    return window;
  }

  /** Makes one state of those that merge. Answers whether it is open: it is not where it has become one that is closed. */
  #merge(own: KeyWindows, { from, into }: Merge): boolean {
    const parts = own.open.filter(({ window }) => from.some((each) => this.#isSame(each, window)));
    if (own.closed.some(({ window }) => this.#isSame(window, into))) {
      for (const part of parts) {
        this.#host.dropFolded(part.fresh);
        part.isGone = true;
      }
      own.open = own.open.filter(({ isGone }) => !isGone);
      return false;
    }
    const same = parts.find(({ window }) => this.#isSame(window, into));
    const target = same ?? parts[0] ?? this.#open(own, into, this.#host.machine.initial);
    this.#mergeInto(target, parts, into, target === same);
    own.open = own.open.filter(({ isGone }) => !isGone);
    if (!this.#host.machine.isFinished(target.trigger)) return true;
    this.#host.dropFolded(target.fresh);
    this.#host.close(target);
    return false;
  }

  #mergeInto(target: PaneState, parts: readonly PaneState[], into: Window, isSame: boolean): void {
    const { machine } = this.#host;
    const triggers = parts.map(({ trigger }) => trigger);
    target.trigger = machine.merge(triggers, isSame ? target.trigger : undefined, this.#host.timesOf(into));
    this.#mergeHolds(target, parts, into);
    for (const part of parts) if (part !== target) this.#takeElements(target, part);
    if (!isSame && parts.length > 0) this.#useWindow(target, into);
    this.#host.noteTimer(target);
    this.#host.noteHold(target);
  }

  #takeElements(target: PaneState, part: PaneState): void {
    const { fn, path } = this.#host;
    try {
      if (part.isFilled) target.accumulator = target.isFilled ? fn.merge(target.accumulator, part.accumulator) : part.accumulator;
    } catch (error) {
      throw stepFailed(path, part.accumulator, error);
    }
    target.isFilled ||= part.isFilled;
    target.fresh += part.fresh;
    part.isGone = true;
  }

  /** A window that is new has emitted nothing yet. */
  #useWindow(target: PaneState, into: Window): void {
    target.window = into;
    target.windows = Object.freeze([into]);
    target.expiry = expiryOf(into, this.#host.windowing);
    target.hasEnded = this.#host.inputWatermark > into.maxTimestamp;
    target.paneCount = 0;
    target.nonEarlyCount = 0;
  }

  /** What held for its elements goes on holding, at the time that the merged window gives it. */
  #mergeHolds(target: PaneState, parts: readonly PaneState[], into: Window): void {
    const holds = parts.map(({ elementHold }) => elementHold).filter((hold) => hold !== NEVER);
    const { timestampCombiner } = this.#host.windowing;
    if (holds.length === 0) target.elementHold = NEVER;
    else if (timestampCombiner === "endOfWindow") target.elementHold = into.maxTimestamp;
    else target.elementHold = timestampCombiner === "earliest" ? Math.min(...holds) : Math.max(...holds);
    target.isHeldToExpiry = true;
  }

  #stateFor(own: KeyWindows, window: Window): PaneState {
    for (const state of own.open) if (this.#isSame(state.window, window)) return state;
    return this.#open(own, window, this.#host.machine.initial);
  }

  #open(own: KeyWindows, window: Window, trigger: unknown): PaneState {
    const { windowing, inputWatermark } = this.#host;
    const at = { window, windows: Object.freeze([window]), expiry: expiryOf(window, windowing) };
    const state = new PaneState(own.keyId, at, trigger);
    state.hasEnded = inputWatermark > window.maxTimestamp;
    own.open.push(state);
    this.#host.noteTimer(state);
    return state;
  }

  liveKeys(): Iterable<number> {
    return this.#keys.keys();
  }

  forget(timed: Timed): void {
    const { keyId } = timed as PaneState;
    const own = this.#keys.get(keyId);
    if (own === undefined) return;
    own.open = own.open.filter((state) => state !== timed);
    own.closed = own.closed.filter((state) => state !== timed);
    if (own.open.length === 0 && own.closed.length === 0 && own.incoming.length === 0) this.#keys.delete(keyId);
  }
}

/** Whether a window ends, and if both are intervals begins, no later and no earlier than it may to hold another one. */
function holds(into: Window, window: Window): boolean {
  const { start = NaN } = into as Partial<IntervalWindow>;
  return into.maxTimestamp >= window.maxTimestamp && !(start > (window as IntervalWindow).start);
}

function isSameInterval(a: Window, b: Window): boolean {
  const [first, second] = [a as IntervalWindow, b as IntervalWindow];
  return a === b || (first.start === second.start && first.end === second.end);
}
