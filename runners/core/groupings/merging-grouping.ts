import { NO_SIDE_INPUTS } from "../../../sdk/combine/combine-fn.ts";
import { MIN_INSTANT, NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { Agenda } from "../agenda.ts";
import type { Batch } from "../batch.ts";
import type { BundleTimes } from "../bundle.ts";
import { eachRun } from "../exchange-slot.ts";
import { stepFailed } from "../failures.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import { Drops, emptyOutputOf, expiryOf, ownKeyIds, type Grouping, type GroupingOutput, type GroupingSpec } from "./grouping.ts";
import { paneOf } from "./pane-state.ts";
import { WindowMerger, type Place } from "./window-merger.ts";

/** What a key has in a window. Most wait for long, and in millions: they are no more than this, and in a list by themselves. */
class Part {
  window: Window;
  /** The only element of the window, or the accumulator of several. */
  content: unknown;
  isAlone = true;
  next: Part | undefined = undefined;

  constructor(window: Window, element: unknown) {
    this.window = window;
    this.content = element;
  }
}

/** The windows of one key. */
class KeyWindows {
  readonly keyId: number;
  /** What it has: that which has been merged as far as it can be, and then what has come since. */
  first: Part | undefined = undefined;
  #last: Part | undefined = undefined;
  settled = 0;
  come = 0;
  /** When the first of all windows ends. */
  firstEnd: Instant = NEVER;
  timerAt = NEVER;

  constructor(keyId: number) {
    this.keyId = keyId;
  }

  /** What it has, if that is all in one window: what comes to that never waits. */
  get only(): Part | undefined {
    return this.settled === 1 ? this.first : undefined;
  }

  /** What it has is all in another window from now on. */
  widen(window: Window): void {
    this.first!.window = window;
    this.firstEnd = window.maxTimestamp;
  }

  /** Adds what may merge with what is there. */
  add(part: Part): void {
    if (this.first === undefined) this.settled++;
    else this.come++;
    this.#append(part);
  }

  #append(part: Part): void {
    if (this.first === undefined) this.first = part;
    else this.#last!.next = part;
    this.#last = part;
    part.next = undefined;
    const end = part.window.maxTimestamp;
    if (end < this.firstEnd) this.firstEnd = end;
  }

  windows(): readonly Window[] {
    const windows: Window[] = [];
    for (let part = this.first; part !== undefined; part = part.next) windows.push(part.window);
    return windows;
  }

  /** None of what it has merges with another. */
  settleAll(): void {
    this.settled += this.come;
    this.come = 0;
  }

  /** Has nothing but these, which merge no further. */
  settle(parts: readonly Part[]): void {
    this.#clear();
    for (const part of parts) this.#keep(part);
  }

  /** Takes out what is in windows that end before a time, the first to end first, where nothing is left to merge. */
  takeEnded(time: Instant): readonly Part[] {
    const ended: Part[] = [];
    let part = this.first;
    this.#clear();
    while (part !== undefined) {
      const { next } = part;
      if (part.window.maxTimestamp < time) {
        part.next = undefined;
        ended.push(part);
      } else this.#keep(part);
      part = next;
    }
    return ended.length === 1 ? ended : ended.sort((a, b) => a.window.maxTimestamp - b.window.maxTimestamp);
  }

  #keep(part: Part): void {
    this.settled++;
    this.#append(part);
  }

  #clear(): void {
    this.first = undefined;
    this.settled = 0;
    this.come = 0;
    this.firstEnd = NEVER;
  }
}

/** How many panes are emitted at most in one bundle: what is left is due again. */
const PANES_PER_BUNDLE = 32_768;

/** Whether windows are different, as most are: that takes no places to find it out if each ends later than the one before it. */
const eachEndsLater = (windows: readonly Window[]): boolean =>
  windows.every(({ maxTimestamp }, i) => i === 0 || maxTimestamp > windows[i - 1]!.maxTimestamp);

const ONLY_PANE = paneOf("ON_TIME", 0, 0, true);

/**
 * The state of one partition of a grouping whose windows merge and emit one pane each: key → its windows. Nothing fires before a
 * window ends, so the windows of a key are merged when the first one does, or when as many elements have come as it has windows: to
 * ask for each of many costs as much as to ask for all. One that has a single window is the rule, and is asked for at once: then what
 * comes need not wait.
 */
