import { intervalWindow, MAX_INSTANT, NEVER, type Delay, type Held, type Instant, type IntervalWindow, type KV } from "millrace";
import { comparableText } from "millrace/testing";
import {
  ATTEMPTS,
  contents,
  perform,
  WINDOW,
  type Call,
  type Cells,
  type Happening,
  type Instruction,
  type Line,
  type Setup,
  type Timers,
} from "./state-programs.ts";

/** What a key and window holds, as plain data that can be copied. */
interface Data {
  value: number | undefined;
  bag: number[];
  set: unknown[];
  map: [unknown, number][];
  multimap: [unknown, number[]][];
  list: { readonly value: number; readonly timestamp: Instant }[];
  combined: number[];
  /** By name. */
  timers: Record<string, { readonly time: Instant; readonly output: Instant; readonly isEvent: boolean }>;
}

/** A key and window. */
interface Place {
  readonly key: unknown;
  readonly window: IntervalWindow;
  usedAt: Instant;
  data: Data;
}

/** A line with where it stands. */
export interface Placed {
  readonly line: Line;
  readonly timestamp: Instant;
  readonly window: IntervalWindow;
}

/** All that comes of what happens. */
export interface Outcome {
  readonly lines: readonly Placed[];
  readonly late: readonly number[];
  readonly skipped: number;
}

const nothing = (): Data => ({ value: undefined, bag: [], set: [], map: [], multimap: [], list: [], combined: [], timers: {} });

const isSame = (a: unknown, b: unknown): boolean => comparableText(a) === comparableText(b);

/** Cells that work on plain data, as simply as can be. */
function cellsOf(data: Data): Cells {
  const placeOf = (entries: readonly (readonly [unknown, unknown])[], key: unknown): number =>
    entries.findIndex(([own]) => isSame(own, key));
  const without = <E extends readonly [unknown, unknown]>(entries: readonly E[], key: unknown): E[] =>
    entries.filter(([own]) => !isSame(own, key));
  const whenRead = <A>(read: () => Iterable<A>): Iterable<A> => ({ [Symbol.iterator]: () => read()[Symbol.iterator]() });
  const isIn = (from: Instant, to: Instant) => (item: { readonly timestamp: Instant }) => item.timestamp >= from && item.timestamp < to;
  return {
    value: {
      read: () => data.value,
      write: (value) => void (data.value = value),
      clear: () => void (data.value = undefined),
    },
    bag: {
      read: () => [...data.bag],
      add: (value) => void data.bag.push(value),
      isEmpty: () => data.bag.length === 0,
      clear: () => void (data.bag = []),
    },
    set: {
      read: () => [...data.set],
      has: (value) => data.set.some((each) => isSame(each, value)),
      add: (value) => void (data.set.some((each) => isSame(each, value)) || data.set.push(value)),
      delete: (value) => void (data.set = data.set.filter((each) => !isSame(each, value))),
      isEmpty: () => data.set.length === 0,
      clear: () => void (data.set = []),
    },
    map: {
      get: (key) => data.map[placeOf(data.map, key)]?.[1],
      has: (key) => placeOf(data.map, key) !== -1,
      set(key, value) {
        const known = data.map[placeOf(data.map, key)];
        if (known === undefined) data.map.push([key, value]);
        else known[1] = value;
      },
      delete: (key) => void (data.map = without(data.map, key)),
      entries: () => whenRead(() => data.map.map(([key, value]): KV<unknown, number> => [key, value])),
      isEmpty: () => data.map.length === 0,
      clear: () => void (data.map = []),
    },
    multimap: {
      get: (key) => whenRead(() => [...(data.multimap[placeOf(data.multimap, key)]?.[1] ?? [])]),
      has: (key) => placeOf(data.multimap, key) !== -1,
      add(key, value) {
        const known = data.multimap[placeOf(data.multimap, key)];
        if (known === undefined) data.multimap.push([key, [value]]);
        else known[1].push(value);
      },
      delete: (key) => void (data.multimap = without(data.multimap, key)),
      entries: () => whenRead(() => data.multimap.map(([key, values]): KV<unknown, number[]> => [key, [...values]])),
      isEmpty: () => data.multimap.length === 0,
      clear: () => void (data.multimap = []),
    },
    list: {
      read: (from = -Infinity, to = Infinity) => data.list.filter(isIn(from, to)).toSorted((a, b) => a.timestamp - b.timestamp),
      add: (value, timestamp) => void data.list.push({ value, timestamp }),
      clear: (from = -Infinity, to = Infinity) => void (data.list = data.list.filter((item) => !isIn(from, to)(item))),
      isEmpty: () => data.list.length === 0,
    },
    combined: {
      read: () => [...data.combined],
      add: (value) => void data.combined.push(value),
      clear: () => void (data.combined = []),
    },
  };
}

