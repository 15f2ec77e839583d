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
import { HeldBytes } from "../spill/held-bytes.ts";
import type { MemoryBudget, MemoryHolder } from "../spill/memory-budget.ts";
import { sortedEntriesOf, type Entries, type SortedEntries } from "../spill/sorted-entries.ts";
import type { SortedRun } from "../spill/sorted-run.ts";
import { Spilling } from "../spill/spilling.ts";
import { arrayOf, StoredList } from "../spill/stored-list.ts";

/** How many pairs are handed on at once, and at most in one bundle: what is left is due again. */
const PAIRS_AT_ONCE = 1_024;
const PAIRS_PER_BUNDLE = 32 * PAIRS_AT_ONCE;
/** Of what comes from disk, so many bytes count like a pair. */
const BYTES_OF_PAIR = 1_024;

/** How many lists of windows are kept looked up. */
const LOOK_UPS = 1_024;

/** The first and last pane of windows that fire once, when the watermark has passed their end. */
const ONLY_PANE = paneOf("ON_TIME", 0, 0, true);

/** So many keys are numbered at once: V8's `Map` ends at 16.7 million entries. */
const MOST_KEYS = 8 * 1_024 * 1_024;
/** So many elements have to come before that alone is a reason to put aside what there is. */
const ENOUGH = 1_024 * 1_024;

/** A window that has runs puts aside the rest too when it ends, where that is more than this part of the budget. */
const MUCH = 1 / 8;

/** What a window has collected. */
interface Collected {
  readonly window: Window;
  cells: Cells;
  /** How many values are in the cells. */
  values: number;
  /** Up to which place it has been emitted, where one bundle could not hold all of it. */
  emittedTo: number;
  /** What was put aside of it, in the order in which that was done. */
  readonly runs: SortedRun[];
  /** Where it is with going through its runs, once it is due. */
  merged: Merged | undefined;
}

/** What comes out of the runs of a window. */
interface Merged {
  readonly next: () => Entries | undefined;
  /** What comes next; nothing when all is emitted. */
  entries: Entries | undefined;
  at: number;
}

/**
 * The state of one partition of a grouping whose windows emit one pane each: window → key → accumulator. Elements are folded as they come and never kept,
 * unless the accumulator is a list of them.
 *
 * A window emits once, when the watermark is past its end; an element whose window has emitted is dropped and counted.
 *
 * What does not fit into memory is put aside, sorted by key, and what is there of a key comes together again when its window emits.
 */
export class SinglePaneGrouping implements Grouping, MemoryHolder {
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
  readonly #held: HeldBytes;
  /** Nothing where all is kept in memory. */
  readonly #spilling: Spilling | undefined;
  readonly #budget: MemoryBudget | undefined;
  #keptSinceSpill = 0;
  #owesDefault: boolean;

  constructor(spec: GroupingSpec, keys: KeyDictionary, mayGenerate: boolean) {
    this.#spec = spec;
    this.#keys = keys;
    this.#scope = spec.scope ?? NO_SCOPE;
    this.#fold = foldOf(spec.fn, this.#scope.ctx, mayGenerate);
    this.#merge = mergingFoldOf(spec.fn, mayGenerate);
    this.#filler = fillerOf(spec.fn);
    this.#owesDefault = spec.emitsDefault;
    this.#held = new HeldBytes(keys, spec.spill?.format.valueCoder !== undefined);
    this.#spilling = spec.spill && new Spilling(spec.spill, spec.path, spec.fn);
    this.#budget = spec.spill?.budget;
    this.#budget?.add(this);
  }

  run(batches: readonly Batch[], { inputWatermark }: BundleTimes, { pairs }: GroupingOutput): void {
    for (const batch of batches) {
      this.add(batch, inputWatermark);
      batch.release?.();
      this.#makeRoom();
    }
    this.fire(inputWatermark, pairs);
  }

