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
import { WindowMerger, type Merge, type Place } from "./window-merger.ts";

/** What a key has in a window. */
interface Collected {
  readonly window: Window;
  accumulator: unknown;
}

/** The windows of one key. */
class KeyWindows {
  readonly keyId: number;
  /** Those with several elements. */
  collected: Collected[] = [];
  /** Elements, each with its window and when that ends: those that are alone in theirs, and then those that have come since. */
  windows: Window[] = [];
  ends: Instant[] = [];
  values: unknown[] = [];
  /** How many are alone. */
  alone = 0;
  /** When the first of all windows ends. */
  firstEnd: Instant = NEVER;
  timerAt = NEVER;

  constructor(keyId: number) {
    this.keyId = keyId;
  }

  add(window: Window, end: Instant, value: unknown): void {
    this.windows.push(window);
    this.ends.push(end);
    this.values.push(value);
    if (end < this.firstEnd) this.firstEnd = end;
  }

  /** Whether so many have come that it is time to see what merges. */
  isWorthMerging(least: number): boolean {
    const come = this.values.length - this.alone;
    return come >= least && come >= this.collected.length + this.alone;
  }

  /** Leaves only elements that are alone, in the order of their numbers. */
  keep(numbers: readonly number[]): void {
    numbers.forEach((number, i) => {
      this.windows[i] = this.windows[number]!;
      this.ends[i] = this.ends[number]!;
      this.values[i] = this.values[number];
    });
    this.windows.length = numbers.length;
    this.ends.length = numbers.length;
    this.values.length = numbers.length;
    this.alone = numbers.length;
  }

  findFirstEnd(): void {
    this.firstEnd = NEVER;
    for (const { window } of this.collected) this.firstEnd = Math.min(this.firstEnd, window.maxTimestamp);
    for (const end of this.ends) this.firstEnd = Math.min(this.firstEnd, end);
  }
}

const WORTH_MERGING = 64;
/** How many panes are emitted at most in one bundle: what is left is due again. */
const PANES_PER_BUNDLE = 32_768;

const ONLY_PANE = paneOf("ON_TIME", 0, 0, true);

/**
 * The state of one partition of a grouping whose windows merge and emit one pane each: key → its windows. Nothing fires before a
 * window ends, so the windows of a key are merged when the first one does, or when many elements have come: to ask for each of
 * them costs many times what it costs to ask for all.
 */
export class MergingGrouping implements Grouping {
  readonly drops = new Drops();
  readonly nextDeadline = NEVER;
  readonly nextSynchronizedDeadline = NEVER;
  readonly #worthMerging: number;
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

  /** @param worthMerging - so many elements of a key wait before its windows are merged, and no fewer than it has windows. */
  constructor(spec: GroupingSpec, keys: KeyDictionary, worthMerging = WORTH_MERGING) {
    this.#worthMerging = worthMerging;
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
          else this.#add(keyIds[i]!, window, end, values[i]);
        }
      }
    });
  }

  #dropLate(window: Window, keyId: number): void {
    this.drops.late(1, this.#keys.keyOf(keyId), window, this.#inputWatermark - expiryOf(window, this.#spec.windowing));
  }

  #add(keyId: number, window: Window, end: Instant, value: unknown): void {
    const own = (this.#byKey[keyId] ??= new KeyWindows(keyId));
    own.add(window, end, value);
    if (own.isWorthMerging(this.#worthMerging)) this.#settle(own);
    this.#ends.note(own);
    this.#owesDefault = false;
  }

  /** Merges the windows of a key, and folds in the elements that have come, but for those that stay alone in their window. */
  #settle(own: KeyWindows): void {
    const { collected, windows, ends, values } = own;
    if (values.length === own.alone) return;
    const places = this.#merger.places<Collected>();
    for (const each of collected) places.of(each.window).state = each;
    const placeOf: Place<Collected>[] = [];
    for (let i = 0; i < windows.length; i++) placeOf.push(places.of(windows[i]!, ends[i]!));
    if (places.all.length > 1) for (const merge of this.#merger.mergesOf(places)) this.#merge(merge);
    for (let i = 0; i < values.length; i++) this.#put(i, placeOf[i]!, values);
    own.collected = [];
    const alone: number[] = [];
    for (const place of places.all) {
      if (place.waiting !== undefined) alone.push(place.waiting);
      else if (place.state !== undefined && (place.into ?? place) === place) own.collected.push(place.state);
    }
    own.keep(alone.sort((a, b) => a - b));
    own.findFirstEnd();
  }

  /** An element that is alone in its own window waits for others. */
  #put(number: number, place: Place<Collected>, values: readonly unknown[]): void {
    const target = place.into ?? place;
    if (target === place && target.state === undefined && target.waiting === undefined) {
      target.waiting = number;
      return;
    }
    if (target.waiting !== undefined) target.state = this.#fold(target.state, target.window, values[target.waiting]);
    target.waiting = undefined;
    target.state = this.#fold(target.state, target.window, values[number]);
  }

  #merge({ parts, into }: Merge<Collected>): void {
    const { fn, path } = this.#spec;
    const [first, ...others] = parts.filter(({ state }) => state !== undefined).sort((a, b) => a.number - b.number);
    if (first === undefined) return;
    into.state = { window: into.window, accumulator: first.state!.accumulator };
    for (const { state } of others) {
      try {
        into.state.accumulator = fn.merge(into.state.accumulator, state!.accumulator);
      } catch (error) {
        throw stepFailed(path, state!.accumulator, error);
      }
    }
  }

  /** Adds an element to what a window has, which may be nothing yet. */
  #fold(known: Collected | undefined, window: Window, value: unknown): Collected {
    const { fn, path } = this.#spec;
    try {
      const state = known ?? { window, accumulator: fn.create() as unknown };
      state.accumulator = fn.add(state.accumulator, value, NO_SIDE_INPUTS);
      return state;
    } catch (error) {
      throw stepFailed(path, value, error);
    }
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
    const due = this.#takeDue(own).sort((a, b) => a.window.maxTimestamp - b.window.maxTimestamp);
    if (due.length === 0) return 0;
    const key = this.#keys.keyOf(own.keyId);
    for (const { window, accumulator } of due) {
      output.pane([key, this.#extracted(key, accumulator)], window.maxTimestamp, [window], ONLY_PANE);
    }
    return due.length;
  }

  #takeDue(own: KeyWindows): Collected[] {
    const isDue = (end: Instant): boolean => end < this.#inputWatermark;
    const due = own.collected.filter(({ window }) => isDue(window.maxTimestamp));
    if (due.length > 0) own.collected = own.collected.filter(({ window }) => !isDue(window.maxTimestamp));
    const left: number[] = [];
    for (let i = 0; i < own.values.length; i++) {
      if (isDue(own.ends[i]!)) due.push(this.#fold(undefined, own.windows[i]!, own.values[i]));
      else left.push(i);
    }
    if (left.length < own.values.length) own.keep(left);
    own.findFirstEnd();
    return due;
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
