import { globalWindow, intervalWindow, MAX_INSTANT, MIN_INSTANT, type Instant, type Window } from "millrace";
import type { IntervalWindow, Pane, WindowingStrategy } from "../../sdk/windowing.ts";

/** An element as it comes. */
export interface Arriving {
  readonly key: string;
  readonly value: number;
  readonly at: Instant;
}

/** What happens in a stream; processing time is told to no trigger that the oracle knows. */
export type StreamEvent =
  | { readonly kind: "elements"; readonly elements: readonly Arriving[] }
  | { readonly kind: "watermark"; readonly to: Instant }
  | { readonly kind: "processingTime"; readonly by: number };

/** The triggers that the oracle knows: `default`, `never`, `afterWatermark` with counts, and `afterCount(n)`, once or repeatedly. */
export type KnownTrigger =
  | { readonly kind: "default" | "never" }
  | { readonly kind: "afterWatermark"; readonly early?: number | undefined; readonly late?: number | undefined }
  | { readonly kind: "afterCount" | "repeatedly"; readonly count: number };

/** Windows by what they mean, so that the oracle does not ask the functions that it is to check. */
export type KnownWindows =
  | { readonly kind: "fixed"; readonly size: number; readonly offset: number }
  | { readonly kind: "sliding"; readonly size: number; readonly period: number }
  | { readonly kind: "sessions"; readonly gap: number }
  | { readonly kind: "global" };

/** The settings that matter to a grouping. */
export interface KnownWindowing extends Pick<WindowingStrategy, "allowedLateness" | "timestampCombiner" | "closing" | "onTime"> {
  readonly windows: KnownWindows;
  readonly trigger: KnownTrigger;
  readonly accumulation: NonNullable<WindowingStrategy["accumulation"]>;
}

/** A pane that came out. */
export interface OraclePane extends Pane {
  /** The number of the event that it came of; that of the end is the number of all events. */
  readonly event: number;
  readonly key: string;
  readonly window: Window;
  /** In ascending order. */
  readonly values: readonly number[];
  readonly timestamp: Instant;
}

/** All that comes of a stream. */
export interface OracleResult {
  readonly panes: readonly OraclePane[];
  readonly late: number;
  readonly closed: number;
}

/** An element that is dropped as it comes, once for each of its windows. */
export interface Dropped extends Arriving {
  readonly window: Window;
  /** How long after the expiry of the window it came; nothing where that is not why it is dropped, but that it was closed. */
  readonly lateBy: number | undefined;
}

/** A value in a window. */
interface Held {
  readonly value: number;
  readonly at: Instant;
  /** Whether a pane has had it. */
  isEmitted: boolean;
  /** Whether the time of its pane goes by it, and it holds the output watermark (rules 5 and 6). */
  readonly counts: boolean;
}

/** What a key has in a window. */
interface Cell {
  readonly key: string;
  window: Window;
  held: Held[];
  panes: number;
  nonEarly: number;
  isClosed: boolean;
  /** Whether the firing on time is over; after it the late count has its turn. */
  isLatePhase: boolean;
  /** How many elements the count whose turn it is has seen. */
  count: number;
}

/**
 * What a grouping gives for a stream, worked out from the rules of the conformance catalogue with nothing but lists that are gone
 * through from the beginning each time. The numbers in the comments are those of the rules.
 */
export function groupedFromScratch(
  windowing: KnownWindowing,
  events: readonly StreamEvent[],
): OracleResult & { readonly dropped: readonly Dropped[] } {
  const oracle = new Oracle(windowing);
  for (const event of events) {
    if (event.kind === "watermark") oracle.advance(event.to);
    if (event.kind === "elements") oracle.take(event.elements);
    oracle.event++;
  }
  oracle.advance(MAX_INSTANT);
  return oracle;
}

