import type { Cells } from "../cells.ts";
import type { KeyDictionary } from "../key-dictionary.ts";

/** Keys and their accumulators in columns, with what `keyOrderOf` gives. */
export interface Entries {
  readonly orders: ArrayLike<number>;
  readonly keys: readonly unknown[];
  readonly accumulators: readonly unknown[];
}

/** The same, sorted by that. */
export interface SortedEntries extends Entries {
  readonly orders: Uint32Array;
}

/** More places than a list can have; with the 25 bits of an order they make a number that a double holds. */
const MOST_PLACES = 2 ** 27;

/** What a window has, sorted. */
export function sortedEntriesOf(cells: Cells, keys: KeyDictionary): SortedEntries {
  const places = new Float64Array(cells.places);
  let size = 0;
  for (let place = 0; place < cells.places; place++) {
    const id = cells.keyAt(place);
    if (id !== -1) places[size++] = keys.orderOf(id) * MOST_PLACES + place;
  }
  // Sorted as numbers, which costs a small part of a comparison by a function.
  const inOrder = places.subarray(0, size).sort();
  const orders = new Uint32Array(size);
  const sortedKeys = new Array<unknown>(size);
  const accumulators = new Array<unknown>(size);
  for (let i = 0; i < size; i++) {
    orders[i] = Math.floor(inOrder[i]! / MOST_PLACES);
    const place = inOrder[i]! % MOST_PLACES;
    sortedKeys[i] = keys.keyOf(cells.keyAt(place));
    accumulators[i] = cells.accumulators[place];
  }
  return { orders, keys: sortedKeys, accumulators };
}

/** Entries in their order. */
export function sorted({ orders, keys, accumulators }: Entries): SortedEntries {
  const places = Float64Array.from(orders, (order, place) => order * MOST_PLACES + place).sort();
  const from = Array.from(places, (place) => place % MOST_PLACES);
  return {
    orders: Uint32Array.from(from, (place) => orders[place]!),
    keys: from.map((place) => keys[place]),
    accumulators: from.map((place) => accumulators[place]),
  };
}
