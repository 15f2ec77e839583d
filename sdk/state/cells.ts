import type { KV } from "../pipeline.ts";
import type { Instant } from "../time.ts";

/**
 * One value per key and window.
 *
 * A cell belongs to the key and the window of the call that it was got in. It is valid until that call has returned: used
 * later it throws `CONTEXT_EXPIRED`. What a call has written counts once the call, and its bundle, has succeeded.
 */
export interface ValueCell<in out T> {
  /** The value; `undefined` where none was written. */
  read(): T | undefined;
  /** Keeps a value in place of the one that is there. */
  write(value: T): void;
  /** Removes what is there. */
  clear(): void;
}

/** Any number of values per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface BagCell<in out T> {
  /** The values as they are now, in the order in which they were added; what is added later is not among them. */
  read(): Iterable<T>;
  /** Adds a value. */
  add(value: T): void;
  /** Removes what is there. */
  clear(): void;
  /** Whether nothing is there. */
  isEmpty(): boolean;
}

/** What a combiner makes of the values of a key and window; see {@link ValueCell} for how long a cell is valid. */
export interface CombiningCell<in In, out Out> {
  /** The combiner's output; what it gives for no input where nothing was added. */
  read(): Out;
  /** Adds a value. A property and not a method, which would be bivariant. */
  readonly add: (value: In) => void;
  /** Removes what is there. */
  clear(): void;
}

/** Different values per key and window, told apart as grouping keys are; see {@link ValueCell} for how long a cell is valid. */
export interface SetCell<in out T> {
  /** The values as they are now, in the order in which they were added first. */
  read(): Iterable<T>;
  /** Whether a value is there. */
  has(value: T): boolean;
  /** Adds a value, unless it is there. */
  add(value: T): void;
  /** Removes a value, if it is there. */
  delete(value: T): void;
  /** Removes what is there. */
  clear(): void;
  /** Whether nothing is there. */
  isEmpty(): boolean;
}

/** Values by keys of their own, per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface MapCell<in out K, in out V> {
  /** The value of a key; `undefined` where there is none. */
  get(key: K): V | undefined;
  /** Whether a key is there. */
  has(key: K): boolean;
  /** Gives a key a value. */
  set(key: K, value: V): void;
  /** Removes a key with what it has, if it is there. */
  delete(key: K): void;
  /** What is there whenever it is gone through; what changes meanwhile does not disturb that. */
  entries(): Iterable<KV<K, V>>;
  /** Removes what is there. */
  clear(): void;
  /** Whether nothing is there. */
  isEmpty(): boolean;
}

/** Lists of values by keys of their own, per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface MultimapCell<in out K, in out V> {
  /** The values that are there whenever they are gone through; none for a key that has none. */
  get(key: K): Iterable<V>;
  /** Whether a key is there. */
  has(key: K): boolean;
  /** Adds a value to those of a key. */
  add(key: K, value: V): void;
  /** Removes a key with what it has, if it is there. */
  delete(key: K): void;
  /** Each key with its values, as they are there whenever they are gone through. */
  entries(): Iterable<KV<K, Iterable<V>>>;
  /** Removes what is there. */
  clear(): void;
  /** Whether nothing is there. */
  isEmpty(): boolean;
}

/** A value with its time, in ms since the epoch. */
export interface Timestamped<out T> {
  readonly value: T;
  readonly timestamp: Instant;
}

/** Values in the order of their times, per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface OrderedListCell<in out T> {
  /** The values with times in `[from, to)` as they are now, the earliest first; those of one time in the order in which they were added. */
  read(from?: Instant, to?: Instant): Iterable<Timestamped<T>>;
  /** Adds a value at a time, in ms since the epoch. */
  add(value: T, timestamp: Instant): void;
  /** Removes the values with times in `[from, to)`, all unless given. */
  clear(from?: Instant, to?: Instant): void;
  /** Whether nothing is there. */
  isEmpty(): boolean;
}
