import { MIN_INSTANT, type Instant, type Trigger } from "millrace";
import { machineOf } from "../../runners/core/triggers/machine-of.ts";
import type { TriggerMachine, TriggerTimes } from "../../runners/core/triggers/machine.ts";
import type { AnyPart } from "../../runners/core/triggers/part.ts";

/** From the first instant up to the one after the last. */
export type Interval = readonly [start: number, end: number];

/** The windows of an element, and whether those that overlap become one. */
export interface Windows {
  readonly of: (time: Instant) => readonly Interval[];
  readonly merge: boolean;
}

export const global: Windows = { of: () => [[-Infinity, Infinity]], merge: false };

export const sessions = (gap: number): Windows => ({ of: (time) => [[time, time + gap]], merge: true });

export function fixed(size: number): Windows {
  const startOf = (time: Instant): number => Math.floor(time / size) * size;
  return { of: (time) => [[startOf(time), startOf(time) + size]], merge: false };
}

type Value = string | number;

/** A value and its time; a number that stands alone is both. */
export type Timed = number | readonly [Value, Instant];

/** A window that the trigger fired for, and what came since it did before: what ever came, where panes accumulate. */
export interface Fired {
  readonly window: Interval;
  readonly values: readonly Value[];
  readonly isFinished: boolean;
}

/** A window, what the trigger remembers of it, and what is in it. */
export interface Cell {
  readonly window: Interval;
  readonly state: unknown;
  /** What waits for a firing. */
  readonly fresh: readonly Value[];
  readonly emitted: readonly Value[];
}

/** A driver for what a trigger describes. */
export const driverOf = (trigger: Trigger, windows: Windows, accumulates = false): TriggerDriver =>
  new TriggerDriver(machineOf(trigger, windows.merge), windows, accumulates);

/**
 * Feeds a machine as a grouping with one key would: elements come by events, windows merge before anything is put into them, and
 * the machine is asked once for each event. There are no holds and no lateness: all that comes out is what the trigger fires for.
 */
export class TriggerDriver {
  /** How many elements came for windows whose trigger had finished. */
  dropped = 0;
  protected readonly cells = new Map<string, Cell>();
  readonly #machine: TriggerMachine;
  readonly #windows: Windows;
  readonly #accumulates: boolean;
  /** What the windows of the last event became. */
  #merged: readonly Interval[] = [];
  #inputWatermark: Instant = MIN_INSTANT;
  #processingTime: Instant = 0;
  #synchronizedProcessingTime: Instant = 0;

  constructor(machine: TriggerMachine | AnyPart, windows: Windows, accumulates = false) {
    this.#machine = machine;
    this.#windows = windows;
    this.#accumulates = accumulates;
  }