class Oracle implements OracleResult {
  readonly panes: OraclePane[] = [];
  readonly dropped: Dropped[] = [];
  late = 0;
  closed = 0;
  event = 0;
  readonly #windowing: KnownWindowing;
  #cells: Cell[] = [];
  #input = MIN_INSTANT;
  #output = MIN_INSTANT;

  constructor(windowing: KnownWindowing) {
    this.#windowing = windowing;
  }

  /** The watermark moves: windows end (they are asked, if their trigger waits for that) and expire (rules 1 and 4). */
  advance(to: Instant): void {
    const from = this.#input;
    this.#input = to;
    // As far as what is held lets it: all timers of one step are judged against this (rules 2 and 4).
    this.#moveOutput(from);
    for (const cell of this.#cells) {
      if (to > this.#expiryOf(cell.window)) this.#expire(cell);
      else if (from <= cell.window.maxTimestamp && to > cell.window.maxTimestamp && this.#watchesWatermark) this.#ask(cell);
    }
    this.#cells = this.#cells.filter(({ window }) => to <= this.#expiryOf(window));
    this.#moveOutput(to);
  }

  /** The elements of one event: all are put in, then the trigger of each window that got some is asked once (rule 11). */
  take(elements: readonly Arriving[]): void {
    const touched = new Set<Cell>();
    const incoming = elements.flatMap((element) => windowsOf(this.#windowing.windows, element.at).map((window) => ({ element, window })));
    const inTime = incoming.filter(({ window }) => this.#input <= this.#expiryOf(window));
    for (const { element, window } of incoming) {
      const lateBy = this.#input - this.#expiryOf(window);
      if (lateBy <= 0) continue;
      this.late++;
      this.dropped.push({ ...element, window, lateBy });
    }
    const into = this.#windowing.windows.kind === "sessions" ? this.#merged(inTime) : (_: string, window: Window) => window;
    for (const { element, window } of inTime) {
      const cell = this.#cellOf(element.key, into(element.key, window));
      if (cell.isClosed) {
        this.closed++;
        this.dropped.push({ ...element, window, lateBy: undefined });
      } else {
        this.#put(cell, element);
        touched.add(cell);
      }
    }
    for (const cell of touched) this.#ask(cell);
    this.#moveOutput(this.#input);
  }

  #put(cell: Cell, { value, at }: Arriving): void {
    const own = this.#windowing.timestampCombiner === "endOfWindow" ? cell.window.maxTimestamp : at;
    const counts = own >= this.#output && this.#input <= cell.window.maxTimestamp;
    cell.held.push({ value, at, isEmitted: false, counts });
    cell.count++;
  }

  #cellOf(key: string, window: Window): Cell {
    let cell = this.#cells.find((each) => each.key === key && isSame(each.window, window));
    if (cell === undefined) this.#cells.push((cell = newCell(key, window)));
    return cell;
  }

  // ---- sessions

  /** Makes one of the sessions that overlap (rule 7). @returns which session a window of a key has become part of. */
  #merged(incoming: readonly { readonly element: Arriving; readonly window: Window }[]): (key: string, window: Window) => Window {
    const groups: { readonly key: string; readonly into: Window; readonly from: readonly Window[] }[] = [];
    for (const key of new Set(incoming.map(({ element }) => element.key))) {
      // A closed window takes part in no merge.
      const open = this.#cells.filter((cell) => cell.key === key && !cell.isClosed).map(({ window }) => window);
      const arrived = incoming.filter(({ element }) => element.key === key).map(({ window }) => window);
      for (const { into, from } of overlapping(distinct([...open, ...arrived]))) {
        groups.push({ key, into, from });
        if (from.length > 1) this.#merge(key, from, into);
      }
    }
    return (key, window) => groups.find((each) => each.key === key && each.from.some((one) => isSame(one, window)))!.into;
  }

  #merge(key: string, from: readonly Window[], into: Window): void {
    const parts = this.#cells.filter((cell) => cell.key === key && !cell.isClosed && from.some((window) => isSame(cell.window, window)));
    const others = this.#cells.filter((cell) => !parts.includes(cell));
    if (others.some((cell) => cell.key === key && isSame(cell.window, into))) {
      // It has grown into exactly a closed window: what no pane has had is lost, and counted.
      this.closed += parts.flatMap(({ held }) => held).filter(({ isEmitted }) => !isEmitted).length;
      this.#cells = others;
      return;
    }
    const same = parts.find(({ window }) => isSame(window, into));
    const cell = newCell(key, into);
    cell.held = parts.flatMap(({ held }) => held);
    // Panes are numbered anew, unless the window is one that was there.
    cell.panes = same?.panes ?? 0;
    cell.nonEarly = same?.nonEarly ?? 0;
    this.#mergeTriggers(cell, parts);
    this.#cells = [...others, cell];
  }

  #mergeTriggers(cell: Cell, parts: readonly Cell[]): void {
    const { trigger } = this.#windowing;
    const sum = parts.reduce((total, { count }) => total + count, 0);
    if (trigger.kind !== "afterWatermark") cell.count = sum;
    else {
      // It waits for the end again where some part had not been fired on time, or where the end is ahead of the watermark again.
      // Where all parts are new and past their end together, the firing on time was missed.
      cell.isLatePhase = parts.every(({ isLatePhase }) => isLatePhase) && this.#input > cell.window.maxTimestamp;
      // An early count that was over in any of the parts begins anew.
      cell.count = !cell.isLatePhase && parts.some(({ isLatePhase }) => isLatePhase) ? 0 : sum;
      const { early, late } = trigger;
      if (cell.isLatePhase && early === undefined && late === undefined) cell.isClosed = true;
    }
  }

