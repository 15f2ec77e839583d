import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import type { Batch, Stamp } from "../batch.ts";
import type { BundleTimes } from "../bundle.ts";
import { stepFailed } from "../failures.ts";
import { eachRun } from "../exchange-slot.ts";
import {
  Drops,
  emptyOutputOf,
  expiryOf,
  NO_SCOPE,
  ownKeyIds,
  type CombineScope,
  type Grouping,
  type GroupingOutput,
  type GroupingSpec,
} from "./grouping.ts";
import { Cells } from "../cells.ts";
import { fillerOf, foldOf, mergingFoldOf, type Fold } from "../fold.ts";
import { paneOf } from "./pane-state.ts";
import { windowsIdentity } from "../window-identity.ts";
import type { KeyDictionary } from "../key-dictionary.ts";

/** How many pairs are handed on at once, and at most in one bundle: what is left is due again. */
const PAIRS_AT_ONCE = 1_024;
const PAIRS_PER_BUNDLE = 32 * PAIRS_AT_ONCE;

/** How many lists of windows are kept looked up. */
const LOOK_UPS = 1_024;

/** The first and last pane of windows that fire once, when the watermark has passed their end. */
const ONLY_PANE = paneOf("ON_TIME", 0, 0, true);

/** What a window has collected. */
interface Collected {
  readonly window: Window;
  readonly cells: Cells;
  /** Up to which place it has been emitted, where one bundle could not hold all of it. */
  emittedTo: number;
}

/**
 * The state of one partition of a grouping whose windows emit one pane each: window → key → accumulator. Elements are folded as they come and never kept,
 * unless the accumulator is a list of them.
 *
 * A window emits once, when the watermark is past its end; an element whose window has emitted is dropped and counted.
 */
export class SinglePaneGrouping implements Grouping {
  readonly drops = new Drops();
  readonly nextDeadline = NEVER;
  readonly nextSynchronizedDeadline = NEVER;
  readonly #spec: GroupingSpec;
  readonly #keys: KeyDictionary;
  readonly #scope: CombineScope;
  readonly #fold: Fold;
  /** The same for accumulators that senders have combined. */
  readonly #merge: Fold;
  readonly #filler: unknown;
  /** By the bytes of the window, which are its identity. */
  readonly #windows = new Map<string, Collected>();
  /** What was looked up in this bundle, by the list that the window function gave: neighbours in time mostly share theirs. */
  readonly #lookedUp = new Map<readonly Window[], readonly (Collected | undefined)[]>();
  #owesDefault: boolean;

  constructor(spec: GroupingSpec, keys: KeyDictionary, mayGenerate: boolean) {
    this.#spec = spec;
    this.#keys = keys;
    this.#scope = spec.scope ?? NO_SCOPE;
    this.#fold = foldOf(spec.fn, this.#scope.ctx, mayGenerate);
    this.#merge = mergingFoldOf(spec.fn, mayGenerate);
    this.#filler = fillerOf(spec.fn);
    this.#owesDefault = spec.emitsDefault;
  }

  run(batches: readonly Batch[], { inputWatermark }: BundleTimes, { pairs }: GroupingOutput): void {
    for (const batch of batches) {
      this.add(batch, inputWatermark);
      batch.release?.();
    }
    this.fire(inputWatermark, pairs);
  }

