import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { Instant } from "../../../sdk/time.ts";
import type { IntervalWindow, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { stepFailed } from "../failures.ts";
import { identityOf, isWindow } from "../window-identity.ts";

/** Which windows become one, as a window function says it. */
interface GivenMerge {
  readonly from: readonly Window[];
  readonly into: Window;
}

/** The same by their places. */
export interface Merge<S> {
  readonly parts: readonly Place<S>[];
  readonly into: Place<S>;
}

/** A window of a key while its windows are merged, with what the key has in it. */
export interface Place<S> {
  readonly window: Window;
  /** The how-manieth it was. */
  readonly number: number;
  /** What it has; nothing for one that is new. */
  state: S | undefined;
  /** The window that it becomes part of. */
  into: Place<S> | undefined;
  /** Whether its trigger has finished: what comes for it is dropped. */
  isClosed: boolean;
  /** Whether the window function has named it as what others become. */
  isMade: boolean;
  /** Another one that ends at the same time. */
  next: Place<S> | undefined;
}

/** Among so few windows one is found by looking at all of them. */
const FEW = 32;

/**
 * Different windows of a key, each once. Windows are equal if their coder makes the same of them, which is only asked of windows
 * that end at the same time.
 */
export class Places<S> {
  readonly #idOf: (window: Window) => string;
  /** When each of them ends. */
  readonly #ends: Instant[] = [];
  /** The last one that ends at a time, once they are many. */
  #byEnd: Map<Instant, Place<S>> | undefined;
  /** Where the next one to be found is likely to be. */
  #guess = 0;
  /** All of them, in the order in which they came. */
  readonly all: Place<S>[] = [];

  constructor(idOf: (window: Window) => string) {
    this.#idOf = idOf;
  }

  find(window: Window): Place<S> | undefined {
    const likely = this.all[this.#guess];
    const place = likely?.window === window ? likely : this.#sameAmong(this.#lastAt(window.maxTimestamp), window);
    if (place !== undefined) this.#guess = place.number + 1;
    return place;
  }

  #lastAt(end: Instant): Place<S> | undefined {
    if (this.#byEnd !== undefined) return this.#byEnd.get(end);
    const at = this.#ends.lastIndexOf(end);
    return at === -1 ? undefined : this.all[at];
  }

  #sameAmong(place: Place<S> | undefined, window: Window): Place<S> | undefined {
    while (place !== undefined && !this.isSame(place.window, window)) place = place.next;
    return place;
  }

  /** The place of a window; a new one if it has none. */
  of(window: Window): Place<S> {
    const end = window.maxTimestamp;
    const next = this.#lastAt(end);
    const known = this.#sameAmong(next, window);
    if (known !== undefined) return known;
    const number = this.all.length;
    const place: Place<S> = { window, number, state: undefined, into: undefined, isClosed: false, isMade: false, next };
    this.all.push(place);
    this.#ends.push(end);
    if (this.#byEnd !== undefined) this.#byEnd.set(end, place);
    else if (number === FEW) this.#byEnd = new Map(this.all.map((each, i) => [this.#ends[i]!, each]));
    return place;
  }

  isSame(a: Window, b: Window): boolean {
    return areSame(a, b, this.#idOf);
  }
}

/** Only windows that end at the same time are asked who they are. */
const areSame = (a: Window, b: Window, idOf: (window: Window) => string): boolean =>
  a === b || (a.maxTimestamp === b.maxTimestamp && idOf(a) === idOf(b));

/** Asks a window function which windows of a key merge, and looks at its answer. */
export class WindowMerger {
  readonly #windowing: WindowingStrategy;
  readonly #path: string;
  readonly #idOf: (window: Window) => string;

  /** @param path - whom to name when the window function fails. */
  constructor(windowing: WindowingStrategy, path: string) {
    this.#windowing = windowing;
    this.#path = path;
    this.#idOf = identityOf(windowing);
  }

  places<S>(): Places<S> {
    return new Places(this.#idOf);
  }

  /** What the window function says that merges of different windows; empty where nothing does. */
  ask(windows: readonly Window[]): readonly unknown[] {
    let given: unknown;
    try {
      given = this.#windowing.windowFn.merge!(windows);
    } catch (error) {
      throw stepFailed(this.#path, windows, error);
    }
    if (!Array.isArray(given)) throw this.#badMerge(given);
    return given;
  }

  /**
   * What two windows of a key become, which has no others. Most elements come to where that is so, and it takes no places to find it
   * out. Nothing where they stay apart, or the answer is none.
   */
  intoOf(window: Window, other: Window): Window | undefined {
    if (areSame(window, other, this.#idOf)) return window;
    const given = this.ask([window, other]);
    const { from, into } = ((given.length === 1 ? given[0] : undefined) ?? {}) as Partial<GivenMerge>;
    const areBoth = Array.isArray(from) && from.length === 2 && from.includes(window) && from.includes(other);
    if (!areBoth || !isWindow(into!, this.#windowing.windowFn)) return undefined;
    const isOneOfThem = into === window || into === other;
    return isOneOfThem || (holds(into!, window) && holds(into!, other)) ? into : undefined;
  }

  /**
   * What merges of all windows that have a place; those that become part of another one say so from now on.
   *
   * @param given - what the window function says of them, where it has been asked.
   */
  mergesOf<S>(places: Places<S>, given = this.ask(places.all.map(({ window }) => window))): readonly Merge<S>[] {
    const known = places.all.length;
    return given.map((merge) => this.#mergeOf(merge, places, known));
  }

  /** A merge is of windows that were given and that no other merge takes. What they become is one of them, or new, and then holds them. */
  #mergeOf<S>(given: unknown, places: Places<S>, known: number): Merge<S> {
    const { from, into } = (given ?? {}) as Partial<GivenMerge>;
    const { windowFn } = this.#windowing;
    if (!Array.isArray(from) || from.length === 0 || !isWindow(into!, windowFn)) throw this.#badMerge(given);
    const target = places.of(into!);
    if (target.isMade) throw this.#badMerge(given);
    target.isMade = true;
    const parts = (from as readonly Window[]).map((window) => (isWindow(window, windowFn) ? places.find(window) : undefined));
    const isOneOfThem = parts.includes(target);
    for (const part of parts) {
      const isFree = part !== undefined && part.number < known && part.into === undefined;
      if (!isFree || !(isOneOfThem || holds(target.window, part.window))) throw this.#badMerge(given);
      part.into = target;
    }
    if (target.number < known && !isOneOfThem) throw this.#badMerge(given);
    return { into: target, parts: parts as readonly Place<S>[] };
  }

  #badMerge(given: unknown): PipelineError {
    const { from, into } = (given ?? {}) as Partial<GivenMerge>;
    const got = from === undefined ? `gave ${shortText(given)}` : `merged ${shortText(from)} into ${shortText(into)}`;
    return new PipelineError("BAD_WINDOW", {
      what: "a window function's merge named windows that it was not given, or one twice, or merged some into what they cannot become",
      at: this.#path,
      got: `${this.#windowing.windowFn.name ?? "a window function"} ${got}`,
      fix: "let merge give lists of the windows it was called with, each with one of them, or a window that contains them",
    });
  }
}

/** Whether a window ends, and if both are intervals begins, no later and no earlier than it may to hold another one. */
function holds(into: Window, window: Window): boolean {
  const { start = NaN } = into as Partial<IntervalWindow>;
  return into.maxTimestamp >= window.maxTimestamp && !(start > (window as IntervalWindow).start);
}