  // ---- triggers and panes

  get #watchesWatermark(): boolean {
    return this.#windowing.trigger.kind === "default" || this.#windowing.trigger.kind === "afterWatermark";
  }

  #ask(cell: Cell): void {
    if (cell.isClosed || !this.#isReady(cell)) return;
    const { trigger } = this.#windowing;
    const isOnTime = trigger.kind === "afterWatermark" && !cell.isLatePhase && this.#input > cell.window.maxTimestamp;
    cell.isLatePhase ||= isOnTime;
    cell.count = 0;
    const isFinished = trigger.kind === "afterCount" || (isOnTime && trigger.late === undefined);
    this.#emit(cell, isFinished);
    cell.isClosed = isFinished;
  }

  #isReady({ window, count, isLatePhase }: Cell): boolean {
    const { trigger } = this.#windowing;
    const isPastEnd = this.#input > window.maxTimestamp;
    switch (trigger.kind) {
      case "default":
        return isPastEnd;
      case "never":
        return false;
      case "afterCount":
      case "repeatedly":
        return count >= trigger.count;
      case "afterWatermark":
        return isLatePhase ? count >= (trigger.late ?? Infinity) : isPastEnd || count >= (trigger.early ?? Infinity);
    }
  }

  #expire(cell: Cell): void {
    if (!cell.isClosed) this.#emit(cell, true);
  }

  #emit(cell: Cell, isLast: boolean): void {
    const { accumulation, onTime, closing, timestampCombiner } = this.#windowing;
    const { key, window, held, panes, nonEarly } = cell;
    const fresh = held.filter(({ isEmitted }) => !isEmitted);
    const timing = this.#timingOf(cell);
    // Rule 3.
    if (fresh.length > 0 || (timing === "ON_TIME" && onTime === "always") || (isLast && closing === "always")) {
      const times = fresh.filter(({ counts }) => counts).map(({ at }) => at);
      this.panes.push({
        event: this.event,
        key,
        window,
        values: (accumulation === "accumulating" ? held : fresh).map(({ value }) => value).toSorted((a, b) => a - b),
        timing,
        index: panes,
        nonSpeculativeIndex: timing === "EARLY" ? -1 : nonEarly,
        isFirst: panes === 0,
        isLast,
        timestamp: combined(timestampCombiner, times, window.maxTimestamp),
      });
      cell.panes++;
      if (timing !== "EARLY") cell.nonEarly++;
    }
    for (const each of held) each.isEmitted = true;
  }

  /** Rule 2. */
  #timingOf({ window, nonEarly }: Cell): Pane["timing"] {
    if (this.#output > window.maxTimestamp || nonEarly > 0) return "LATE";
    return this.#input > window.maxTimestamp ? "ON_TIME" : "EARLY";
  }

  // ---- watermarks

  /**
   * Elements hold it at the time of their pane; timers at the end of the window or, once that is passed or where nobody waits for
   * it, at its expiry (rules 4 and 6).
   *
   * @param passed - the input watermark that all timers have been told of.
   */
  #moveOutput(passed: Instant): void {
    const { timestampCombiner } = this.#windowing;
    const holds = this.#cells.flatMap(({ window, held, isClosed }) => {
      const timer = this.#watchesWatermark && passed <= window.maxTimestamp ? window.maxTimestamp : this.#expiryOf(window);
      const times = held.filter(({ isEmitted, counts }) => !isClosed && !isEmitted && counts).map(({ at }) => at);
      return times.length === 0 ? [timer] : [timer, combined(timestampCombiner, times, window.maxTimestamp)];
    });
    this.#output = Math.max(this.#output, Math.min(this.#input, ...holds));
  }

  #expiryOf({ maxTimestamp }: Window): Instant {
    return Math.min(maxTimestamp + this.#windowing.allowedLateness, globalWindow.maxTimestamp);
  }
}

