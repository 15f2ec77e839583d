import type { AnyCombineFn } from "../../../sdk/combine/combine-fn.ts";
import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Pane, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { Agenda, type AgendaOf } from "../agenda.ts";
import { isStamp, type Batch } from "../batch.ts";
import type { BundleTimes } from "../bundle.ts";
import {
  emptyOutputOf,
  expiryOf,
  merges,
  Drops,
  NO_SCOPE,
  ownKeyIds,
  type CombineScope,
  type GroupingOutput,
  type Grouping,
  type GroupingSpec,
} from "./grouping.ts";
import { DisjointWindows } from "./disjoint-windows.ts";
import { stepFailed } from "../failures.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import { MergingWindows } from "./merging-windows.ts";
import { Deadline, paneOf, type PaneState, type Timed } from "./pane-state.ts";
import { machineOf } from "../triggers/machine-of.ts";
import type { TriggerMachine, TriggerTimes } from "../triggers/machine.ts";

/** An element on its way into the windows of its key. */
export interface Arrival {
  readonly keyId: number;
  readonly value: unknown;
  readonly timestamp: Instant;
  readonly pane: Pane;
}

/** What finds the states of elements: windows are either shared by all keys, or merge for each key by itself. */
export interface Windows {
  /** Takes an element that is in one or more windows. */
  readonly place: (arrival: Arrival, windows: readonly Window[]) => void;
  /** All elements of a bundle were placed. */
  readonly settle: () => void;
  /** A window has expired. */
  readonly forget: (timed: Timed) => void;
  readonly liveKeys: () => Iterable<number>;
}

/** What windows need of the grouping that they belong to. */
export interface WindowsHost {
  readonly windowing: WindowingStrategy;
  readonly path: string;
  readonly fn: AnyCombineFn;
  readonly machine: TriggerMachine;
  readonly inputWatermark: Instant;
  readonly isExpired: (window: Window) => boolean;
  readonly timesOf: (window: Window) => TriggerTimes;
  /** Puts an element in. */
  readonly add: (state: PaneState, arrival: Arrival) => void;
  /** Sees to it that a window is looked at when the watermark passes its end or its expiry. */
  readonly noteTimer: (timed: Timed) => void;
  readonly noteHold: (state: PaneState) => void;
  readonly close: (state: PaneState) => void;
  readonly dropLate: (arrival: Arrival, window: Window) => void;
  readonly dropClosed: (arrival: Arrival, window: Window) => void;
  /** Counts elements that are dropped although they were put in: what they were is not known any more. */
  readonly dropFolded: (elements: number) => void;
}

/** After so many states have expired, and no fewer than there were when it was last done, what is left of them is cleared away. */
const MANY_GONE = 4_096;

const whenAsked: AgendaOf<Deadline> = {
  timeOf: ({ state, time }) => (state.isGone ? NEVER : time),
  standsAt: ({ standsAt }) => standsAt,
  standAt: (deadline, time) => (deadline.standsAt = time),
};

/**
 * The state of one partition of a grouping whose windows emit more than one pane, or merge: for each key and window an
 * accumulator, what the trigger remembers, and which panes were emitted.
 *
 * A trigger is asked once for each bundle and key after all its elements were added, once when the watermark passes the end of
 * a window if it waits for that, and once for each of its deadlines.
 */
