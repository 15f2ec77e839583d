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

/** The items that stand under one time, and how many of them have been taken. */
interface Bucket<T> {
  readonly items: T[];
  taken: number;
}

/**
 * Items that are due at some time, the earliest first: a bucket for each time, and a heap of the times.
 *
 * It is lazy: an item that comes to be due later stays where it stands, and moves on when its turn comes. Sessions that grow
 * with each element cost nothing that way.
 */
export class Agenda<T> {
  readonly #of: AgendaOf<T>;
  readonly #buckets = new Map<Instant, Bucket<T>>();
  readonly #times = new FlatQueue<Instant>();

  constructor(of: AgendaOf<T>) {
    this.#of = of;
  }

  /** Sees to it that an item comes up when it is due; to be called when it is due earlier than before. */
  note(item: T): void {
    const time = this.#of.timeOf(item);
    if (time >= this.#of.standsAt(item)) return;
    this.#of.standAt(item, time);
    const bucket = this.#buckets.get(time);
    if (bucket !== undefined) bucket.items.push(item);
    else {
      this.#buckets.set(time, { items: [item], taken: 0 });
      this.#times.push(time, time);
    }
  }

  /**
   * When the first item is due, where that is before a limit; else some time from the limit on, and no later. It takes no look at
   * items that stand behind the limit, however much they have moved.
   */
  earliestBefore(limit: Instant): Instant {
    const standing = this.#times.peekValue() ?? NEVER;
    return standing >= limit ? standing : this.earliest;
  }

  /** Lets go of items that are not due any more, where they would stand until their old time comes; answers how many stay. */
  sweep(): number {
    let stays = 0;
    const standing = [...this.#buckets];
    this.#buckets.clear();
    this.#times.clear();
    this.#times.shrink();
    for (const [time, { items, taken }] of standing) {
      for (const item of items.slice(taken)) {
        if (this.#of.standsAt(item) !== time) continue;
        this.#of.standAt(item, NEVER);
        this.note(item);
        if (this.#of.standsAt(item) !== NEVER) stays++;
      }
    }
    return stays;
  }

  /** All items that are due at some time, in no order. */
  *all(): Generator<T> {
    for (const [time, { items, taken }] of this.#buckets) {
      for (let i = taken; i < items.length; i++)
        if (this.#of.standsAt(items[i]!) === time && this.#of.timeOf(items[i]!) !== NEVER) yield items[i]!;
    }
  }

  /** When the first item is due. */
  get earliest(): Instant {
    return this.#first() === undefined ? NEVER : this.#times.peekValue()!;
  }

  /** The first item that is due before a time, which stays where it is; nothing where none is. */
  firstBefore(limit: Instant): T | undefined {
    if ((this.#times.peekValue() ?? NEVER) >= limit) return undefined;
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
      if (time === undefined) return undefined;
      const { items, taken } = this.#buckets.get(time)!;
      const item = items[taken];
      if (item === undefined) {
        this.#buckets.delete(time);
        this.#times.pop();
        continue;
      }
      // One that was noted for an earlier time since then stands there; what is left here means nothing.
      if (this.#of.standsAt(item) === time) {
        if (this.#of.timeOf(item) === time) return item;
        this.#take(item);
        this.note(item);
      } else this.#buckets.get(time)!.taken++;
    }
  }

  #take(item: T): void {
    this.#buckets.get(this.#of.standsAt(item))!.taken++;
    this.#of.standAt(item, NEVER);
  }
}