const newCell = (key: string, window: Window): Cell => ({
  key,
  window,
  held: [],
  panes: 0,
  nonEarly: 0,
  isClosed: false,
  isLatePhase: false,
  count: 0,
});

function combined(combiner: WindowingStrategy["timestampCombiner"], times: readonly Instant[], end: Instant): Instant {
  if (combiner === "endOfWindow" || times.length === 0) return end;
  return combiner === "earliest" ? Math.min(...times) : Math.max(...times);
}

/** The windows of a time, each tried. */
export function windowsOf(windows: KnownWindows, at: Instant): readonly Window[] {
  switch (windows.kind) {
    case "global":
      return [globalWindow];
    case "sessions":
      return [intervalWindow(at, at + windows.gap)];
    case "fixed":
      return startsUpTo(at, windows.size)
        .filter((start) => (start - windows.offset) % windows.size === 0)
        .map((start) => intervalWindow(start, start + windows.size));
    case "sliding":
      return startsUpTo(at, windows.size)
        .filter((start) => start % windows.period === 0)
        .map((start) => intervalWindow(start, start + windows.size));
  }
}

/** Where a window of some size may start that a time is in. */
const startsUpTo = (at: Instant, size: number): readonly Instant[] => Array.from({ length: size }, (_, i) => at - i);

const isSame = (a: Window, b: Window): boolean =>
  a.maxTimestamp === b.maxTimestamp && (a as IntervalWindow).start === (b as IntervalWindow).start;

const distinct = (windows: readonly Window[]): readonly Window[] =>
  windows.filter((window, i) => windows.findIndex((each) => isSame(each, window)) === i);

/** Windows with those that they overlap, directly or through others, and what they are together. */
function overlapping(windows: readonly Window[]): readonly { readonly into: Window; readonly from: readonly Window[] }[] {
  let groups = (windows as readonly IntervalWindow[]).map((window) => ({ into: window, from: [window] }));
  for (;;) {
    const pair = groups.flatMap((a) =>
      groups.filter((b) => a !== b && a.into.start < b.into.end && b.into.start < a.into.end).map((b) => [a, b] as const),
    )[0];
    if (pair === undefined) return groups;
    const [a, b] = pair;
    const into = intervalWindow(Math.min(a.into.start, b.into.start), Math.max(a.into.end, b.into.end));
    groups = [...groups.filter((group) => group !== a && group !== b), { into, from: [...a.from, ...b.from] }];
  }
}
