import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import { allDecoded, encodeAll } from "../../../sdk/coders/frames.ts";
import type { TemporaryFile } from "../ports.ts";

/** Some values on disk. */
interface Piece {
  readonly file: TemporaryFile;
  readonly at: number;
  readonly bytes: number;
  readonly size: number;
}

/** The values of one key that are too many for memory, in pieces that are read one at a time. */
export class StoredList {
  readonly length: number;
  /** How many bytes of disk it takes. */
  readonly bytes: number;
  readonly #coder: AnyCoder;
  readonly #pieces: readonly Piece[];
  /** Where each piece begins. */
  readonly #starts: readonly number[];
  /** The piece that was read last, for those who ask for one value after the other. */
  #last: { readonly piece: number; readonly values: readonly unknown[] } | undefined;

  constructor(coder: AnyCoder, pieces: readonly Piece[]) {
    this.#coder = coder;
    this.#pieces = pieces;
    let length = 0;
    this.#starts = pieces.map(({ size }) => (length += size) - size);
    this.length = length;
    this.bytes = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Both lists, one after the other. */
  followedBy(other: StoredList): StoredList {
    return new StoredList(this.#coder, [...this.#pieces, ...other.#pieces]);
  }

  /** The value at a place. */
  at(place: number): unknown {
    let piece = this.#last?.piece ?? 0;
    while (place < this.#starts[piece]!) piece--;
    while (place >= this.#starts[piece]! + this.#pieces[piece]!.size) piece++;
    if (this.#last?.piece !== piece) this.#last = { piece, values: this.#valuesOf(this.#pieces[piece]!) };
    return this.#last!.values[place - this.#starts[piece]!];
  }

  /** All values, each time from the disk. */
  *values(): ArrayIterator<unknown> {
    for (const piece of this.#pieces) yield* this.#valuesOf(piece);
    return undefined;
  }

  #valuesOf({ file, at, bytes }: Piece): readonly unknown[] {
    return allDecoded(this.#coder, file.read(at, bytes));
  }
}

/** Writes values to a file, so many in each piece. */
export function storedList(coder: AnyCoder, file: TemporaryFile, values: readonly unknown[], perPiece: number): StoredList {
  const pieces: Piece[] = [];
  for (let from = 0; from < values.length; from += perPiece) {
    const some = values.slice(from, from + perPiece);
    const bytes = encodeAll(coder, some);
    pieces.push({ file, at: file.append(bytes), bytes: bytes.length, size: some.length });
  }
  return new StoredList(coder, pieces);
}

const storedLists = new WeakSet<object>();

/** Whether an array's values are on disk; then it can be read and not be written. */
export const isStored = (value: object): boolean => storedLists.has(value);

/**
 * An array whose values are on disk: whoever gets the values of a key may do with them what can be done with an array, and sends them
 * to another thread like one. Only a piece of them is in memory at any time.
 */
export function arrayOf(list: StoredList): readonly unknown[] {
  const array = new Proxy<unknown[]>([], {
    get(target, name, self) {
      if (name === "length") return list.length;
      if (name === Symbol.iterator || name === "values") return () => list.values();
      const place = placeOf(name, list);
      return place === undefined ? (Reflect.get(target, name, self) as unknown) : list.at(place);
    },
    has: (target, name) => placeOf(name, list) !== undefined || Reflect.has(target, name),
    ownKeys: (target) => [...Array.from({ length: list.length }, (_, i) => String(i)), ...Reflect.ownKeys(target)],
    getOwnPropertyDescriptor(target, name) {
      if (name === "length") return { value: list.length, writable: true, enumerable: false, configurable: false };
      const place = placeOf(name, list);
      if (place === undefined) return Reflect.getOwnPropertyDescriptor(target, name);
      return { value: list.at(place), writable: true, enumerable: true, configurable: true };
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  });
  storedLists.add(array);
  return array;
}

/** The place that a property names, where there is one. */
function placeOf(name: string | symbol, { length }: StoredList): number | undefined {
  if (typeof name === "symbol") return undefined;
  const place = Number(name);
  return Number.isInteger(place) && place >= 0 && place < length && String(place) === name ? place : undefined;
}