export class MergingGrouping implements Grouping {
  readonly drops = new Drops();
  readonly nextDeadline = NEVER;
  readonly nextSynchronizedDeadline = NEVER;
  readonly #spec: GroupingSpec;
  readonly #keys: KeyDictionary;
  readonly #merger: WindowMerger;
  /** By the number of the key. */
  readonly #byKey: (KeyWindows | undefined)[] = [];
  readonly #ends = new Agenda<KeyWindows>({
    timeOf: ({ firstEnd }) => firstEnd,
    standsAt: ({ timerAt }) => timerAt,
    standAt: (own, time) => (own.timerAt = time),
  });
  #owesDefault: boolean;
  #inputWatermark = MIN_INSTANT;

  constructor(spec: GroupingSpec, keys: KeyDictionary) {
    this.#spec = spec;
    this.#keys = keys;
    this.#merger = new WindowMerger(spec.windowing, spec.path);
    this.#owesDefault = spec.emitsDefault;
  }

  /** What time has made due comes first: it was due before the elements came, so none of them joins it. */
  run(batches: readonly Batch[], { inputWatermark }: BundleTimes, output: GroupingOutput): void {
    this.#inputWatermark = inputWatermark;
    this.#fire(output);
    for (const batch of batches) {
      this.#take(batch);
      batch.release?.();
    }
  }

  #take(batch: Batch): void {
    const { values } = batch;
    const keyIds = ownKeyIds(batch, this.#keys);
    eachRun(batch, (windows, from, to) => {
      for (const window of windows) {
        const end = window.maxTimestamp;
        const isLate = this.#inputWatermark > end;
        for (let i = from; i < to; i++) {
          if (isLate) this.#dropLate(window, keyIds[i]!);
          else this.#add(keyIds[i]!, window, values[i]);
        }
      }
    });
  }

  #dropLate(window: Window, keyId: number): void {
    this.drops.late(1, this.#keys.keyOf(keyId), window, this.#inputWatermark - expiryOf(window, this.#spec.windowing));
  }

  #add(keyId: number, window: Window, value: unknown): void {
    const own = (this.#byKey[keyId] ??= new KeyWindows(keyId));
    if (this.#joins(own, window, value)) return;
    own.add(new Part(window, value));
    if (own.come >= own.settled) this.#settle(own);
    this.#ends.note(own);
    this.#owesDefault = false;
  }

  /** Folds in an element whose window becomes one with the only one that its key has: it need not wait. */
  #joins(own: KeyWindows, window: Window, value: unknown): boolean {
    const { only } = own;
    if (only === undefined) return false;
    const into = this.#merger.intoOf(only.window, window);
    if (into === undefined) return false;
    this.#fold(value, only);
    if (into !== only.window) {
      own.widen(into);
      this.#ends.note(own);
    }
    return true;
  }

  /** Merges the windows of a key. */
  #settle(own: KeyWindows): void {
    if (own.come === 0) return;
    const windows = own.windows();
    const given = eachEndsLater(windows) ? this.#merger.ask(windows) : undefined;
    if (given?.length === 0) {
      own.settleAll();
      return;
    }
    const places = this.#merger.places<Part>();
    const placeOf: Place<Part>[] = [];
    for (let part = own.first; part !== undefined; part = part.next) placeOf.push(places.of(part.window));
    if (places.all.length > 1) this.#merger.mergesOf(places, given);
    let number = 0;
    for (let part = own.first; part !== undefined; part = part.next) {
      const place = placeOf[number++]!;
      const target = place.into ?? place;
      if (target.state !== undefined) this.#put(part, target.state);
      else {
        target.state = part;
        part.window = target.window;
      }
    }
    own.settle(places.all.map(({ state }) => state).filter((state) => state !== undefined));
  }

  /** Puts what is in a window into that of another one. */
  #put(part: Part, into: Part): void {
    if (part.isAlone) {
      this.#fold(part.content, into);
      return;
    }
    const { fn, path } = this.#spec;
    this.#accumulate(into);
    try {
      into.content = fn.merge(into.content, part.content);
    } catch (error) {
      throw stepFailed(path, part.content, error);
    }
  }

  #fold(value: unknown, into: Part): void {
    const { fn, path } = this.#spec;
    this.#accumulate(into);
    try {
      into.content = fn.add(into.content, value, NO_SIDE_INPUTS);
    } catch (error) {
      throw stepFailed(path, value, error);
    }
  }

  #accumulate(part: Part): void {
    if (!part.isAlone) return;
    const { fn, path } = this.#spec;
    try {
      part.content = fn.add(fn.create(), part.content, NO_SIDE_INPUTS);
    } catch (error) {
      throw stepFailed(path, part.content, error);
    }
    part.isAlone = false;
  }

  #fire(output: GroupingOutput): void {
    for (let room = PANES_PER_BUNDLE; room > 0;) {
      const own = this.#ends.takeBefore(this.#inputWatermark);
      if (own === undefined) break;
      this.#settle(own);
      room -= this.#emit(own, output);
      if (own.firstEnd === NEVER) this.#byKey[own.keyId] = undefined;
      else this.#ends.note(own);
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < this.#inputWatermark) {
      this.#owesDefault = false;
      output.pane([undefined, emptyOutputOf(this.#spec)], globalWindow.maxTimestamp, [globalWindow], ONLY_PANE);
    }
  }

  /** Emits those windows of a key that have ended; answers how many. */
  #emit(own: KeyWindows, output: GroupingOutput): number {
    const due = own.takeEnded(this.#inputWatermark);
    if (due.length === 0) return 0;
    const key = this.#keys.keyOf(own.keyId);
    for (const part of due) {
      this.#accumulate(part);
      const { window, content } = part;
      output.pane([key, this.#extracted(key, content)], window.maxTimestamp, [window], ONLY_PANE);
    }
    return due.length;
  }

  #extracted(key: unknown, accumulator: unknown): unknown {
    const { fn, path, look } = this.#spec;
    look?.(accumulator);
    try {
      return fn.extract(accumulator, NO_SIDE_INPUTS) as unknown;
    } catch (error) {
      throw stepFailed(path, key, error);
    }
  }

  /** What the watermark has not reached need not be known exactly: it is asked again then. */
  get hold(): Instant {
    return Math.min(this.#ends.earliestBefore(this.#inputWatermark), this.#owesDefault ? globalWindow.maxTimestamp : NEVER);
  }

  get nextTimer(): Instant {
    return this.hold;
  }

  *liveKeys(): Iterable<number> {
    for (const own of this.#byKey) if (own !== undefined) yield own.keyId;
  }
}
