import type { AnyDoFn } from "../../../sdk/do-fn.ts";
import { NEVER, type Duration, type Instant } from "../../../sdk/time.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import type { Pane, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { Agenda } from "../agenda.ts";
import { isStamp, type Batch } from "../batch.ts";
import type { Bundle } from "../bundle.ts";
import type { DoFnStep, TimerCall } from "../do-fn-step.ts";
import { timerFailed } from "../failures.ts";
import { Drops, expiryOf, ownKeyIds } from "../groupings/grouping.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import type { Receive } from "../step-context.ts";
import type { Look } from "../state/cell.ts";
import { Journal } from "../state/journal.ts";
import { KeyedCall, type KeyState } from "../state/key-state.ts";
import { KeyedBinding } from "../state/keyed-binding.ts";
import { cellsByName, statesOf, timersByName, timersOf } from "../state/keyed-context.ts";
import { KeyStates } from "../state/key-states.ts";
import { TimerStore, type SetTimer } from "../state/timer-store.ts";
import { PLAIN, type HeadResult, type HeadRunner } from "./head.ts";

/** How many callbacks without elements a bundle has at most: a timer that sets itself again and again must not stop everything else. */
const MOST_CALLBACKS = 16 * 1_024;

/** What a keyed head is made of. */
export interface KeyedHeadParts {
  readonly path: string;
  readonly doFn: AnyDoFn;
  readonly windowing: WindowingStrategy;
  readonly keys: KeyDictionary;
  readonly hasLateOutput: boolean;
  /** Looks at what is written to a state, by its number. */
  readonly looks: readonly (Look | undefined)[];
}

/** An element that is kept until all before it must have come. */
interface Waiting {
  readonly keyId: number;
  readonly value: unknown;
  readonly timestamp: Instant;
  readonly window: Window;
  readonly pane: Pane;
  /** Its time in the order, which is no later than its window; `NEVER` where it is not kept any more. */
  place: Instant;
  standsAt: Instant;
}

/**
 * Calls a DoFn that has state or timers: for elements, when timers are due, and when windows expire, one after the other. In a step of
 * the watermark what is due happens in the order of its times: elements that were kept for their order, timers, the ends of windows.
 */
export class KeyedHead implements HeadRunner {
  readonly #parts: KeyedHeadParts;
  readonly #journal = new Journal();
  readonly #timers: TimerStore<KeyState>;
  readonly #states: KeyStates;
  readonly #binding: KeyedBinding;
  /** What each of the timers does, and what it is called in an error. */
  readonly #alarms: readonly { readonly what: string; readonly callback: (ctx: never) => unknown }[];
  readonly #sorted = new Agenda<Waiting>(DUE);
  readonly #drops = new Drops();
  readonly #lateness: Duration;
  #step!: DoFnStep;
  #receive!: Receive;
  #inputWatermark: Instant = -Infinity;
  #callbacks = 0;