  /** Folds in the elements of a batch. */
  add(batch: Batch, inputWatermark: Instant): void {
    const { values } = batch;
    const keyIds = ownKeyIds(batch, this.#keys);
    this.#lookedUp.clear();
    const fold = batch.isPartial === true ? this.#merge : this.#fold;
    let kept = 0;
    eachRun(batch, (windows, from, to) => {
      const collected = this.#collectedIn(windows, inputWatermark);
      for (const [i, each] of collected.entries()) {
        if (each === undefined) this.#dropLate(windows[i]!, batch, keyIds, from, to, inputWatermark);
        else {
          kept += to - from;
          this.#addTo(each, fold, keyIds, values, from, to);
        }
      }
    });
    if (this.#spilling !== undefined && batch.size > 0) this.#held.add(batch, keyIds, kept);
    this.#keptSinceSpill += kept;
  }

  #dropLate(window: Window, batch: Batch, keyIds: Int32Array, from: number, to: number, inputWatermark: Instant): void {
    const by = inputWatermark - expiryOf(window, this.#spec.windowing);
    for (let i = from; i < to; i++) this.drops.late(batch.keys!.weights?.[i] ?? 1, this.#keys.keyOf(keyIds[i]!), window, by);
  }

  #addTo(collected: Collected, fold: Fold, keyIds: Int32Array, values: readonly unknown[], from: number, to: number): void {
    const { cells, window } = collected;
    let thrown: unknown;
    collected.values += to - from;
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
    if (collected === undefined) this.#windows.set(identity, (collected = this.#nothingOf(window)));
    this.#owesDefault = false;
    return collected;
  }

  #nothingOf(window: Window): Collected {
    return { window, cells: new Cells(this.#filler), values: 0, emittedTo: 0, runs: [], merged: undefined };
  }

  get heldBytes(): number {
    return this.#held.bytes;
  }

  recount(): void {
    this.#held.recount(this.#windows.values());
  }

  #makeRoom(): void {
    if (this.#budget === undefined) return;
    if (this.#keys.count > MOST_KEYS && this.#keptSinceSpill > ENOUGH) this.spill();
    this.#budget.look();
  }

  /** Puts aside all that has come together. The keys' numbers are free when none is on its way. */
  spill(): void {
    this.#putAside([...this.#windows.values()]);
    this.#keptSinceSpill = 0;
    this.recount();
  }

  #putAside(windows: readonly Collected[]): void {
    const filled = windows.flatMap((collected) => {
      const entries = this.#takeEntries(collected);
      return entries.orders.length === 0 ? [] : [{ runs: collected.runs, entries }];
    });
    if (filled.length > 0) this.#spilling!.write(filled, this.#held.sizes);
  }

  /** What a window has in memory, which it has not any more. */
  #takeEntries(collected: Collected): SortedEntries {
    const entries = sortedEntriesOf(collected.cells, this.#keys);
    collected.cells = new Cells(this.#filler);
    collected.values = 0;
    collected.emittedTo = 0;
    this.#keys.sweepSoon();
    return entries;
  }

  takeSpilled(): number {
    return this.#spilling?.takeWritten() ?? 0;
  }

  /** Hands on what is due, in the order of the windows' ends, up to the measure of a bundle. */
  fire(inputWatermark: Instant, take: GroupingOutput["pairs"]): void {
    let room = PAIRS_PER_BUNDLE;
    for (const [identity, collected] of this.#due(inputWatermark)) {
      room -= this.#emit(collected, room, take);
      if (this.#isEmitted(collected)) this.#windows.delete(identity);
      if (room <= 0) return;
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < inputWatermark) this.#emitDefault(take);
  }

  #due(inputWatermark: Instant): readonly (readonly [string, Collected])[] {
    const due = [...this.#windows].filter(([, { window }]) => window.maxTimestamp < inputWatermark);
    return due.sort(([, a], [, b]) => a.window.maxTimestamp - b.window.maxTimestamp);
  }

  #isEmitted({ cells, emittedTo, runs, merged }: Collected): boolean {
    return emittedTo === cells.places && (runs.length === 0 || (merged !== undefined && merged.entries === undefined));
  }

  /** Emits as many pairs of a window as there is room for; answers how much of it that took. */
  #emit(collected: Collected, room: number, take: GroupingOutput["pairs"]): number {
    const { window } = collected;
    const stamp: Stamp = { timestamp: window.maxTimestamp, windows: [window], pane: ONLY_PANE };
    let pairs: unknown[] = [];
    const flush = (): void => {
      if (pairs.length > 0) take(pairs, stamp);
      pairs = [];
    };
    const emit = (key: unknown, accumulator: unknown): void => {
      pairs.push([key, this.#extracted(key, window, accumulator)]);
      if (pairs.length === PAIRS_AT_ONCE) flush();
    };
    const taken = collected.runs.length > 0 ? this.#eachMerged(collected, room, emit) : this.#eachInMemory(collected, room, emit);
    flush();
    return taken;
  }

  /** Takes so many entries; what is given out is let go. */
  #eachInMemory(collected: Collected, most: number, take: (key: unknown, accumulator: unknown) => void): number {
    const { cells } = collected;
    let taken = 0;
    for (; collected.emittedTo < cells.places && taken < most; collected.emittedTo++) {
      const id = cells.keyAt(collected.emittedTo);
      if (id === -1) continue;
      taken++;
      take(this.#keys.keyOf(id), cells.accumulators[collected.emittedTo]);
      cells.clear(collected.emittedTo);
    }
    return taken;
  }

  #eachMerged(collected: Collected, most: number, take: (key: unknown, accumulator: unknown) => void): number {
    const merged = (collected.merged ??= this.#beginMerge(collected));
    let taken = 0;
    for (; taken < most && merged.entries !== undefined; taken++) {
      const { keys, accumulators } = merged.entries;
      take(keys[merged.at], accumulators[merged.at]);
      taken += this.#held.bytesOf(accumulators[merged.at]) / BYTES_OF_PAIR;
      merged.at++;
      for (; merged.entries !== undefined && merged.at === merged.entries.keys.length; merged.at = 0) merged.entries = merged.next();
    }
    return taken;
  }

  #beginMerge(collected: Collected): Merged {
    this.recount();
    if (this.#held.bytes > this.#budget!.bytes * MUCH) this.#putAside([collected]);
    const { next } = this.#spilling!.merge(collected.runs, this.#takeEntries(collected), this.#held.sizes);
    let entries = next();
    while (entries?.keys.length === 0) entries = next();
    return { next, entries, at: 0 };
  }

  #extracted(key: unknown, window: Window, accumulator: unknown): unknown {
    if (accumulator instanceof StoredList) return arrayOf(accumulator);
    this.#spec.look?.(accumulator);
    this.#scope.enter(window);
    try {
      return this.#spec.fn.extract(accumulator, this.#scope.ctx);
    } catch (error) {
      throw stepFailed(this.#spec.path, key, error);
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