  /** The elements of one bundle. */
  event(...elements: readonly Timed[]): readonly Fired[] {
    const arrived = elements
      .map((element) => (typeof element === "number" ? ([element, element] as const) : element))
      .flatMap(([value, time]) => this.#windows.of(time).map((window) => ({ value, window })));
    if (this.#windows.merge) this.#merge(arrived.map(({ window }) => window));
    const added = new Map<string, { readonly cell: Cell; readonly values: Value[] }>();
    for (const { value, window } of arrived) {
      const cell = this.#cellOf(this.#merged.find(([start, end]) => start <= window[0] && end >= window[1]) ?? window);
      const id = String(cell.window);
      if (this.#machine.isFinished(cell.state)) this.dropped++;
      else if (added.has(id)) added.get(id)!.values.push(value);
      else added.set(id, { cell, values: [value] });
    }
    return [...added.values()].flatMap(({ cell, values }) => {
      const state = this.#machine.onElements(cell.state, values.length, this.#timesOf(cell.window));
      return this.#ask({ ...cell, state, fresh: [...cell.fresh, ...values] });
    });
  }

  /** The watermark moves. */
  watermark(to: Instant): readonly Fired[] {
    const from = this.#inputWatermark;
    this.#inputWatermark = to;
    return this.ask(({ window: [, end] }) => this.#machine.watchesWatermark && from < end && to >= end);
  }

  /** Processing time moves, and synchronized processing time with it where nothing else is said. */
  clock(to: Instant, synchronized = to): readonly Fired[] {
    const [from, synchronizedFrom] = [this.#processingTime, this.#synchronizedProcessingTime];
    this.#processingTime = to;
    this.#synchronizedProcessingTime = synchronized;
    const isReached = ({ state }: Cell): boolean => this.#machine.deadline(state, from) <= to;
    const isPassed = ({ state }: Cell): boolean => this.#machine.synchronizedDeadline(state, synchronizedFrom) < synchronized;
    return this.ask((cell) => isReached(cell) || isPassed(cell));
  }

  /** The machine is asked for some windows that are not finished, or all of them. */
  ask(isAsked: (cell: Cell) => boolean = () => true): readonly Fired[] {
    const open = [...this.cells.values()].filter(({ state }) => !this.#machine.isFinished(state));
    return open.filter(isAsked).flatMap((cell) => this.#ask(cell));
  }

  /** What waits in each window that is not finished. */
  get waiting(): readonly (readonly [Interval, readonly Value[]])[] {
    return [...this.cells.values()].filter(({ fresh }) => fresh.length > 0).map(({ window, fresh }) => [window, fresh]);
  }

  #ask(cell: Cell): readonly Fired[] {
    const { window, state, fresh, emitted } = cell;
    const id = String(window);
    const times = this.#timesOf(window);
    this.cells.set(id, cell);
    if (!this.#machine.isReady(state, times)) return [];
    const after = this.#machine.fired(state, times);
    this.cells.set(id, { window, state: after, fresh: [], emitted: [...emitted, ...fresh] });
    return [{ window, values: this.#accumulates ? [...emitted, ...fresh] : fresh, isFinished: this.#machine.isFinished(after) }];
  }

  /** Windows of an event become one with those that are there and not finished. The machine hears of those with something in them. */
  #merge(arrived: readonly Interval[]): void {
    const open = [...this.cells.values()].filter(({ state }) => !this.#machine.isFinished(state));
    const groups = overlapping([...open.map(({ window }) => window), ...arrived]);
    for (const { into, ids } of groups.filter((group) => group.ids.size > 1)) {
      const from = open.filter(({ window }) => ids.has(String(window)));
      const same = from.find(({ window }) => String(window) === String(into));
      const states = from.map((cell) => cell.state);
      const state = this.#machine.merge(states, same?.state, this.#timesOf(into));
      for (const { window } of from) this.cells.delete(String(window));
      const [fresh, emitted] = [from.flatMap((cell) => cell.fresh), from.flatMap((cell) => cell.emitted)];
      this.cells.set(String(into), { window: into, state, fresh, emitted });
    }
    this.#merged = groups.map(({ into }) => into);
  }

  #cellOf(window: Interval): Cell {
    return this.cells.get(String(window)) ?? { window, state: this.#machine.initial, fresh: [], emitted: [] };
  }

  #timesOf([, end]: Interval): TriggerTimes {
    return {
      maxTimestamp: end - 1,
      inputWatermark: this.#inputWatermark,
      processingTime: this.#processingTime,
      synchronizedProcessingTime: this.#synchronizedProcessingTime,
    };
  }
}

/** Which windows become one. */
function overlapping(windows: readonly Interval[]): readonly { readonly into: Interval; readonly ids: ReadonlySet<string> }[] {
  const groups: { into: Interval; readonly ids: Set<string> }[] = [];
  for (const [start, end] of windows.toSorted(([a], [b]) => a - b)) {
    const last = groups.at(-1);
    if (last !== undefined && start < last.into[1]) {
      last.into = [last.into[0], Math.max(last.into[1], end)];
      last.ids.add(String([start, end]));
    } else groups.push({ into: [start, end], ids: new Set([String([start, end])]) });
  }
  return groups;
}
