import { NO_SIDE_INPUTS, type AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { NO_FIRING, type Pane, type Window, type WindowingStrategy } from "../../sdk/windowing.ts";
import { NEVER, type Instant } from "../../sdk/time.ts";
import { isStamp, type Batch, type BatchKeys, type Spans } from "./batch.ts";
import { stepFailed } from "./failures.ts";
import { Cells } from "./cells.ts";
import { fillerOf, foldOf, type Fold } from "./fold.ts";
import { windowsIdentity } from "./window-identity.ts";
import { KeyDictionary } from "./key-dictionary.ts";
import { partitionOf } from "./key-groups.ts";
import { OpenBatch, type Destination } from "./open-batch.ts";
import { KeyedSlot, type GroupingNeeds, type Slot } from "./slot.ts";
import type { AnyCoder } from "../../sdk/coders/coder.ts";

/** Where an exchange leads to, and how it may be made smaller. */
export interface ExchangeSpec {
  readonly to: Destination;
  readonly partitions: number;
  readonly keyCoder: AnyCoder;
  readonly capacity: number;
  readonly needs?: GroupingNeeds;
  /** Combines what a bundle has for a key and window before it is sent; nothing where that may not be done. */
  readonly lift: LiftSpec | undefined;
}

/** How values are combined before they are sent. */
export interface LiftSpec {
  readonly fn: AnyCombineFn;
  readonly windowing: WindowingStrategy;
  /** Whom to name when the combiner throws. */
  readonly path: string;
  readonly generatesCode: boolean;
}

/** What a bundle has for some windows, combined. */
interface LiftedCells {
  readonly windows: readonly Window[];
  readonly cells: Cells;
  earliest: Instant;
}

/** The sender's dictionary is begun anew when it has this many keys. */
const MOST_KEYS = 64 * 1_024;
/** Combining pays where it halves what is sent; where it does not, so many times the elements go without before it is tried again. */
const WORTH_IT = 0.5;
const PAUSE = 16;
/** About how many elements are combined to one. */
const COMBINED = 16;

/**
 * Pairs for a grouping that has several partitions. They are taken like those for a single one, with their keys numbered;
 * at the end of a bundle they are combined, where keys repeat, and sorted by partition: a key's hash is worked out once
 * and not for each of its elements.
 */
export class ExchangeSlot implements Slot {
  readonly #spec: ExchangeSpec;
  readonly #sealed: Batch[] = [];
  readonly #open: readonly OpenBatch[];
  readonly #fold: Fold | undefined;
  #inner: KeyedSlot;
  /** By key number: its partition, and its number in the batch that is open there; -1 where it has none yet. */
  #partitionOf = new Int32Array(0);
  #placeIn = new Int32Array(0);
  /** By partition: the keys of the open batch, by their numbers here. */
  readonly #keysIn: number[][];
  /** By partition: how many elements each value of the open batch stands for; none where values are elements. */
  readonly #weightsIn: number[][];
  /** How many elements still go without being combined. */
  #pause = 0;

  constructor(spec: ExchangeSpec) {
    const { to, partitions, capacity, needs, lift } = spec;
    this.#spec = spec;
    this.#inner = this.#newInner();
    this.#keysIn = Array.from({ length: partitions }, () => []);
    this.#weightsIn = Array.from({ length: partitions }, () => []);
    this.#fold = lift && foldOf(lift.fn, NO_SIDE_INPUTS, lift.generatesCode);
    this.#open = this.#keysIn.map((_, partition) => {
      const takeKeys = (): Omit<BatchKeys, "ids"> => ({ distinct: this.#takeKeysIn(partition), weights: this.#takeWeightsIn(partition) });
      return new OpenBatch(to, { ...needs, capacity, partition, sealed: this.#sealed, hasKeys: true, takeKeys });
    });
  }

  get open(): OpenBatch {
    return this.#inner.open;
  }

  get keys(): KeyDictionary {
    return this.#inner.keys;
  }

  /** Where it combines before it sends, what it keeps comes to little. */
  get size(): number {
    return this.#fold === undefined ? this.#inner.size : this.#inner.size / COMBINED;
  }

  put(pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    this.#inner.put(pair, timestamp, windows, pane);
  }

  takeBatches(): readonly Batch[] {
    const batches = this.#inner.takeBatches();
    if (batches.length === 0) return batches;
    this.#makeRoom();
    if (!this.#sendCombined(batches)) {
      for (const batch of batches) this.#send(batch);
      this.#closeOpen();
    }
    if (this.keys.size > MOST_KEYS) this.#startAnew();
    return this.#sealed.splice(0);
  }

  /** Combines by window and key, and sends the accumulators. Answers whether it did. */
  #sendCombined(batches: readonly Batch[]): boolean {
    if (this.#fold === undefined) return false;
    let elements = 0;
    for (const { size } of batches) elements += size;
    if (this.#pause > 0) {
      this.#pause -= elements;
      return false;
    }
    const lifted = new Map<string, LiftedCells>();
    const lookedUp = new Map<readonly Window[], LiftedCells>();
    for (const batch of batches) {
      eachRun(batch, (windows, from, to) => {
        let own = lookedUp.get(windows);
        if (own === undefined) lookedUp.set(windows, (own = this.#liftedCells(lifted, windows)));
        this.#foldRun(own, batch, from, to);
      });
    }
    let partials = 0;
    const flags = this.#sealed.length;
    for (const { windows, cells, earliest } of lifted.values()) {
      for (let place = 0; place < cells.places; place++) {
        const id = cells.keyAt(place);
        if (id === -1) continue;
        partials++;
        this.#add(id, cells.accumulators[place], earliest, windows, NO_FIRING, cells.weights![place]);
      }
    }
    this.#closeOpen();
    this.#sealed.splice(flags, this.#sealed.length - flags, ...this.#sealed.slice(flags).map((batch) => ({ ...batch, isPartial: true })));
    if (partials > elements * WORTH_IT) this.#pause = PAUSE * elements;
    for (const batch of batches) batch.release?.();
    return true;
  }

  #liftedCells(lifted: Map<string, LiftedCells>, windows: readonly Window[]): LiftedCells {
    const { fn, windowing } = this.#spec.lift!;
    const identity = windowsIdentity(windows, windowing);
    let own = lifted.get(identity);
    if (own === undefined) lifted.set(identity, (own = { windows, cells: new Cells(fillerOf(fn), { counts: true }), earliest: NEVER }));
    return own;
  }

  #foldRun(own: LiftedCells, { values, keys, earliest }: Batch, from: number, to: number): void {
    own.earliest = Math.min(own.earliest, earliest);
    const { ids } = keys!;
    let thrown: unknown;
    const failedAt = own.cells.fold(this.#fold!, ids, values, from, to, this.keys.size, (error) => (thrown = error));
    if (failedAt !== -1) throw stepFailed(this.#spec.lift!.path, values[failedAt], thrown);
  }

  #send(batch: Batch): void {
    if (batch.spans === undefined) this.#sendStamped(batch);
    else this.#sendSpans(batch, batch.spans);
    batch.release?.();
  }

  #sendSpans({ values, earliest, keys, size }: Batch, { starts, ends }: Spans): void {
    for (let i = 0; i < size; i++) {
      const id = keys!.ids[i]!;
      const open = this.#openFor(id);
      if (open.size === open.capacity) open.seal();
      open.addSpan(values[i], this.#placeOf(id), earliest, starts[i]!, ends[i]!);
    }
  }

  #sendStamped(batch: Batch): void {
    const { values, stamps, earliest, keys } = batch;
    const columns = this.#spec.needs?.hasStamps === true && !isStamp(stamps) ? stamps : undefined;
    const pane = isStamp(stamps) ? stamps.pane : NO_FIRING;
    const time = isStamp(stamps) ? stamps.timestamp : earliest;
    eachRun(batch, (windows, from, to) => {
      for (let i = from; i < to; i++)
        this.#add(keys!.ids[i]!, values[i], columns?.timestamps[i] ?? time, windows, columns?.panes[i] ?? pane);
    });
  }

  /** Puts a value into the open batch of its key's partition. */
  #add(id: number, value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane, weight?: number): void {
    const open = this.#openFor(id);
    if (open.size === open.capacity || !open.fits(timestamp, windows, pane)) open.seal();
    if (weight !== undefined) this.#weightsIn[open.partition]!.push(weight);
    open.add(value, this.#placeOf(id), timestamp, windows, pane);
  }

  #openFor(id: number): OpenBatch {
    return this.#open[this.#partition(id)]!;
  }

  /** The number of a key in the batch that is open; asked when there is room in it: a new batch has new numbers. */
  #placeOf(id: number): number {
    if (this.#placeIn[id] === -1) this.#placeIn[id] = this.#keysIn[this.#partition(id)]!.push(id) - 1;
    return this.#placeIn[id]!;
  }

  #partition(id: number): number {
    const known = this.#partitionOf[id]!;
    if (known !== -1) return known;
    return (this.#partitionOf[id] = partitionOf(this.keys.groupOf(id), this.#spec.partitions));
  }

  /** The keys of a batch that is sealed; their numbers are free for the next one. */
  #takeKeysIn(partition: number): readonly unknown[] {
    const ids = this.#keysIn[partition]!;
    this.#keysIn[partition] = [];
    for (const id of ids) this.#placeIn[id] = -1;
    return ids.map((id) => this.keys.keyOf(id));
  }

  #takeWeightsIn(partition: number): Int32Array | undefined {
    const weights = this.#weightsIn[partition]!;
    this.#weightsIn[partition] = [];
    return weights.length === 0 ? undefined : Int32Array.from(weights);
  }

  #closeOpen(): void {
    for (const open of this.#open) open.close();
  }

  #makeRoom(): void {
    if (this.#partitionOf.length >= this.keys.size) return;
    const length = 2 * this.keys.size;
    this.#partitionOf = grown(this.#partitionOf, length);
    this.#placeIn = grown(this.#placeIn, length);
  }

  #startAnew(): void {
    this.#inner = this.#newInner();
    this.#partitionOf = new Int32Array(0);
    this.#placeIn = new Int32Array(0);
  }

  #newInner(): KeyedSlot {
    const { to, keyCoder, capacity, needs } = this.#spec;
    return new KeyedSlot(to, new KeyDictionary(keyCoder), capacity, needs);
  }
}

/** Runs of elements that are in the same windows, which is what most batches consist of. */
export function eachRun({ stamps, size }: Batch, take: (windows: readonly Window[], from: number, to: number) => void): void {
  if (isStamp(stamps)) {
    take(stamps.windows, 0, size);
    return;
  }
  const { windows } = stamps;
  for (let from = 0; from < size;) {
    const run = windows[from]!;
    let to = from + 1;
    while (to < size && windows[to] === run) to++;
    take(run, from, to);
    from = to;
  }
}

function grown(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length).fill(-1);
  more.set(numbers);
  return more;
}
