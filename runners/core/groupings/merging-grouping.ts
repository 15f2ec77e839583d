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
  /** Those that have been merged, as far as they merge. */
  collected: Collected[] = [];
  /** Elements since then, each with its window. */
  windows: Window[] = [];
  values: unknown[] = [];
  /** When the first of all windows ends. */
  firstEnd: Instant = NEVER;
  timerAt = NEVER;

  constructor(keyId: number) {
    this.keyId = keyId;
  }

  add(window: Window, value: unknown): void {
    this.windows.push(window);
    this.values.push(value);
    if (window.maxTimestamp < this.firstEnd) this.firstEnd = window.maxTimestamp;
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
  readonly #byKey = new Map<number, KeyWindows>();
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
        const isLate = this.#inputWatermark > window.maxTimestamp;
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
    let own = this.#byKey.get(keyId);
    if (own === undefined) this.#byKey.set(keyId, (own = new KeyWindows(keyId)));
    own.add(window, value);
    if (own.values.length >= this.#worthMerging && own.values.length >= own.collected.length) this.#settle(own);
    this.#ends.note(own);
    this.#owesDefault = false;
  }

  /** Merges the windows of a key, and folds in the elements that have come. */
  #settle(own: KeyWindows): void {
    const { windows, values } = own;
    if (windows.length === 0) return;
    own.windows = [];
    own.values = [];
    const places = this.#merger.places<Collected>();
    for (const each of own.collected) places.of(each.window).state = each;
    const placeOf = windows.map((window) => places.of(window));
    if (places.all.length > 1) for (const merge of this.#merger.mergesOf(places)) this.#merge(merge);
    for (let i = 0; i < values.length; i++) this.#fold(placeOf[i]!.into ?? placeOf[i]!, values[i]);
    own.collected = places.all.flatMap((place) => ((place.into ?? place) === place ? place.state! : []));
    this.#findFirstEnd(own);
  }

  #merge({ parts, into }: Merge<Collected>): void {
    const { fn, path } = this.#spec;
    const collected = parts.toSorted((a, b) => a.number - b.number).flatMap(({ state }) => state ?? []);
    const [first, ...others] = collected;
    if (first === undefined) return;
    into.state = { window: into.window, accumulator: first.accumulator };
    for (const { accumulator } of others) {
      try {
        into.state.accumulator = fn.merge(into.state.accumulator, accumulator);
      } catch (error) {
        throw stepFailed(path, accumulator, error);
      }
    }
  }

  #fold(place: Place<Collected>, value: unknown): void {
    const { fn, path } = this.#spec;
    try {
      place.state ??= { window: place.window, accumulator: fn.create() };
      place.state.accumulator = fn.add(place.state.accumulator, value, NO_SIDE_INPUTS);
    } catch (error) {
      throw stepFailed(path, value, error);
    }
  }

  #findFirstEnd(own: KeyWindows): void {
    own.firstEnd = NEVER;
    for (const { window } of own.collected) own.firstEnd = Math.min(own.firstEnd, window.maxTimestamp);
  }

  #fire(output: GroupingOutput): void {
    for (let room = PANES_PER_BUNDLE; room > 0;) {
      const own = this.#ends.takeBefore(this.#inputWatermark);
      if (own === undefined) break;
      this.#settle(own);
      room -= this.#emit(own, output);
      if (own.collected.length === 0) this.#byKey.delete(own.keyId);
      else this.#ends.note(own);
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < this.#inputWatermark) {
      this.#owesDefault = false;
      output.pane([undefined, emptyOutputOf(this.#spec)], globalWindow.maxTimestamp, [globalWindow], ONLY_PANE);
    }
  }

  /** Emits those windows of a key that have ended; answers how many. */
  #emit(own: KeyWindows, output: GroupingOutput): number {
    const isDue = ({ window }: Collected): boolean => window.maxTimestamp < this.#inputWatermark;
    const due = own.collected.filter(isDue).sort((a, b) => a.window.maxTimestamp - b.window.maxTimestamp);
    if (due.length === 0) return 0;
    const key = this.#keys.keyOf(own.keyId);
    for (const { window, accumulator } of due) {
      output.pane([key, this.#extracted(key, accumulator)], window.maxTimestamp, [window], ONLY_PANE);
    }
    own.collected = own.collected.filter((each) => !isDue(each));
    this.#findFirstEnd(own);
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

  liveKeys(): Iterable<number> {
    return this.#byKey.keys();
  }
}
