import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import { allDecoded, encodeAll } from "../../../sdk/coders/frames.ts";
import type { TemporaryFile } from "../ports.ts";
import type { SortedEntries } from "./sorted-entries.ts";
import { StoredList, storedList } from "./stored-list.ts";

/** How the entries of a grouping are written. */
export interface RunFormat {
  readonly keyCoder: AnyCoder;
  readonly accumulatorCoder: AnyCoder;
  /** The coder of a value where accumulators are lists of values: then a long one is written apart, and read in pieces. */
  readonly valueCoder: AnyCoder | undefined;
  /** About how many bytes of memory what is written and read at once takes. */
  readonly blockBytes: number;
}

/** A stretch of a run that is written and read at once. */
interface Block {
  readonly at: number;
  readonly size: number;
  readonly keyBytes: number;
  readonly bytes: number;
  /** The lists of it that are too long for it, by their place. */
  readonly long: ReadonlyMap<number, StoredList> | undefined;
}

/** What a grouping had of one window when it was put aside, on disk in the order of its keys; keys are there once. */
export interface SortedRun {
  readonly blocks: readonly Block[];
  /** How often its entries have been merged. */
  readonly level: number;
  readonly file: RunFile;
}

/** A file of several runs, which is closed with the last of them. */
export class RunFile {
  readonly #open: () => TemporaryFile;
  #file: TemporaryFile | undefined;
  #users = 1;

  /** Whoever makes it uses it. */
  constructor(open: () => TemporaryFile) {
    this.#open = open;
  }

  get file(): TemporaryFile {
    return (this.#file ??= this.#open());
  }

  use(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.#file?.close();
  }
}

/** Where entries are written. */
export interface RunTarget {
  readonly runs: RunFile;
  /** Where lists go that are too long for a block, which live longer than runs. */
  readonly openLists: () => TemporaryFile;
  /** Counts bytes. */
  readonly onWritten: (bytes: number) => void;
}

/** So many entries are in a block at most. */
const MOST_IN_BLOCK = 4_096;
/** A list that takes more than this part of a block is written apart; and one that came together of several, more than so many blocks. */
const LONG_PART = 1 / 2;
export const LONG_BLOCKS = 8;

/** Writes one run, from entries that come in their order. */
export class RunWriter {
  readonly #format: RunFormat;
  readonly #target: RunTarget;
  readonly #blocks: Block[] = [];
  #orders: number[] = [];
  #keys: unknown[] = [];
  #accumulators: unknown[] = [];
  #long: Map<number, StoredList> | undefined;
  #bytes = 0;

  constructor(format: RunFormat, target: RunTarget) {
    this.#format = format;
    this.#target = target;
  }

