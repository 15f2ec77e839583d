import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";
import { stepFailed } from "../failures.ts";
import { expiryOf } from "./grouping.ts";
import type { Arrival, Windows, WindowsHost } from "./pane-grouping.ts";
import { PaneState, type Timed } from "./pane-state.ts";
import { identityOf, isWindow } from "../window-identity.ts";

/** An element that is in one window. */
interface Incoming {
  readonly arrival: Arrival;
  readonly window: Window;
  /** Where its window stands among those of its key; worked out when they are merged. */
  place: Place | undefined;
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

/** Which windows become one, as a window function says it. */
interface GivenMerge {
  readonly from: readonly Window[];
  readonly into: Window;
}

/** The same by their places. */
interface Merge {
  readonly parts: readonly Place[];
  readonly into: Place;
}

/** A window of a key while its windows are merged. */
interface Place {
  readonly window: Window;
  /** The how-manieth it was. */
  readonly number: number;
  /** What it has; nothing for one that is new. */
  state: PaneState | undefined;
  /** The window that it becomes part of. */
  into: Place | undefined;
  /** Whether its trigger has finished: what comes for it is dropped. */
  isClosed: boolean;
  /** Whether the window function has named it as what others become. */
  isMade: boolean;
  /** Another one that ends at the same time. */
  next: Place | undefined;
}

/**
 * Different windows of a key, each once. Windows are equal if their coder makes the same of them, which is only asked of windows
 * that end at the same time.
 */
class Places {
  readonly #idOf: (window: Window) => string;
  readonly #byEnd = new Map<Instant, Place>();
  /** In the order in which they came. */
  readonly windows: Window[] = [];

  constructor(idOf: (window: Window) => string) {
    this.#idOf = idOf;
  }

  find(window: Window): Place | undefined {
    let place = this.#byEnd.get(window.maxTimestamp);
    while (place !== undefined && !this.isSame(place.window, window)) place = place.next;
    return place;
  }

  /** The place of a window; a new one if it has none. */
  of(window: Window): Place {
    const known = this.find(window);
    if (known !== undefined) return known;
    const next = this.#byEnd.get(window.maxTimestamp);
    const number = this.windows.push(window) - 1;
    const place: Place = { window, number, state: undefined, into: undefined, isClosed: false, isMade: false, next };
    this.#byEnd.set(window.maxTimestamp, place);
    return place;
  }

  isSame(a: Window, b: Window): boolean {
    return a === b || (a.maxTimestamp === b.maxTimestamp && this.#idOf(a) === this.#idOf(b));
  }
}

/**
 * Windows that merge, for each key by itself: key → its windows. All windows of a bundle's elements are merged at once, with
 * those that are open, before an element is added.
 */
export class MergingWindows implements Windows {
  readonly #host: WindowsHost;
  readonly #keys = new Map<number, KeyWindows>();
  readonly #idOf: (window: Window) => string;
  #touched: KeyWindows[] = [];

  constructor(host: WindowsHost) {
    this.#host = host;
    this.#idOf = identityOf(host.windowing);
  }

