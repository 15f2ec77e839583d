import { mustBeInstant } from "../timestamps.ts";
import type { OrderedListCell, Timestamped } from "../../../sdk/state/cells.ts";
import type { Instant } from "../../../sdk/time.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";

/** Values in the order of their times. They are sorted when they are read: what comes in order, or nearly so, costs nothing then. */
export class StoredList implements OrderedListCell<unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  #items: Timestamped<unknown>[] = [];
  #isSorted = true;

  constructor(owner: CellOwner, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
  }

  read(from: Instant = -Infinity, to: Instant = Infinity): Iterable<Timestamped<unknown>> {
    this.#owner.use();
    const items = this.#sorted();
    return items.slice(...rangeOf(items, from, to));
  }

  add(value: unknown, timestamp: Instant): void {
    const journal = this.#owner.use();
    mustBeInstant("the time of a value in an ordered list", timestamp);
    this.#look?.(value);
    const item = { value, timestamp };
    const items = this.#items;
    // It may have been moved by then.
    journal.noteCall(() => items.splice(items.lastIndexOf(item), 1));
    this.#isSorted &&= items.length === 0 || items.at(-1)!.timestamp <= timestamp;
    items.push(item);
  }

  clear(from: Instant = -Infinity, to: Instant = Infinity): void {
    const journal = this.#owner.use();
    const before = this.#sorted();
    journal.noteCall(() => {
      this.#items = before;
      this.#isSorted = true;
    });
    const [first, end] = rangeOf(before, from, to);
    this.#items = [...before.slice(0, first), ...before.slice(end)];
  }

  #sorted(): Timestamped<unknown>[] {
    if (!this.#isSorted) {
      this.#items.sort((a, b) => a.timestamp - b.timestamp);
      this.#isSorted = true;
    }
    return this.#items;
  }

  isEmpty(): boolean {
    this.#owner.use();
    return this.isUnused;
  }

  get isUnused(): boolean {
    return this.#items.length === 0;
  }
}

/** Where the items with times in `[from, to)` begin and end. */
function rangeOf(items: readonly Timestamped<unknown>[], from: Instant, to: Instant): readonly [first: number, end: number] {
  const first = firstFrom(items, from);
  return [first, Math.max(first, firstFrom(items, to))];
}

/** Where the items begin whose times are not before a time. */
function firstFrom(items: readonly Timestamped<unknown>[], from: Instant): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle]!.timestamp < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