export class PaneGrouping implements Grouping, WindowsHost {
  readonly drops = new Drops();
  readonly machine: TriggerMachine;
  readonly #spec: GroupingSpec;
  readonly #keys: KeyDictionary;
  readonly #scope: CombineScope;
  readonly #windows: Windows;
  readonly #timers = new Agenda<Timed>({
    timeOf: (timed) => this.#timerOf(timed),
    standsAt: ({ timerAt }) => timerAt,
    standAt: (timed, time) => (timed.timerAt = time),
  });
  readonly #holds = new Agenda<PaneState>({
    timeOf: ({ isGone, hold }) => (isGone ? NEVER : hold),
    standsAt: ({ holdAt }) => holdAt,
    standAt: (state, time) => (state.holdAt = time),
  });
  readonly #deadlines = new Agenda(whenAsked);
  readonly #synchronizedDeadlines = new Agenda(whenAsked);
  /** Whether the timers of windows hold the watermark where their elements do. */
  readonly #timersHold: boolean;
  #times!: BundleTimes;
  /** The output watermark that the timing of panes goes by. */
  #outputWatermark!: Instant;
  #output!: GroupingOutput;
  /** The states that got elements in this bundle. */
  #touched: PaneState[] = [];
  #owesDefault: boolean;
  /** How many states have expired since the agendas were last gone through. */
  #gone = 0;
  #sweepAt = MANY_GONE;

  /** @param machine - what says when panes are emitted, where it is not the trigger's own. */
  constructor(spec: GroupingSpec, keys: KeyDictionary, machine?: TriggerMachine) {
    const { windowing } = spec;
    this.#spec = spec;
    this.#keys = keys;
    this.#scope = spec.scope ?? NO_SCOPE;
    const hasMerges = merges(windowing);
    this.machine = machine ?? machineOf(windowing.trigger, hasMerges);
    this.#windows = hasMerges ? new MergingWindows(this) : new DisjointWindows(this);
    this.#timersHold = windowing.allowedLateness === 0 && windowing.timestampCombiner === "endOfWindow";
    this.#owesDefault = spec.emitsDefault;
  }

  get windowing(): WindowingStrategy {
    return this.#spec.windowing;
  }

  get path(): string {
    return this.#spec.path;
  }

  get fn(): AnyCombineFn {
    return this.#spec.fn;
  }

  get inputWatermark(): Instant {
    return this.#times.inputWatermark;
  }

  /** What time has made due comes first: it was due before the elements came. */
  run(batches: readonly Batch[], times: BundleTimes, output: GroupingOutput): void {
    this.#times = times;
    this.#output = output;
    this.#outputWatermark = times.timersOutputWatermark;
    this.#passTime();
    this.#outputWatermark = times.outputWatermark;
    this.#passProcessingTime();
    for (const batch of batches) {
      this.#place(batch);
      batch.release?.();
    }
    this.#windows.settle();
    this.#tellTriggers();
  }

  // ---- time

  #passTime(): void {
    const { inputWatermark } = this.#times;
    for (let due = this.#timers.takeBefore(inputWatermark); due !== undefined; due = this.#timers.takeBefore(inputWatermark)) {
      if (inputWatermark > due.expiry) this.#expire(due);
      else {
        due.hasEnded = true;
        for (const state of due.panes()) this.#ask(state);
        this.#timers.note(due);
      }
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < inputWatermark) this.#emitDefault();
    if (this.#gone >= this.#sweepAt) this.#sweep();
  }

  /** What has expired stands where it once would have been due, until that time comes; and processing time may not move. */
  #sweep(): void {
    this.#gone = 0;
    this.#sweepAt = MANY_GONE;
    for (const agenda of [this.#holds, this.#deadlines, this.#synchronizedDeadlines]) {
      this.#sweepAt = Math.max(this.#sweepAt, agenda.sweep());
    }
  }

  /** What no trigger has fired is the last pane. */
  #expire(timed: Timed): void {
    for (const state of timed.panes()) {
      if (!state.isClosed) this.#emit(state, true);
      state.isGone = true;
      this.#gone++;
    }
    this.#windows.forget(timed);
  }

  #passProcessingTime(): void {
    const { processingTime, synchronizedProcessingTime } = this.#times;
    // A deadline is due when it is reached, one in synchronized time when it is passed.
    const due = allBefore(this.#deadlines, processingTime + 1);
    const synchronizedDue = allBefore(this.#synchronizedDeadlines, synchronizedProcessingTime);
    for (const state of new Set([...due, ...synchronizedDue].map((deadline) => deadline.state))) this.#ask(state);
  }

  #timerOf({ window, expiry, hasEnded, isGone }: Timed): Instant {
    if (isGone) return NEVER;
    return this.machine.watchesWatermark && !hasEnded ? window.maxTimestamp : expiry;
  }

  // ---- elements

  #place(batch: Batch): void {
    const { values, stamps, size } = batch;
    const keyIds = ownKeyIds(batch, this.#keys);
    const isShared = isStamp(stamps);
    for (let i = 0; i < size; i++) {
      const timestamp = isShared ? stamps.timestamp : stamps.timestamps[i]!;
      const pane = isShared ? stamps.pane : stamps.panes[i]!;
      this.#windows.place({ keyId: keyIds[i]!, value: values[i], timestamp, pane }, isShared ? stamps.windows : stamps.windows[i]!);
    }
  }

  isExpired(window: Window): boolean {
    return this.#times.inputWatermark > expiryOf(window, this.#spec.windowing);
  }

  add(state: PaneState, arrival: Arrival): void {
    const { fn, path } = this.#spec;
    const { ctx, enter, leave } = this.#scope;
    enter(state.window);
    try {
      state.accumulator = fn.add(state.isFilled ? state.accumulator : fn.create(), arrival.value, ctx);
    } catch (error) {
      throw stepFailed(path, arrival.value, error);
    } finally {
      leave();
    }
    state.isFilled = true;
    state.fresh++;
    if (state.untold++ === 0) this.#touched.push(state);
    this.#holdFor(state, arrival.timestamp);
    this.#owesDefault = false;
  }

  /** An element holds the watermark where it can still be held, and until the window expires where it cannot. */
  #holdFor(state: PaneState, timestamp: Instant): void {
    const { timestampCombiner } = this.#spec.windowing;
    const { maxTimestamp } = state.window;
    const { inputWatermark, outputWatermark } = this.#times;
    const own = timestampCombiner === "endOfWindow" ? maxTimestamp : timestamp;
    if (own < outputWatermark || maxTimestamp < inputWatermark) state.isHeldToExpiry = true;
    else if (state.elementHold === NEVER) state.elementHold = own;
    else if (timestampCombiner === "earliest") state.elementHold = Math.min(state.elementHold, own);
    else if (timestampCombiner === "latest") state.elementHold = Math.max(state.elementHold, own);
    this.noteHold(state);
  }

  noteHold(state: PaneState): void {
    if (!this.#timersHold) this.#holds.note(state);
  }

  noteTimer(timed: Timed): void {
    this.#timers.note(timed);
  }

  dropLate(arrival: Arrival, window: Window): void {
    this.drops.late(1, this.#keys.keyOf(arrival.keyId), window, this.#times.inputWatermark - expiryOf(window, this.#spec.windowing));
    this.#giveBack(arrival, window);
  }

  dropClosed(arrival: Arrival, window: Window): void {
    this.drops.closed++;
    this.#giveBack(arrival, window);
  }

  dropFolded(elements: number): void {
    this.drops.closed += elements;
  }

  #giveBack({ keyId, value, timestamp, pane }: Arrival, window: Window): void {
    this.#output.late([this.#keys.keyOf(keyId), value], { timestamp, windows: [window], pane });
  }

  #tellTriggers(): void {
    const touched = this.#touched;
    this.#touched = [];
    for (const state of touched) {
      if (state.isGone) continue;
      state.trigger = this.machine.onElements(state.trigger, state.untold, this.timesOf(state.window));
      state.untold = 0;
    }
    for (const state of touched) this.#ask(state);
  }

  // ---- panes

  timesOf({ maxTimestamp }: Window): TriggerTimes {
    const { inputWatermark, processingTime, synchronizedProcessingTime } = this.#times;
    return { maxTimestamp, inputWatermark, processingTime, synchronizedProcessingTime };
  }

  /** Asks the trigger whether a pane is to be emitted, and emits it. */
  #ask(state: PaneState): void {
    if (state.isGone || state.isClosed) return;
    const times = this.timesOf(state.window);
    if (this.machine.isReady(state.trigger, times)) {
      state.trigger = this.machine.fired(state.trigger, times);
      const isFinished = this.machine.isFinished(state.trigger);
      this.#emit(state, isFinished);
      if (isFinished) {
        this.close(state);
        return;
      }
    }
    this.#noteDeadlines(state);
  }

  /** What comes from now on is dropped; that it is closed is remembered until the window expires. */
  close(state: PaneState): void {
    state.isClosed = true;
    state.empty();
    state.fresh = 0;
    state.trigger = undefined;
    state.elementHold = NEVER;
    state.isHeldToExpiry = false;
    if (state.deadline) state.deadline.time = NEVER;
    if (state.synchronizedDeadline) state.synchronizedDeadline.time = NEVER;
  }

  /** A deadline that has passed without effect is none any more. */
  #noteDeadlines(state: PaneState): void {
    const { processingTime, synchronizedProcessingTime } = this.#times;
    const deadline = this.machine.deadline(state.trigger, processingTime);
    const synchronizedDeadline = this.machine.synchronizedDeadline(state.trigger, synchronizedProcessingTime);
    state.deadline = noted(this.#deadlines, state, state.deadline, deadline);
    state.synchronizedDeadline = noted(this.#synchronizedDeadlines, state, state.synchronizedDeadline, synchronizedDeadline);
  }

  #emit(state: PaneState, isLast: boolean): void {
    const { accumulation, closing, onTime } = this.#spec.windowing;
    const timing = this.#timingOf(state);
    const timestamp = this.#releaseHolds(state, isLast);
    const isEmitted = state.fresh > 0 || (timing === "ON_TIME" && onTime === "always") || (isLast && closing === "always");
    if (isEmitted) {
      const pane = paneOf(timing, state.paneCount, state.nonEarlyCount, isLast);
      this.#output.pane([this.#keys.keyOf(state.keyId), this.#extracted(state)], timestamp, state.windows ?? [state.window], pane);
      state.paneCount++;
      if (timing !== "EARLY") state.nonEarlyCount++;
    }
    state.fresh = 0;
    if (isLast || accumulation !== "accumulating") state.empty();
  }

  #timingOf({ window, nonEarlyCount }: PaneState): Pane["timing"] {
    if (window.maxTimestamp < this.#outputWatermark || nonEarlyCount > 0) return "LATE";
    return this.#times.inputWatermark > window.maxTimestamp ? "ON_TIME" : "EARLY";
  }

  /** Lets go of the watermark; answers the time of the pane. */
  #releaseHolds(state: PaneState, isLast: boolean): Instant {
    const { elementHold, window, expiry } = state;
    state.elementHold = NEVER;
    state.isHeldToExpiry = !isLast && this.#spec.windowing.closing === "always" && expiry >= this.#times.inputWatermark;
    this.noteHold(state);
    return elementHold > window.maxTimestamp ? window.maxTimestamp : elementHold;
  }

  #extracted({ keyId, isFilled, accumulator, window }: PaneState): unknown {
    const { fn, path, look } = this.#spec;
    const { ctx, enter, leave } = this.#scope;
    if (isFilled) look?.(accumulator);
    enter(window);
    try {
      return fn.extract(isFilled ? accumulator : fn.create(), ctx) as unknown;
    } catch (error) {
      throw stepFailed(path, this.#keys.keyOf(keyId), error);
    } finally {
      leave();
    }
  }

  #emitDefault(): void {
    this.#owesDefault = false;
    const pane = paneOf("ON_TIME", 0, 0, true);
    this.#output.pane([undefined, emptyOutputOf(this.#spec)], globalWindow.maxTimestamp, [globalWindow], pane);
  }

  // ---- what others are told

  liveKeys(): Iterable<number> {
    return this.#windows.liveKeys();
  }

  /** Timers hold the watermark as elements do: what they emit is not late by that. */
  get hold(): Instant {
    return Math.min(this.nextTimer, this.#holds.earliest);
  }

  /** Where the elements that wait for their pane hold the watermark, apart from timers. */
  get elementHold(): Instant {
    return this.#holds.earliest;
  }

  get nextTimer(): Instant {
    return Math.min(this.#timers.earliest, this.#owesDefault ? globalWindow.maxTimestamp : NEVER);
  }

  get nextDeadline(): Instant {
    return this.#deadlines.earliest;
  }

  get nextSynchronizedDeadline(): Instant {
    return this.#synchronizedDeadlines.earliest;
  }
}

/** All items before a time: taken first and asked then, since an answer may be a new item. */
function allBefore(agenda: Agenda<Deadline>, limit: Instant): readonly Deadline[] {
  const all: Deadline[] = [];
  for (let item = agenda.takeBefore(limit); item !== undefined; item = agenda.takeBefore(limit)) all.push(item);
  return all;
}

/** A state's deadline, noted for its time; it is made when there is a time for it. */
function noted(agenda: Agenda<Deadline>, state: PaneState, known: Deadline | undefined, time: Instant): Deadline | undefined {
  if (known === undefined && time === NEVER) return undefined;
  const deadline = known ?? new Deadline(state);
  deadline.time = time;
  agenda.note(deadline);
  return deadline;
}
