import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { NEVER, type Instant } from "../../sdk/time.ts";
import type { Pane, Window, WindowingStrategy } from "../../sdk/windowing.ts";
import { isStamp, type Batch, type Stamp } from "./batch.ts";
import type { KeyDictionary } from "./key-dictionary.ts";

/** Takes what a window emits: many pairs that share time, window and pane. */
export type TakePairs = (pairs: readonly unknown[], stamp: Stamp) => void;

/** How many pairs are handed on at once, and at most in one bundle: what is left is due again. */
const PAIRS_AT_ONCE = 1_024;
const PAIRS_PER_BUNDLE = 32 * PAIRS_AT_ONCE;

/** The first and last pane of windows that fire once, when the watermark has passed their end. */
const ONLY_PANE: Pane = Object.freeze({ timing: "ON_TIME", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true });

/** How many lists of windows are kept looked up. */
const LOOK_UPS = 1_024;

const NOTHING = Symbol("no accumulator");

/** What a window has collected: an accumulator for each key, at the key's place in the dictionary. */
interface Collected {
  readonly window: Window;
  readonly accumulators: unknown[];
  /** The keys that have one, in the order in which they came. */
  readonly keyIds: number[];
  /** How many of them have been emitted, where one bundle could not hold them all. */
  emitted: number;
}

/**
 * The state of one partition of a grouping: window → key → accumulator. Elements are folded as they come and never kept,
 * unless the accumulator is a list of them.
 *
 * A window emits once, when the watermark is past its end; an element whose window has emitted is dropped and counted.
 */
export class Grouping {
  readonly #fn: AnyCombineFn;
  readonly #windowing: WindowingStrategy;
  readonly #keys: KeyDictionary;
  /** By the bytes of the window, which are its identity. */
  readonly #windows = new Map<string, Collected>();
  /** What was looked up in this bundle, by the list that the window function gave: neighbours in time mostly share theirs. */
  readonly #lookedUp = new Map<readonly Window[], readonly (Collected | undefined)[]>();
  /** Elements, one for each of their windows, that came after the window had expired. */
  droppedLate = 0;

  constructor(fn: AnyCombineFn, windowing: WindowingStrategy, keys: KeyDictionary) {
    this.#fn = fn;
    this.#windowing = windowing;
    this.#keys = keys;
  }

  /** Folds in the elements of a batch. */
  add(batch: Batch, inputWatermark: Instant): void {
    const { values, stamps, size } = batch;
    const keyIds = this.#keyIdsOf(batch);
    this.#lookedUp.clear();
    if (isStamp(stamps)) {
      for (const collected of this.#collectedIn(stamps.windows, inputWatermark)) {
        if (collected === undefined) this.droppedLate += size;
        else for (let i = 0; i < size; i++) this.#addTo(collected, keyIds[i]!, values[i]);
      }
      return;
    }
    for (let i = 0; i < size; i++) {
      for (const collected of this.#collectedIn(stamps.windows[i]!, inputWatermark)) {
        if (collected === undefined) this.droppedLate++;
        else this.#addTo(collected, keyIds[i]!, values[i]);
      }
    }
  }

  /** The ids of a batch's keys in the dictionary of this partition. */
  #keyIdsOf({ keys }: Batch): Int32Array {
    const { ids, distinct } = keys!;
    if (distinct === undefined) return ids;
    const own = Int32Array.from(distinct, (key) => this.#keys.idOf(key));
    return ids.map((id) => own[id]!);
  }

  #addTo({ accumulators, keyIds }: Collected, keyId: number, value: unknown): void {
    while (accumulators.length <= keyId) accumulators.push(NOTHING);
    let accumulator = accumulators[keyId];
    if (accumulator === NOTHING) {
      accumulator = this.#fn.create();
      keyIds.push(keyId);
    }
    accumulators[keyId] = this.#fn.add(accumulator, value);
  }

  /** What the windows have collected; `undefined` for one that has expired. */
  #collectedIn(windows: readonly Window[], inputWatermark: Instant): readonly (Collected | undefined)[] {
    const known = this.#lookedUp.get(windows);
    if (known !== undefined) return known;
    const collected = windows.map((window) => (this.#isExpired(window, inputWatermark) ? undefined : this.#collected(window)));
    if (this.#lookedUp.size === LOOK_UPS) this.#lookedUp.clear();
    this.#lookedUp.set(windows, collected);
    return collected;
  }

  #collected(window: Window): Collected {
    const identity = String.fromCharCode(...this.#windowing.windowFn.windowCoder.encode(window));
    let collected = this.#windows.get(identity);
    if (collected === undefined) this.#windows.set(identity, (collected = { window, accumulators: [], keyIds: [], emitted: 0 }));
    return collected;
  }

  /** Hands on what is due, in the order of the windows' ends, up to the measure of a bundle. */
  fire(inputWatermark: Instant, take: TakePairs): void {
    let room = PAIRS_PER_BUNDLE;
    for (const [identity, collected] of this.#due(inputWatermark)) {
      room -= this.#emit(collected, room, take);
      if (collected.emitted === collected.keyIds.length) this.#windows.delete(identity);
      if (room === 0) break;
    }
  }

  #due(inputWatermark: Instant): readonly (readonly [string, Collected])[] {
    return [...this.#windows]
      .filter(([, { window }]) => window.maxTimestamp < inputWatermark)
      .sort(([, a], [, b]) => a.window.maxTimestamp - b.window.maxTimestamp);
  }

  #emit(collected: Collected, room: number, take: TakePairs): number {
    const { window, accumulators, keyIds } = collected;
    const stamp: Stamp = { timestamp: window.maxTimestamp, windows: [window], pane: ONLY_PANE };
    const end = Math.min(keyIds.length, collected.emitted + room);
    const first = collected.emitted;
    for (let from = first; from < end; from += PAIRS_AT_ONCE) {
      const pairs = keyIds
        .slice(from, Math.min(end, from + PAIRS_AT_ONCE))
        .map((id) => [this.#keys.keyOf(id), this.#fn.extract(accumulators[id])]);
      take(pairs, stamp);
    }
    collected.emitted = end;
    return end - first;
  }

  #isExpired(window: Window, inputWatermark: Instant): boolean {
    return inputWatermark > window.maxTimestamp + this.#windowing.allowedLateness;
  }

  /** Where the output watermark has to wait: at the end of the first window that still has something to emit. */
  get hold(): Instant {
    let hold = NEVER;
    for (const { window } of this.#windows.values()) hold = Math.min(hold, window.maxTimestamp);
    return hold;
  }

  /** The instant after which a window is due: the same, since windows emit when they end. */
  get nextTimer(): Instant {
    return this.hold;
  }
}