/** More calls than any of these steps has. */
const MOST_CALLS = 10_000;

/** What a call is about. */
interface About {
  readonly timestamp: Instant;
  readonly outputTimestamp: Instant;
  readonly isTimer: boolean;
}

/** What the rules of the model say of a step's state and timers, one key and window after the other, all of it plain data. */
export class StateOracle {
  readonly #setup: Setup;
  readonly #places: Place[] = [];
  readonly #kept: Instruction[] = [];
  readonly #lines: Placed[] = [];
  readonly #late: number[] = [];
  #skipped = 0;
  #watermark = -Infinity;
  #now = 0;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** All that comes of what happens, and of the end. */
  static outcomeOf(setup: Setup, happenings: readonly Happening[]): Outcome {
    const oracle = new StateOracle(setup);
    for (const each of happenings) oracle.#take(each);
    oracle.#take({ kind: "watermark", to: MAX_INSTANT });
    return { lines: oracle.#lines, late: oracle.#late, skipped: oracle.#skipped };
  }

  #take(happening: Happening): void {
    if (happening.kind === "watermark") this.#watermark = happening.to;
    else if (happening.kind === "processingTime") this.#now += happening.by;
    else for (const element of happening.elements) this.#arrive(element);
    let calls = 0;
    while (this.#doNext()) if (++calls > MOST_CALLS) throw new Error("the timers of this step never end");
  }

  #expiryOf({ maxTimestamp }: IntervalWindow): Instant {
    return maxTimestamp + this.#setup.allowedLateness;
  }