  constructor(parts: KeyedHeadParts) {
    this.#parts = parts;
    const { doFn, path, windowing, looks } = parts;
    const [states, timers] = [statesOf(doFn), timersOf(doFn)];
    const call = new KeyedCall(path, this.#journal);
    this.#alarms = timers.map(({ name }) => ({ what: `the timer "${name}"`, callback: doFn.onTimer![name]! }));
    this.#timers = new TimerStore(timers.map(({ declaration }) => declaration.domain));
    this.#states = new KeyStates({ states, looks, timers: this.#timers, call }, windowing, doFn.timeToLive);
    const setting = { call, allowedSkew: doFn.allowedSkew ?? 0 };
    this.#binding = new KeyedBinding(call, cellsByName(states), timersByName(timers, setting));
    this.#lateness = windowing.allowedLateness;
  }

  run({ batches, inputWatermark, processingTime }: Bundle, steps: StageLoop, pass: Pass): HeadResult {
    this.#journal.forget();
    this.#states.beginBundle();
    this.#inputWatermark = inputWatermark;
    this.#callbacks = 0;
    const late: { readonly pair: unknown; readonly timestamp: Instant; readonly window: Window; readonly pane: Pane }[] = [];
    steps.each(pass, (receive) => {
      this.#receive = receive;
      this.#step = steps.doFns.get(0)!;
      this.#step.bind(this.#binding);
      // Elements first: they had left before the watermark moved on, which comes with the bundle that gave them out.
      for (const batch of batches) {
        this.#take(batch, (pair, timestamp, window, pane) => void late.push({ pair, timestamp, window, pane }));
      }
      this.#callAllDue(processingTime);
    });
    if (this.#parts.hasLateOutput) {
      for (const { pair, timestamp, window, pane } of late) steps.emit(1, pair, { timestamp, windows: [window], pane }, pass);
    }
    this.#parts.keys.sweep(() => this.#liveKeys());
    return this.#result();
  }

  /** Takes back what the last bundle has written, as it has failed. */
  rollBack(): void {
    this.#journal.rollBackTo(0);
    this.#states.beginAnew();
    this.#drops.take();
  }

  /** How much is kept. */
  get size(): KeyStates["size"] {
    return this.#states.size;
  }

  #take(batch: Batch, onLate: (pair: unknown, timestamp: Instant, window: Window, pane: Pane) => void): void {
    const { values, size, stamps } = batch;
    const ids = ownKeyIds(batch, this.#parts.keys);
    const shared = isStamp(stamps) ? stamps : undefined;
    const columns = isStamp(stamps) ? undefined : stamps;
    for (let i = 0; i < size; i++) {
      const timestamp = shared?.timestamp ?? columns!.timestamps[i]!;
      const windows = shared?.windows ?? columns!.windows[i]!;
      const pane = shared?.pane ?? columns!.panes[i]!;
      for (const window of windows) {
        const by = this.#lateBy(timestamp, window);
        if (by > 0) {
          const key = this.#parts.keys.keyOf(ids[i]!);
          this.#drops.late(1, key, window, by);
          onLate([key, values[i]], timestamp, window, pane);
        } else if (this.#parts.doFn.requiresTimeSortedInput === true) this.#keep(ids[i]!, values[i], timestamp, window, pane);
        else this.#process(ids[i]!, values[i], timestamp, windows.length === 1 ? windows : [window], pane);
      }
    }
    batch.release?.();
  }

  /** How much too late an element comes: after its window has expired, or after those that it should have come before. */
  #lateBy(timestamp: Instant, window: Window): Duration {
    const byWindow = this.#inputWatermark - expiryOf(window, this.#parts.windowing);
    if (this.#parts.doFn.requiresTimeSortedInput !== true) return byWindow;
    return Math.max(byWindow, this.#inputWatermark - (timestamp + this.#lateness));
  }

  #keep(keyId: number, value: unknown, timestamp: Instant, window: Window, pane: Pane): void {
    const item: Waiting = { keyId, value, timestamp, window, pane, place: Math.min(timestamp, window.maxTimestamp), standsAt: NEVER };
    this.#journal.noteCall(() => (item.place = NEVER));
    this.#sorted.note(item);
  }

  #process(keyId: number, value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane): void {
    const state = this.#states.stateOf(windows[0]!, keyId);
    this.#binding.state = state;
    this.#receive([this.#parts.keys.keyOf(keyId), value], timestamp, windows, pane);
    this.#states.used(state, timestamp);
    this.#forgetIfUnused(state);
  }

  /** Every key of a window is told of its expiry where the DoFn wants to know. */
  #forgetIfUnused(state: KeyState): void {
    if (this.#parts.doFn.onWindowExpiration === undefined && state.isUnused) this.#states.forget(state);
  }

  #callAllDue(now: Instant): void {
    while (this.#callbacks < MOST_CALLBACKS && (this.#callNextDue() || this.#callNextAt(now))) this.#callbacks++;
  }

  /** Does what is due first in event time; answers whether there was something. */
  #callNextDue(): boolean {
    const timer = this.#timers.dueEvent(this.#inputWatermark);
    const timerDue = timer?.time ?? NEVER;
    const sorted = this.#sortedDue;
    const idle = this.#states.earliestIdle;
    const expiry = this.#states.earliestExpiry;
    const due = Math.min(sorted, timerDue, idle, expiry);
    if (due >= this.#inputWatermark) return false;
    if (sorted === due) this.#processKept();
    else if (timerDue === due) this.#fire(timer!);
    else if (idle === due) this.#expire(this.#states.idleBefore(this.#inputWatermark)!, idle);
    else {
      const state = this.#states.expiredBefore(this.#inputWatermark);
      if (state !== undefined) this.#expire(state, state.home.window.maxTimestamp);
    }
    return true;
  }

  /** When the first of the elements that are kept for their order is given on: before its window expires, however much lateness is allowed. */
  get #sortedDue(): Instant {
    if (this.#parts.doFn.requiresTimeSortedInput !== true) return NEVER;
    const { earliest } = this.#sorted;
    return earliest === NEVER ? NEVER : Math.min(earliest + this.#lateness, globalWindow.maxTimestamp);
  }

  #callNextAt(now: Instant): boolean {
    const timer = this.#timers.dueProcessing(now);
    if (timer !== undefined) this.#fire(timer);
    return timer !== undefined;
  }

  #processKept(): void {
    const item = this.#sorted.takeBefore(NEVER)!;
    this.#journal.noteCall(() => this.#sorted.note(item));
    this.#process(item.keyId, item.value, item.timestamp, [item.window], item.pane);
  }

