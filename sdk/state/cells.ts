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
  /** Puts a value in the place of the one before. */
  write(value: T): void;
  /** Removes the value. */
  clear(): void;
}

/** Any number of values per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface BagCell<in out T> {
  /** The values as they are now, in the order in which they were added; what is added later is not among them. */
  read(): Iterable<T>;
  /** Adds a value, also one that is there already. */
  add(value: T): void;
  /** Removes all values. */
  clear(): void;
  /** Whether there is no value. */
  isEmpty(): boolean;
}

/** What a combiner makes of the values of a key and window; see {@link ValueCell} for how long a cell is valid. */
export interface CombiningCell<in In, out Out> {
  /** The combiner's output; what it gives for no input where nothing was added. */
  read(): Out;
  // A property and not a method, which would be bivariant.
  /** Has the combiner take in a value. */
  readonly add: (value: In) => void;
  /** Forgets all values. */
  clear(): void;
}

/** Different values per key and window, told apart as grouping keys are; see {@link ValueCell} for how long a cell is valid. */
export interface SetCell<in out T> {
  /** The values as they are now, in the order in which they were added first. */
  read(): Iterable<T>;
  /** Whether a value is there that is equal. */
  has(value: T): boolean;
  /** Adds a value, unless one is there that is equal. */
  add(value: T): void;
  /** Removes the value that is equal, if there is one. */
  delete(value: T): void;
  /** Removes all values. */
  clear(): void;
  /** Whether there is no value. */
  isEmpty(): boolean;
}

/** Values by keys of their own, per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface MapCell<in out K, in out V> {
  /** The value of a key; `undefined` where it has none. */
  get(key: K): V | undefined;
  /** Whether a key has a value. */
  has(key: K): boolean;
  /** Gives a key a value, in the place of the one before. */
  set(key: K, value: V): void;
  /** Removes a key and its value. */
  delete(key: K): void;
  /** What is there whenever it is gone through; what changes meanwhile does not disturb that. */
  entries(): Iterable<KV<K, V>>;
  /** Removes all keys. */
  clear(): void;
  /** Whether no key has a value. */
  isEmpty(): boolean;
}

/** Lists of values by keys of their own, per key and window; see {@link ValueCell} for how long a cell is valid. */
export interface MultimapCell<in out K, in out V> {
  /** The values that are there whenever they are gone through; none for a key that has none. */
  get(key: K): Iterable<V>;
  /** Whether a key has a value. */
  has(key: K): boolean;
  /** Adds a value to those of a key. */
  add(key: K, value: V): void;
  /** Removes a key and all its values. */
  delete(key: K): void;
  /** Each key with its values, as they are there whenever they are gone through. */
  entries(): Iterable<KV<K, Iterable<V>>>;
  /** Removes all keys. */
  clear(): void;
  /** Whether no key has a value. */
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
  /** Whether there is no value. */
  isEmpty(): boolean;
}