  /** Folds in the elements of a batch. */
  add(batch: Batch, inputWatermark: Instant): void {
    const { values } = batch;
    const keyIds = ownKeyIds(batch, this.#keys);
    this.#lookedUp.clear();
    const fold = batch.isPartial === true ? this.#merge : this.#fold;
    eachRun(batch, (windows, from, to) => {
      const collected = this.#collectedIn(windows, inputWatermark);
      for (const [i, each] of collected.entries()) {
        if (each === undefined) this.#dropLate(windows[i]!, batch, keyIds, from, to, inputWatermark);
        else this.#addTo(each, fold, keyIds, values, from, to);
      }
    });
  }

  #dropLate(window: Window, batch: Batch, keyIds: Int32Array, from: number, to: number, inputWatermark: Instant): void {
    const by = inputWatermark - expiryOf(window, this.#spec.windowing);
    for (let i = from; i < to; i++) this.drops.late(batch.keys!.weights?.[i] ?? 1, this.#keys.keyOf(keyIds[i]!), window, by);
  }

  #addTo({ cells, window }: Collected, fold: Fold, keyIds: Int32Array, values: readonly unknown[], from: number, to: number): void {
    let thrown: unknown;
    this.#scope.enter(window);
    const failedAt = cells.fold(fold, keyIds, values, from, to, this.#keys.size, (error) => (thrown = error));
    this.#scope.leave();
    if (failedAt !== -1) throw stepFailed(this.#spec.path, values[failedAt], thrown);
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
    const identity = windowsIdentity([window], this.#spec.windowing);
    let collected = this.#windows.get(identity);
    if (collected === undefined) this.#windows.set(identity, (collected = { window, cells: new Cells(this.#filler), emittedTo: 0 }));
    this.#owesDefault = false;
    return collected;
  }

  /** Hands on what is due, in the order of the windows' ends, up to the measure of a bundle. */
  fire(inputWatermark: Instant, take: GroupingOutput["pairs"]): void {
    let room = PAIRS_PER_BUNDLE;
    for (const [identity, collected] of this.#due(inputWatermark)) {
      room -= this.#emit(collected, room, take);
      if (collected.emittedTo === collected.cells.places) this.#windows.delete(identity);
      if (room === 0) return;
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < inputWatermark) this.#emitDefault(take);
  }

  #due(inputWatermark: Instant): readonly (readonly [string, Collected])[] {
    const due = [...this.#windows].filter(([, { window }]) => window.maxTimestamp < inputWatermark);
    return due.sort(([, a], [, b]) => a.window.maxTimestamp - b.window.maxTimestamp);
  }

  /** Emits as many pairs of a window as there is room for; answers how many. */
  #emit(collected: Collected, room: number, take: GroupingOutput["pairs"]): number {
    const { window, cells } = collected;
    const stamp: Stamp = { timestamp: window.maxTimestamp, windows: [window], pane: ONLY_PANE };
    let pairs: unknown[] = [];
    let emitted = 0;
    const flush = (): void => {
      if (pairs.length > 0) take(pairs, stamp);
      pairs = [];
    };
    for (; collected.emittedTo < cells.places && emitted < room; collected.emittedTo++) {
      const id = cells.keyAt(collected.emittedTo);
      if (id === -1) continue;
      emitted++;
      pairs.push([this.#keys.keyOf(id), this.#extracted(id, window, cells.accumulators[collected.emittedTo])]);
      if (pairs.length === PAIRS_AT_ONCE) flush();
    }
    flush();
    return emitted;
  }

  #extracted(id: number, window: Window, accumulator: unknown): unknown {
    this.#spec.look?.(accumulator);
    this.#scope.enter(window);
    try {
      return this.#spec.fn.extract(accumulator, this.#scope.ctx);
    } catch (error) {
      throw stepFailed(this.#spec.path, this.#keys.keyOf(id), error);
    } finally {
      this.#scope.leave();
    }
  }

  /** What a combine of a whole collection gives when there is nothing in it. */
  #emitDefault(take: GroupingOutput["pairs"]): void {
    this.#owesDefault = false;
    const value = emptyOutputOf(this.#spec);
    take([[undefined, value]], { timestamp: globalWindow.maxTimestamp, windows: [globalWindow], pane: ONLY_PANE });
  }

  #isExpired(window: Window, inputWatermark: Instant): boolean {
    return inputWatermark > expiryOf(window, this.#spec.windowing);
  }

  /** Where the output watermark has to wait: at the end of the first window that still has something to emit. */
  get hold(): Instant {
    let hold = this.#owesDefault ? globalWindow.maxTimestamp : NEVER;
    for (const { window } of this.#windows.values()) hold = Math.min(hold, window.maxTimestamp);
    return hold;
  }

  *liveKeys(): Generator<number> {
    for (const { cells } of this.#windows.values()) {
      for (let place = 0; place < cells.places; place++) {
        const id = cells.keyAt(place);
        if (id !== -1) yield id;
      }
    }
  }

  /** The instant after which a window is due: the same, since windows emit when they end. */
  get nextTimer(): Instant {
    return this.hold;
  }
}
