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

/** How many ms a span has; a power of two, by which division is exact. */
const SPAN = 1_024;

/**
 * Items that are due at some time, the earliest first. Time is cut into spans: the items of a span stand together as they came, until
 * it is the next one; then they stand in a list of its instants. So what is looked up stays small when there are millions of them.
 * The few that become due for a time that is over already stand apart.
 *
 * It is lazy: an item that comes to be due later stays where it stands, and moves on when its turn comes. Sessions that grow
 * with each element cost nothing that way.
 */
export class Agenda<T> {
  readonly #of: AgendaOf<T>;
  /** By the number of the span. */
  readonly #spans = new Map<number, T[]>();
  readonly #spanNumbers = new FlatQueue<number>();
  /** The open span by instants; an item that is alone at one stands for itself. */
  readonly #instants: (T | Bucket<T> | undefined)[] = new Array<undefined>(SPAN).fill(undefined);
  /** The first instant of the open span, and how many of its instants are over. */
  #start = -Infinity;
  #over = SPAN;
  /** By instant: those that are over. */
  readonly #early = new Map<Instant, Bucket<T>>();
  readonly #earlyTimes = new FlatQueue<Instant>();

  constructor(of: AgendaOf<T>) {
    this.#of = of;
  }

  /** Sees to it that an item comes up when it is due; to be called when it is due earlier than before. */
  note(item: T): void {
    const time = this.#of.timeOf(item);
    if (time >= this.#of.standsAt(item)) return;
    this.#of.standAt(item, time);
    const instant = time - this.#start;
    // Before the first span is open every time lies behind it.
    if (!(instant < SPAN)) this.#putInSpan(item, spanOf(time));
    else if (instant < this.#over) this.#putEarly(item, time);
    else this.#putAt(item, instant);
  }

  #putInSpan(item: T, span: number): void {
    const there = this.#spans.get(span);
    if (there !== undefined) there.push(item);
    else {
      this.#spans.set(span, [item]);
      this.#spanNumbers.push(span, span);
    }
  }

  #putEarly(item: T, time: Instant): void {
    const there = this.#early.get(time);
    if (there !== undefined) there.items.push(item);
    else {
      this.#early.set(time, new Bucket([item]));
      this.#earlyTimes.push(time, time);
    }
  }

