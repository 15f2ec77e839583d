import FlatQueue from "flatqueue";
import { NEVER, type Instant } from "../../sdk/time.ts";

/** When an item is due, and where it says for when it was put down. */
export interface AgendaOf<T> {
  /** When the item is due now; `NEVER` where it is not. */
  readonly timeOf: (item: T) => Instant;
  /** The time it stands under, `NEVER` where it stands nowhere. */
  readonly standsAt: (item: T) => Instant;
  readonly standAt: (item: T, time: Instant) => void;
}

/** Several items that stand under one time, and how many of them have been taken. */
class Bucket<T> {
  readonly items: T[];
  taken = 0;

  constructor(items: T[]) {
    this.items = items;
  }
}

/** Items that are not due for long stand together, so many ms of them; a power of two, by which division is exact. */
const SPAN = 1_024;

/**
 * Items that are due at some time, the earliest first. Those that are due soon stand in a bucket for each time, with a heap of the
 * times; the others in spans, in the order in which they came, until their span is the next one. So what is looked up stays small
 * when there are millions of them.
 *
 * It is lazy: an item that comes to be due later stays where it stands, and moves on when its turn comes. Sessions that grow
 * with each element cost nothing that way.
 */
export class Agenda<T> {
  readonly #of: AgendaOf<T>;
  /** By time; an item that is alone there stands for itself. */
  readonly #near = new Map<Instant, T | Bucket<T>>();
  readonly #times = new FlatQueue<Instant>();
  /** By their number. */
  readonly #spans = new Map<number, T[]>();
  readonly #spanNumbers = new FlatQueue<number>();
  /** What is due before this stands near. */
  #horizon = -Infinity;

  constructor(of: AgendaOf<T>) {
    this.#of = of;
  }

  /** Sees to it that an item comes up when it is due; to be called when it is due earlier than before. */
  note(item: T): void {
    const time = this.#of.timeOf(item);
    if (time >= this.#of.standsAt(item)) return;
    this.#of.standAt(item, time);
    if (time < this.#horizon) this.#putNear(item, time);
    else this.#putFar(item, spanOf(time));
  }

  #putNear(item: T, time: Instant): void {
    const there = this.#near.get(time);
    if (there instanceof Bucket) there.items.push(item);
    else if (there !== undefined) this.#near.set(time, new Bucket([there, item]));
    else {
      this.#near.set(time, item);
      this.#times.push(time, time);
    }
  }

  #putFar(item: T, span: number): void {
    const there = this.#spans.get(span);
    if (there !== undefined) there.push(item);
    else {
      this.#spans.set(span, [item]);
      this.#spanNumbers.push(span, span);
    }
  }

  /**
   * When the first item is due, where that is before a limit; else some time from the limit on, and no later. It takes no look at
   * items that stand behind the limit, however much they have moved.
   */
  earliestBefore(limit: Instant): Instant {
    const standing = this.#times.peekValue() ?? this.#firstSpan * SPAN;
    return standing >= limit ? standing : this.earliest;
  }

  /** Lets go of items that are not due any more, where they would stand until their old time comes. */
  sweep(): void {
    const standing = [...this.#standing()];
    this.#near.clear();
    this.#spans.clear();
    for (const heap of [this.#times, this.#spanNumbers]) {
      heap.clear();
      heap.shrink();
    }
    for (const item of standing) this.#of.standAt(item, NEVER);
    for (const item of standing) this.note(item);
  }

  /** All items that are due at some time, in no order. */
  *all(): Generator<T> {
    for (const item of this.#standing()) if (this.#of.timeOf(item) !== NEVER) yield item;
  }

  /** All items, where they stand now: one that was noted for an earlier time since then stands there only. */
  *#standing(): Generator<T> {
    for (const [time, there] of this.#near) for (const item of itemsOf(there)) if (this.#of.standsAt(item) === time) yield item;
    for (const [span, items] of this.#spans) for (const item of items) if (spanOf(this.#of.standsAt(item)) === span) yield item;
  }

  /** When the first item is due. */
  get earliest(): Instant {
    return this.#first() === undefined ? NEVER : this.#times.peekValue()!;
  }

  /** The first item that is due before a time, which stays where it is; nothing where none is. */
  firstBefore(limit: Instant): T | undefined {
    if ((this.#times.peekValue() ?? this.#firstSpan * SPAN) >= limit) return undefined;
    const item = this.#first();
    return item === undefined || this.#times.peekValue()! >= limit ? undefined : item;
  }

  /** Takes out the first item that is due before a time; nothing where none is. */
  takeBefore(limit: Instant): T | undefined {
    const item = this.firstBefore(limit);
    if (item !== undefined) this.#take(item);
    return item;
  }

  /** The first item that is due when it stands there; those that are due later, or not at all, move on. */
  #first(): T | undefined {
    for (;;) {
      const time = this.#times.peekValue();
      if (time === undefined) {
        if (this.#spans.size === 0) return undefined;
        this.#openSpan();
        continue;
      }
      const there = this.#near.get(time);
      const item = there instanceof Bucket ? there.items[there.taken] : there;
      if (item === undefined) {
        this.#near.delete(time);
        this.#times.pop();
        continue;
      }
      // One that was noted for an earlier time since then stands there; what is left here means nothing.
      if (this.#of.standsAt(item) !== time) this.#takeFrom(time, there!);
      else if (this.#of.timeOf(item) === time) return item;
      else {
        this.#take(item);
        this.note(item);
      }
    }
  }

  /** The number of the first span; `NEVER` where there is none. */
  get #firstSpan(): number {
    return this.#spanNumbers.peekValue() ?? NEVER;
  }

  /** Brings the items of the first span near; those that have moved on stand elsewhere then. */
  #openSpan(): void {
    const span = this.#spanNumbers.pop()!;
    const items = this.#spans.get(span)!;
    this.#spans.delete(span);
    this.#horizon = (span + 1) * SPAN;
    for (const item of items) {
      if (spanOf(this.#of.standsAt(item)) !== span) continue;
      this.#of.standAt(item, NEVER);
      this.note(item);
    }
  }

  #take(item: T): void {
    const time = this.#of.standsAt(item);
    this.#takeFrom(time, this.#near.get(time)!);
    this.#of.standAt(item, NEVER);
  }

  #takeFrom(time: Instant, there: T | Bucket<T>): void {
    if (there instanceof Bucket) there.taken++;
    else this.#near.delete(time);
  }
}

const spanOf = (time: Instant): number => Math.floor(time / SPAN);

const itemsOf = <T>(there: T | Bucket<T>): readonly T[] => (there instanceof Bucket ? there.items.slice(there.taken) : [there]);