  /**
   * Takes entries that come behind those that are there.
   *
   * @param entryBytes - about how many bytes of memory an entry takes; one with a list does so without its values.
   * @param valueBytes - about how many each of the values takes that are in lists.
   */
  add({ orders, keys, accumulators }: SortedEntries, entryBytes: number, valueBytes: number): void {
    for (let i = 0; i < orders.length; i++) {
      const order = orders[i]!;
      // Keys that are sorted alike are in one block: then what is up to a block's end is all there is.
      if ((this.#bytes >= this.#format.blockBytes || this.#orders.length >= MOST_IN_BLOCK) && order !== this.#orders.at(-1)) this.#close();
      this.#orders.push(order);
      this.#keys.push(keys[i]);
      this.#addAccumulator(accumulators[i], valueBytes);
      this.#bytes += entryBytes;
    }
  }

  #addAccumulator(accumulator: unknown, valueBytes: number): void {
    if (this.#format.valueCoder === undefined) {
      this.#accumulators.push(accumulator);
      return;
    }
    const list = longOr(accumulator as unknown[] | StoredList, LONG_PART, valueBytes, this.#format, this.#target);
    if (list instanceof StoredList) (this.#long ??= new Map()).set(this.#accumulators.length, list);
    else this.#bytes += list.length * valueBytes;
    this.#accumulators.push(list instanceof StoredList ? [] : list);
  }

  #close(): void {
    if (this.#orders.length === 0) return;
    const orders = Uint32Array.from(this.#orders);
    const keys = encodeAll(this.#format.keyCoder, this.#keys);
    const accumulators = encodeAll(this.#format.accumulatorCoder, this.#accumulators);
    const { file } = this.#target.runs;
    const at = file.append(new Uint8Array(orders.buffer));
    file.append(keys);
    file.append(accumulators);
    const bytes = orders.byteLength + keys.length + accumulators.length;
    this.#target.onWritten(bytes);
    this.#blocks.push({ at, size: orders.length, keyBytes: keys.length, bytes, long: this.#long });
    this.#orders = [];
    this.#keys = [];
    this.#accumulators = [];
    this.#long = undefined;
    this.#bytes = 0;
  }

  /** What was written. */
  end(level: number): SortedRun {
    this.#close();
    return { blocks: this.#blocks, level, file: this.#target.runs.use() };
  }
}

/** A list that is longer than so many blocks, on disk; another one as it is. */
export function longOr(
  list: unknown[] | StoredList,
  blocks: number,
  valueBytes: number,
  format: RunFormat,
  target: Pick<RunTarget, "openLists" | "onWritten">,
): unknown[] | StoredList {
  if (list instanceof StoredList || list.length * valueBytes <= format.blockBytes * blocks) return list;
  return stored(list, valueBytes, format, target);
}

/** A list on disk, in pieces of about a block. */
export function stored(
  list: unknown[] | StoredList,
  valueBytes: number,
  { blockBytes, valueCoder }: RunFormat,
  { openLists, onWritten }: Pick<RunTarget, "openLists" | "onWritten">,
): StoredList {
  if (list instanceof StoredList) return list;
  const perPiece = Math.max(1, Math.min(MOST_IN_BLOCK, Math.floor(blockBytes / valueBytes)));
  const written = storedList(valueCoder!, openLists(), list, perPiece);
  onWritten(written.bytes);
  return written;
}

/** Reads a run from its beginning, a block at a time. */
export class RunCursor {
  readonly #format: RunFormat;
  readonly #run: SortedRun;
  #next = 0;
  #block: SortedEntries = EMPTY;
  #at = 0;

  constructor(format: RunFormat, run: SortedRun) {
    this.#format = format;
    this.#run = run;
    this.#readBlock();
  }

  /** Up to which order all entries are in hand. */
  get bound(): number {
    return this.#next === this.#run.blocks.length ? Infinity : this.#block.orders.at(-1)!;
  }

  /** Hands over the entries up to an order, which is no greater than the bound. */
  take(bound: number, take: TakeEntry): void {
    this.#at = takeFrom(this.#block, this.#at, bound, take);
    if (this.#at < this.#block.orders.length) return;
    if (this.#next < this.#run.blocks.length) this.#readBlock();
    else this.#block = EMPTY;
  }

  #readBlock(): void {
    const { file } = this.#run.file;
    const block = this.#run.blocks[this.#next++]!;
    const { at, size, keyBytes, bytes: length, long } = block;
    const bytes = file.read(at, length);
    const keysAt = size * Uint32Array.BYTES_PER_ELEMENT;
    const accumulatorsAt = keysAt + keyBytes;
    const accumulators = allDecoded(this.#format.accumulatorCoder, bytes.subarray(accumulatorsAt)) as unknown[];
    for (const [place, list] of long ?? []) accumulators[place] = list;
    this.#block = {
      orders: new Uint32Array(bytes.slice(0, keysAt).buffer),
      keys: allDecoded(this.#format.keyCoder, bytes.subarray(keysAt, accumulatorsAt)),
      accumulators,
    };
    this.#at = 0;
  }

  close(): void {
    this.#run.file.release();
  }
}

/** Takes an entry. */
export type TakeEntry = (order: number, key: unknown, accumulator: unknown) => void;

/** Hands over entries that are in memory, like a cursor. */
export class MemoryCursor {
  readonly bound = Infinity;
  readonly #entries: SortedEntries;
  #at = 0;

  constructor(entries: SortedEntries) {
    this.#entries = entries;
  }

  take(bound: number, take: TakeEntry): void {
    this.#at = takeFrom(this.#entries, this.#at, bound, take);
  }

  close(): void {}
}

const EMPTY: SortedEntries = { orders: new Uint32Array(0), keys: [], accumulators: [] };

function takeFrom({ orders, keys, accumulators }: SortedEntries, from: number, bound: number, take: TakeEntry): number {
  let at = from;
  for (; at < orders.length && orders[at]! <= bound; at++) take(orders[at]!, keys[at], accumulators[at]);
  return at;
}