  #putAt(item: T, instant: number): void {
    const there = this.#instants[instant];
    if (there === undefined) this.#instants[instant] = item;
    else if (there instanceof Bucket) there.items.push(item);
    else this.#instants[instant] = new Bucket([there, item]);
  }

  /**
   * When the first item is due, where that is before a limit; else some time from the limit on, and no later. It takes no look at
   * items that stand behind the limit, however much they have moved.
   */
  earliestBefore(limit: Instant): Instant {
    const standing = this.#firstStanding;
    return standing >= limit ? standing : this.earliest;
  }

  /** The first time at which something stands, or the beginning of its span. */
  get #firstStanding(): Instant {
    const early = this.#earlyTimes.peekValue();
    if (early !== undefined) return early;
    while (this.#over < SPAN && this.#instants[this.#over] === undefined) this.#over++;
    return this.#over < SPAN ? this.#start + this.#over : (this.#spanNumbers.peekValue() ?? NEVER) * SPAN;
  }

  /** Lets go of items that are not due any more, where they would stand until their old time comes; answers how many are left. */
  sweep(): number {
    const standing = [...this.#standing()];
    for (const all of [this.#spans, this.#early]) all.clear();
    for (const heap of [this.#spanNumbers, this.#earlyTimes]) {
      heap.clear();
      heap.shrink();
    }
    this.#instants.fill(undefined);
    for (const item of standing) this.#of.standAt(item, NEVER);
    let left = 0;
    for (const item of standing) {
      this.note(item);
      if (this.#of.standsAt(item) !== NEVER) left++;
    }
    return left;
  }

  /** All items that are due at some time, in no order. */
  *all(): Generator<T> {
    for (const item of this.#standing()) if (this.#of.timeOf(item) !== NEVER) yield item;
  }

  /** All items, where they stand now: one that was noted for an earlier time since then stands there only. */
  *#standing(): Generator<T> {
    for (const [time, there] of this.#early) for (const item of itemsOf(there)) if (this.#of.standsAt(item) === time) yield item;
    for (let instant = this.#over; instant < SPAN; instant++) {
      for (const item of itemsOf(this.#instants[instant])) if (this.#of.standsAt(item) === this.#start + instant) yield item;
    }
    for (const [span, items] of this.#spans) for (const item of items) if (spanOf(this.#of.standsAt(item)) === span) yield item;
  }

  /** When the first item is due. */
  get earliest(): Instant {
    const item = this.#first();
    return item === undefined ? NEVER : this.#of.standsAt(item);
  }

  /** The first item that is due before a time, which stays where it is; nothing where none is. */
  firstBefore(limit: Instant): T | undefined {
    if (this.#firstStanding >= limit) return undefined;
    const item = this.#first();
    return item === undefined || this.#of.standsAt(item) >= limit ? undefined : item;
  }

  /** Takes out the first item that is due before a time; nothing where none is. */
  takeBefore(limit: Instant): T | undefined {
    const item = this.firstBefore(limit);
    if (item !== undefined) {
      this.#takeFirst();
      this.#of.standAt(item, NEVER);
    }
    return item;
  }

  /** The first item that is due when it stands there; those that are due later, or not at all, move on. */
  #first(): T | undefined {
    for (;;) {
      const standing = this.#firstStanding;
      if (standing === NEVER) return undefined;
      if (this.#earlyTimes.length === 0 && this.#over === SPAN) {
        this.#openSpan();
        continue;
      }
      const item = this.#firstAt(standing);
      if (item === undefined) continue;
      // One that was noted for an earlier time since then stands there; what is left here means nothing.
      if (this.#of.standsAt(item) !== standing) this.#takeFirst();
      else if (this.#of.timeOf(item) === standing) return item;
      else {
        this.#takeFirst();
        this.#of.standAt(item, NEVER);
        this.note(item);
      }
    }
  }

  /** The first item that stands at the first time; nothing where all there have been taken, and then the time is over. */
  #firstAt(time: Instant): T | undefined {
    if (this.#earlyTimes.length > 0) {
      const there = this.#early.get(time);
      const item = there?.items[there.taken];
      if (item === undefined) {
        this.#early.delete(time);
        this.#earlyTimes.pop();
      }
      return item;
    }
    const there = this.#instants[this.#over];
    if (!(there instanceof Bucket)) return there;
    const item = there.items[there.taken];
    if (item === undefined) this.#instants[this.#over] = undefined;
    return item;
  }

  #takeFirst(): void {
    const early = this.#earlyTimes.peekValue();
    const there = early === undefined ? this.#instants[this.#over] : this.#early.get(early);
    if (there instanceof Bucket) there.taken++;
    else this.#instants[this.#over] = undefined;
  }

  /** Brings the items of the first span to its instants; those that have moved on stand elsewhere then. */
  #openSpan(): void {
    const span = this.#spanNumbers.pop()!;
    const items = this.#spans.get(span)!;
    this.#spans.delete(span);
    this.#start = span * SPAN;
    this.#over = 0;
    for (const item of items) {
      if (spanOf(this.#of.standsAt(item)) !== span) continue;
      this.#of.standAt(item, NEVER);
      this.note(item);
    }
  }
}

const spanOf = (time: Instant): number => Math.floor(time / SPAN);

function itemsOf<T>(there: T | Bucket<T> | undefined): readonly T[] {
  if (there instanceof Bucket) return there.items.slice(there.taken);
  return there === undefined ? [] : [there];
}