  #fire(timer: SetTimer<KeyState>): void {
    const { owner, number, tag, time, output } = timer;
    const { what, callback } = this.#alarms[number]!;
    owner.fire(timer);
    const timestamp = this.#timers.isInEventTime(timer) ? time : output;
    this.#states.used(owner, timestamp);
    this.#callBack(owner, callback, what, {
      key: this.#keyOf(owner),
      tag,
      timestamp,
      outputTimestamp: output,
      windows: owner.home.windows,
    });
    this.#forgetIfUnused(owner);
  }

  #expire(state: KeyState, timestamp: Instant): void {
    const { doFn } = this.#parts;
    if (doFn.onWindowExpiration !== undefined) {
      const about = { key: this.#keyOf(state), tag: "", timestamp, outputTimestamp: timestamp, windows: state.home.windows };
      this.#callBack(state, (ctx) => doFn.onWindowExpiration!(ctx), "the end of a window", about);
    }
    state.clearTimers();
    this.#states.forget(state);
  }

  #keyOf({ keyId }: KeyState): unknown {
    return this.#parts.keys.keyOf(keyId);
  }

  #callBack(state: KeyState, callback: (ctx: never) => unknown, what: string, about: TimerCall): void {
    this.#binding.state = state;
    try {
      this.#step.callBack(callback, about);
    } catch (error) {
      throw timerFailed(this.#parts.path, what, about.key, error);
    }
  }

  #liveKeys(): readonly number[] {
    const ids = this.#states.liveKeys();
    for (const { keyId } of this.#sorted.all()) ids.push(keyId);
    return ids;
  }

  #result(): HeadResult {
    const ends = Math.min(this.#states.earliestIdle, this.#states.earliestExpiry);
    const toldOfEnds = this.#parts.doFn.onWindowExpiration === undefined ? NEVER : ends;
    return {
      ...PLAIN,
      hold: Math.min(this.#timers.hold, this.#sorted.earliest, toldOfEnds),
      nextTimer: Math.min(this.#sortedDue, this.#timers.earliestEvent, ends),
      nextDeadline: this.#timers.earliestProcessing,
      ...this.#drops.take(),
    };
  }
}

const DUE = {
  timeOf: ({ place }: Waiting) => place,
  standsAt: ({ standsAt }: Waiting) => standsAt,
  standAt: (item: Waiting, time: Instant): void => void (item.standsAt = time),
};