  #arrive(element: Instruction): void {
    const { isSorted, allowedLateness } = this.#setup;
    const isLate = this.#watermark > this.#expiryOf(windowOf(element)) || (isSorted && this.#watermark > element.at + allowedLateness);
    if (isLate) this.#late.push(element.id);
    else if (isSorted) this.#kept.push(element);
    else this.#process(element);
  }

  /** Does what is due first; answers whether there was something. */
  #doNext(): boolean {
    const due: { readonly at: Instant; readonly act: () => void }[] = [];
    for (const element of this.#kept.toSorted((a, b) => a.at - b.at)) {
      due.push({ at: element.at + this.#setup.allowedLateness, act: () => this.#release(element) });
    }
    for (const place of this.#places) {
      for (const [name, { time, isEvent }] of Object.entries(place.data.timers)) {
        if (isEvent) due.push({ at: time, act: () => this.#fire(place, name) });
      }
    }
    for (const place of this.#places) {
      const idle = place.usedAt + (this.#setup.timeToLive ?? NEVER);
      due.push({ at: idle, act: () => this.#end(place, idle) });
    }
    for (const place of this.#places)
      due.push({ at: this.#expiryOf(place.window), act: () => this.#end(place, place.window.maxTimestamp) });
    const [first] = due.filter(({ at }) => at < this.#watermark).toSorted((a, b) => a.at - b.at);
    if (first !== undefined) {
      first.act();
      return true;
    }
    const ticks = this.#places.flatMap((place) =>
      Object.entries(place.data.timers).map(([name, { time, isEvent }]) => ({
        at: isEvent ? NEVER : time,
        act: () => this.#fire(place, name),
      })),
    );
    const [tick] = ticks.filter(({ at }) => at <= this.#now).toSorted((a, b) => a.at - b.at);
    tick?.act();
    return tick !== undefined;
  }

  #release(element: Instruction): void {
    this.#kept.splice(this.#kept.indexOf(element), 1);
    this.#process(element);
  }

  #placeOf(element: Instruction): Place {
    const window = windowOf(element);
    const found = this.#places.find((each) => isSame(each.key, element.key) && each.window.start === window.start);
    if (found !== undefined) return found;
    const place: Place = { key: element.key, window, usedAt: -Infinity, data: nothing() };
    this.#places.push(place);
    return place;
  }

  #process(element: Instruction): void {
    const { id, at, program, failures } = element;
    const place = this.#placeOf(element);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = structuredClone(place.data);
      const seen = perform(program, this.#callOf(place, { timestamp: at, outputTimestamp: at, isTimer: false }));
      if (attempt > failures) {
        this.#give(place, { key: place.key, what: `element ${id}`, timestamp: at, seen }, at);
        break;
      }
      place.data = before;
      if (attempt === ATTEMPTS) this.#skipped++;
    }
    this.#use(place, at);
  }

  /** Notes when it was used; from when on is not kept where there is nothing else to keep. */
  #use(place: Place, at: Instant): void {
    place.usedAt = Math.max(place.usedAt, at);
    if (!this.#setup.tellsExpiry && isSame(place.data, nothing())) place.usedAt = -Infinity;
  }

  #fire(place: Place, name: string): void {
    const { time, output, isEvent } = place.data.timers[name]!;
    delete place.data.timers[name];
    const timestamp = isEvent ? time : output;
    const seen = perform(this.#setup.onTimer, this.#callOf(place, { timestamp, outputTimestamp: output, isTimer: true }));
    this.#give(place, { key: place.key, what: name, timestamp, seen }, output);
    this.#use(place, timestamp);
  }

  #end(place: Place, timestamp: Instant): void {
    this.#places.splice(this.#places.indexOf(place), 1);
    if (!this.#setup.tellsExpiry) return;
    this.#give(place, { key: place.key, what: "end", timestamp, seen: [contents(cellsOf(place.data))] }, timestamp);
  }

  #give({ window }: Place, line: Line, timestamp: Instant): void {
    this.#lines.push({ line, timestamp, window });
  }

  #callOf(place: Place, about: About): Call {
    const { timestamp, isTimer } = about;
    return {
      state: cellsOf(place.data),
      timers: this.#timersOf(place, about),
      timestamp,
      processingTime: this.#now,
      window: place.window,
      isTimer,
    };
  }

  #timersOf({ data, window }: Place, { timestamp, outputTimestamp }: About): Timers {
    const expiry = this.#expiryOf(window);
    const set = (isEvent: boolean, name: string, time: Instant, { outputTimestamp: own }: Held = {}): void => {
      data.timers[name] = { time, output: own ?? (isEvent ? time : Math.min(outputTimestamp, expiry)), isEvent };
    };
    const setFrom = (isEvent: boolean, name: string, { offset, align = 1, ...held }: Delay): void => {
      const time = Math.ceil(((isEvent ? timestamp : this.#now) + offset) / align) * align;
      set(isEvent, name, isEvent ? Math.min(time, expiry) : time, held);
    };
    const clear = (name: string): void => void delete data.timers[name];
    const one = (isEvent: boolean, name: string) => ({
      set: (at: Instant, held?: Held) => set(isEvent, name, at, held),
      setRelative: (delay: Delay) => setFrom(isEvent, name, delay),
      clear: () => clear(name),
    });
    const family = (isEvent: boolean) => ({
      set: (tag: string, at: Instant, held?: Held) => set(isEvent, tag, at, held),
      setRelative: (tag: string, delay: Delay) => setFrom(isEvent, tag, delay),
      clear,
    });
    return { alarm: one(true, "alarm"), alarms: family(true), tick: one(false, "tick"), ticks: family(false) };
  }
}

function windowOf({ at }: Instruction): IntervalWindow {
  const start = Math.floor(at / WINDOW) * WINDOW;
  return intervalWindow(start, start + WINDOW);
}