  place(arrival: Arrival, windows: readonly Window[]): void {
    for (const window of windows) {
      if (this.#host.isExpired(window)) this.#host.dropLate(arrival, window);
      else this.#keyWindows(arrival.keyId).incoming.push({ arrival, window, place: undefined });
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
    const places = new Places(this.#idOf);
    for (const state of own.open) places.of(state.window).state = state;
    for (const each of own.incoming) each.place = places.of(each.window);
    if (places.windows.length > 1) this.#mergeAll(own, places);
    this.#setClosedAside(own);
    for (const { window } of own.closed) places.of(window).isClosed = true;
    for (const { arrival, window, place } of own.incoming) {
      const target = place!.into ?? place!;
      if (target.isClosed) this.#host.dropClosed(arrival, window);
      else this.#host.add((target.state ??= this.#open(own, target.window)), arrival);
    }
  }

  /** Triggers have finished since the last time. */
  #setClosedAside(own: KeyWindows): void {
    if (!own.open.some(({ isClosed }) => isClosed)) return;
    own.closed.push(...own.open.filter(({ isClosed }) => isClosed));
    own.open = own.open.filter(({ isClosed }) => !isClosed);
  }

  #mergeAll(own: KeyWindows, places: Places): void {
    const merges = this.#mergesOf(places);
    for (const merge of merges) this.#merge(own, merge, places);
    if (merges.length > 0) own.open = own.open.filter(({ isGone }) => !isGone);
  }

  #mergesOf(places: Places): readonly Merge[] {
    const { windowing, path } = this.#host;
    const { windows } = places;
    let given: unknown;
    try {
      given = windowing.windowFn.merge!([...windows]);
    } catch (error) {
      throw stepFailed(path, windows, error);
    }
    if (!Array.isArray(given)) throw this.#badMerge(given);
    const known = windows.length;
    return given.map((merge) => this.#mergeOf(merge, places, known));
  }

  /** A merge is of windows that were given and that no other merge takes. What they become is one of them, or new, and then holds them. */
  #mergeOf(given: unknown, places: Places, known: number): Merge {
    const { from, into } = (given ?? {}) as Partial<GivenMerge>;
    const { windowFn } = this.#host.windowing;
    if (!Array.isArray(from) || from.length === 0 || !isWindow(into!, windowFn)) throw this.#badMerge(given);
    const target = places.of(into!);
    if (target.isMade) throw this.#badMerge(given);
    target.isMade = true;
    const parts = (from as readonly Window[]).map((window) => (isWindow(window, windowFn) ? places.find(window) : undefined));
    const isOneOfThem = parts.includes(target);
    for (const part of parts) {
      const isFree = part !== undefined && part.number < known && part.into === undefined;
      if (!isFree || !(isOneOfThem || holds(target.window, part.window))) throw this.#badMerge(given);
      part.into = target;
    }
    if (target.number < known && !isOneOfThem) throw this.#badMerge(given);
    return { into: target, parts: parts as readonly Place[] };
  }

  #badMerge(given: unknown): PipelineError {
    const { windowing, path } = this.#host;
    const { from, into } = (given ?? {}) as Partial<GivenMerge>;
    const got = from === undefined ? `gave ${shortText(given)}` : `merged ${shortText(from)} into ${shortText(into)}`;
    return new PipelineError("BAD_WINDOW", {
      what: "a window function's merge named windows that it was not given, or one twice, or merged some into what they cannot become",
      at: path,
      got: `${windowing.windowFn.name ?? "a window function"} ${got}`,
      fix: "let merge give lists of the windows it was called with, each with one of them, or a window that contains them",
    });
  }

  /** Makes one state of those that merge; nothing is left of them where they become what is closed. */
  #merge(own: KeyWindows, { parts: from, into }: Merge, places: Places): void {
    const parts = from
      .filter(({ state }) => state !== undefined)
      .sort((a, b) => a.number - b.number)
      .map(({ state }) => state!);
    if (own.closed.some(({ window }) => places.isSame(window, into.window))) {
      into.isClosed = true;
      for (const part of parts) {
        this.#host.dropFolded(part.fresh);
        part.isGone = true;
      }
      return;
    }
    const same = from.includes(into) ? into.state : undefined;
    const target = same ?? parts[0] ?? this.#open(own, into.window);
    into.state = target;
    this.#mergeInto(target, parts, into.window, target === same);
    if (!this.#host.machine.isFinished(target.trigger)) return;
    this.#host.dropFolded(target.fresh);
    this.#host.close(target);
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

  #open(own: KeyWindows, window: Window): PaneState {
    const { windowing, inputWatermark, machine } = this.#host;
    const at = { window, windows: Object.freeze([window]), expiry: expiryOf(window, windowing) };
    const state = new PaneState(own.keyId, at, machine.initial);
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
