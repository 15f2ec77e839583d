import { NEVER } from "../../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { mergeOverlapping } from "../../../sdk/windows/sessions.ts";
import { stepFailed } from "../failures.ts";
import { expiryOf } from "./grouping.ts";
import type { Arrival, Windows, WindowsHost } from "./pane-grouping.ts";
import { inOrder, overlapsOf } from "./overlaps.ts";
import { PaneState, type Timed } from "./pane-state.ts";
import { WindowMerger, type Merge, type Place, type Places } from "./window-merger.ts";

/** An element that is in one window. */
interface Incoming {
  readonly arrival: Arrival;
  readonly window: Window;
  /** Where its window stands among those of its key; worked out when they are merged. */
  place: Place<PaneState> | undefined;
  /** The same where the windows are sessions: what the session has. */
  session: PaneState | undefined;
}

/** The windows of one key. */
interface KeyWindows {
  readonly keyId: number;
  /** Those that still take elements. */
  open: PaneState[];
  /** Those whose trigger has finished: they take part in no merge, and swallow what becomes equal to them. */
  closed: PaneState[];
}

/**
 * Windows that merge, for each key by itself: key → its windows. All windows of a bundle's elements are merged at once, with
 * those that are open, before an element is added.
 */
export class MergingWindows implements Windows {
  readonly #host: WindowsHost;
  readonly #keys = new Map<number, KeyWindows>();
  readonly #merger: WindowMerger;
  /** The elements of this bundle, by key. They are kept apart from what lives longer: what that refers to is collected late. */
  #incoming = new Map<number, Incoming[]>();

  constructor(host: WindowsHost) {
    this.#host = host;
    this.#merger = new WindowMerger(host.windowing, host.path);
  }

  place(arrival: Arrival, windows: readonly Window[]): void {
    for (const window of windows) {
      if (this.#host.isExpired(window)) {
        this.#host.dropLate(arrival, window);
        continue;
      }
      const one: Incoming = { arrival, window, place: undefined, session: undefined };
      const others = this.#incoming.get(arrival.keyId);
      if (others === undefined) this.#incoming.set(arrival.keyId, [one]);
      else others.push(one);
    }
  }

  settle(): void {
    const touched = this.#incoming;
    this.#incoming = new Map();
    for (const [keyId, incoming] of touched) {
      const own = this.#keys.get(keyId) ?? { keyId, open: [], closed: [] };
      this.#setClosedAside(own);
      if (this.#host.windowing.windowFn.merge === mergeOverlapping && own.closed.length === 0) this.#settleSessions(own, incoming);
      else this.#settleAny(own, incoming);
      if (own.open.length > 0 || own.closed.length > 0) this.#keys.set(keyId, own);
      else this.#keys.delete(keyId);
    }
  }

  /** What overlaps is found by the times alone: nobody has to be asked, and nothing to be looked up. */
  #settleSessions(own: KeyWindows, incoming: readonly Incoming[]): void {
    const [ours, theirs] = [inOrder(own.open), inOrder(incoming)];
    for (const { start, end, there, thereCount, coming, comingCount, isMixed } of overlapsOf(ours, theirs)) {
      let session = thereCount === 0 ? undefined : ours[there]!;
      if (isMixed) {
        const parts = thereCount === 0 ? NOTHING : ours.slice(there, there + thereCount);
        const same = parts.find(({ window }) => (window as IntervalWindow).start === start && (window as IntervalWindow).end === end);
        session = this.#merged(own, inOrderOf(own.open, parts), same?.window ?? intervalWindow(start, end), same);
      } else session ??= this.#open(own, theirs[coming]!.window);
      for (let i = coming; i < coming + comingCount; i++) theirs[i]!.session = session;
    }
    if (own.open.some(({ isGone }) => isGone)) own.open = own.open.filter(({ isGone }) => !isGone);
    for (const { arrival, window, session } of incoming) {
      if (session!.isClosed) this.#host.dropClosed(arrival, window);
      else this.#host.add(session!, arrival);
    }
  }

  #settleAny(own: KeyWindows, incoming: readonly Incoming[]): void {
    const places = this.#merger.places<PaneState>();
    for (const state of own.open) places.of(state.window).state = state;
    for (const each of incoming) each.place = places.of(each.window);
    if (places.all.length > 1) {
      for (const merge of this.#merger.mergesOf(places)) this.#merge(own, merge, places);
      own.open = own.open.filter(({ isGone }) => !isGone);
    }
    this.#setClosedAside(own);
    for (const { window } of own.closed) places.of(window).isClosed = true;
    for (const { arrival, window, place } of incoming) {
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

  /** Makes one state of those that merge; nothing is left of them where they become what is closed. */
  #merge(own: KeyWindows, { parts: from, into }: Merge<PaneState>, places: Places<PaneState>): void {
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
    into.state = this.#merged(own, parts, into.window, from.includes(into) ? into.state : undefined);
  }

  /**
   * What the parts are together.
   *
   * @param same - the part whose window is what the others become.
   */
  #merged(own: KeyWindows, parts: readonly PaneState[], into: Window, same: PaneState | undefined): PaneState {
    const target = same ?? parts[0] ?? this.#open(own, into);
    this.#mergeInto(target, parts, into, target === same);
    if (this.#host.machine.isFinished(target.trigger)) {
      this.#host.dropFolded(target.fresh);
      this.#host.close(target);
    }
    return target;
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
    target.windows = undefined;
    target.expiry = expiryOf(into, this.#host.windowing);
    target.hasEnded = this.#host.inputWatermark > into.maxTimestamp;
    target.paneCount = 0;
    target.nonEarlyCount = 0;
  }

  /** What held for its elements goes on holding, at the time that the merged window gives it. */
  #mergeHolds(target: PaneState, parts: readonly PaneState[], into: Window): void {
    const { timestampCombiner } = this.#host.windowing;
    let hold = NEVER;
    for (const { elementHold } of parts) {
      if (elementHold === NEVER) continue;
      if (timestampCombiner === "endOfWindow") hold = into.maxTimestamp;
      else if (hold === NEVER || timestampCombiner === "earliest") hold = Math.min(hold, elementHold);
      else hold = Math.max(hold, elementHold);
    }
    target.elementHold = hold;
    target.isHeldToExpiry = true;
  }

  #open(own: KeyWindows, window: Window): PaneState {
    const { windowing, inputWatermark, machine } = this.#host;
    const state = new PaneState(own.keyId, { window, windows: undefined, expiry: expiryOf(window, windowing) }, machine.initial);
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
    if (own.open.length === 0 && own.closed.length === 0) this.#keys.delete(keyId);
  }
}

const NOTHING: readonly never[] = [];

/** Some of several, as they stand there. */
const inOrderOf = <A>(all: readonly A[], some: readonly A[]): readonly A[] =>
  some.length < 2 ? some : all.filter((each) => some.includes(each));
