import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { NEVER } from "../../../sdk/time.ts";
import type { IntervalWindow, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
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
  readonly #idOf: (window: Window) => string;
  #touched: KeyWindows[] = [];

  constructor(host: WindowsHost) {
    this.#host = host;
    this.#idOf = identities(host.windowing);
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
    const becomes = new Map(merges.flatMap(({ from, into }) => from.map((window) => [this.#idOf(window), into])));
    const closed = new Set([...swallowed, ...own.closed.map(({ window }) => window)].map(this.#idOf));
    const open = new Map(own.open.map((state) => [this.#idOf(state.window), state]));
    for (const { arrival, window } of own.incoming) {
      const target = becomes.get(this.#idOf(window)) ?? window;
      const id = this.#idOf(target);
      if (closed.has(id)) {
        this.#host.dropClosed(arrival, window);
        continue;
      }
      let state = open.get(id);
      if (state === undefined) open.set(id, (state = this.#open(own, target, this.#host.machine.initial)));
      this.#host.add(state, arrival);
    }
  }

  /** Triggers have finished since the last time. */
  #setClosedAside(own: KeyWindows): void {
    if (!own.open.some(({ isClosed }) => isClosed)) return;
    own.closed.push(...own.open.filter(({ isClosed }) => isClosed));
    own.open = own.open.filter(({ isClosed }) => !isClosed);
  }

  #mergesOf({ open, incoming }: KeyWindows): readonly Merge[] {
    const byId = new Map<string, Window>();
    for (const { window } of open) byId.set(this.#idOf(window), window);
    for (const { window } of incoming) if (!byId.has(this.#idOf(window))) byId.set(this.#idOf(window), window);
    const windows = [...byId.values()];
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
    const given = new Set(windows.map(this.#idOf));
    const taken = new Set<string>();
    const made = new Set<string>();
    if (!Array.isArray(merges)) throw this.#badMerge(merges);
    for (const merge of merges as readonly Merge[]) {
      const { from, into } = merge ?? {};
      if (!Array.isArray(from) || from.length === 0 || !isWindow(into, windowFn)) throw this.#badMerge(merge);
      const intoId = this.#idOf(into);
      if (made.has(intoId) || !(from as readonly Window[]).every((window) => isWindow(window, windowFn))) throw this.#badMerge(merge);
      made.add(intoId);
      const ids = (from as readonly Window[]).map(this.#idOf);
      const isOneOfThem = ids.includes(intoId);
      ids.forEach((id, i) => {
        if (!given.has(id) || taken.has(id) || !(isOneOfThem || holds(into, from[i] as Window))) throw this.#badMerge(merge);
        taken.add(id);
      });
      if (given.has(intoId) && !isOneOfThem) throw this.#badMerge(merge);
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

  /** Makes one state of those that merge. Answers whether it is open: it is not where it has become one that is closed. */
  #merge(own: KeyWindows, { from, into }: Merge): boolean {
    const ids = new Set(from.map(this.#idOf));
    const intoId = this.#idOf(into);
    const parts = own.open.filter(({ window }) => ids.has(this.#idOf(window)));
    if (own.closed.some(({ window }) => this.#idOf(window) === intoId)) {
      for (const part of parts) {
        this.#host.dropFolded(part.fresh);
        part.isGone = true;
      }
      own.open = own.open.filter(({ isGone }) => !isGone);
      return false;
    }
    const same = parts.find(({ window }) => this.#idOf(window) === intoId);
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

/** What tells windows apart, by their coder; it is worked out once for each object. */
function identities(windowing: WindowingStrategy): (window: Window) => string {
  if (windowing.windowFn.windowCoder === intervalWindowCoder) {
    return (window) => `${(window as IntervalWindow).start} ${(window as IntervalWindow).end}`;
  }
  const known = new WeakMap<Window, string>();
  return (window) => {
    let id = known.get(window);
    if (id === undefined) known.set(window, (id = windowsIdentity([window], windowing)));
    return id;
  };
}
