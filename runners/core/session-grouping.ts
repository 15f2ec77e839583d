import { NEVER, type Instant } from "../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../sdk/windowing.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import { intervalWindow } from "../../sdk/windows/interval.ts";
import { Agenda } from "./agenda.ts";
import type { Batch } from "./batch.ts";
import type { BundleTimes } from "./bundle.ts";
import { eachRun } from "./exchange-slot.ts";
import { stepFailed } from "./failures.ts";
import { Drops, emptyOutputOf, expiryOf, ownKeyIds, type Grouping, type GroupingOutput, type GroupingSpec } from "./grouping.ts";
import type { KeyDictionary } from "./key-dictionary.ts";
import { paneOf } from "./pane-state.ts";

/** What a key has in one interval. */
interface Session {
  readonly keyId: number;
  start: Instant;
  end: Instant;
  accumulator: unknown;
  /** The next one of the key. */
  next: Session | undefined;
  /** Whether it has become part of another one. */
  isGone: boolean;
  timerAt: Instant;
}

const ONLY_PANE = paneOf("ON_TIME", 0, 0, true);

/**
 * The state of one partition of a grouping by sessions that emit one pane each: key → its sessions. An element joins the
 * sessions that it overlaps as it comes; nothing else has to be remembered, since nothing fires before a session has ended.
 */
export class SessionGrouping implements Grouping {
  readonly drops = new Drops();
  readonly nextDeadline = NEVER;
  readonly nextSynchronizedDeadline = NEVER;
  readonly #spec: GroupingSpec;
  readonly #keys: KeyDictionary;
  /** By key id: the first one of the key. */
  readonly #first: (Session | undefined)[] = [];
  readonly #ends = new Agenda<Session>({
    timeOf: ({ isGone, end }) => (isGone ? NEVER : end - 1),
    standsAt: ({ timerAt }) => timerAt,
    standAt: (session, time) => (session.timerAt = time),
  });
  #owesDefault: boolean;

  constructor(spec: GroupingSpec, keys: KeyDictionary) {
    this.#spec = spec;
    this.#keys = keys;
    this.#owesDefault = spec.emitsDefault;
  }

  /** What time has made due comes first: it was due before the elements came, so none of them joins it. */
  run(batches: readonly Batch[], { inputWatermark }: BundleTimes, output: GroupingOutput): void {
    this.#fire(inputWatermark, output);
    for (const batch of batches) {
      this.#take(batch, inputWatermark);
      batch.release?.();
    }
  }

  #take(batch: Batch, inputWatermark: Instant): void {
    const keyIds = ownKeyIds(batch, this.#keys);
    while (this.#first.length < this.#keys.size) this.#first.push(undefined);
    eachRun(batch, (windows, from, to) => {
      for (const window of windows as readonly IntervalWindow[]) {
        if (window.maxTimestamp < inputWatermark) this.#dropLate(window, keyIds, from, to, inputWatermark);
        else for (let i = from; i < to; i++) this.#join(keyIds[i]!, window, batch.values[i]);
      }
    });
  }

  #dropLate(window: Window, keyIds: Int32Array, from: number, to: number, inputWatermark: Instant): void {
    const by = inputWatermark - expiryOf(window, this.#spec.windowing);
    for (let i = from; i < to; i++) this.drops.late(1, this.#keys.keyOf(keyIds[i]!), window, by);
  }

  /** Adds a value to the session of the key that it overlaps; to all of them, made one, where there are several. */
  #join(keyId: number, { start, end }: IntervalWindow, value: unknown): void {
    let session = this.#first[keyId];
    while (session !== undefined && (session.start >= end || session.end <= start)) session = session.next;
    if (session === undefined) this.#begin(keyId, start, end, value);
    else {
      this.#add(session, value);
      if (start >= session.start && end <= session.end) return;
      session.start = Math.min(session.start, start);
      session.end = Math.max(session.end, end);
      // Only one that has grown can have come to overlap others, and the key has to have others.
      if (this.#first[keyId]!.next !== undefined) this.#absorb(session);
    }
  }

  #begin(keyId: number, start: Instant, end: Instant, value: unknown): void {
    const { create } = this.#spec.fn;
    const session: Session = { keyId, start, end, accumulator: undefined, next: this.#first[keyId], isGone: false, timerAt: NEVER };
    try {
      session.accumulator = create();
    } catch (error) {
      throw stepFailed(this.#spec.path, value, error);
    }
    this.#add(session, value);
    this.#first[keyId] = session;
    this.#ends.note(session);
    this.#owesDefault = false;
  }

  #add(session: Session, value: unknown): void {
    try {
      session.accumulator = this.#spec.fn.add(session.accumulator, value);
    } catch (error) {
      throw stepFailed(this.#spec.path, value, error);
    }
  }

  /** Takes in the other sessions of the key that one overlaps. */
  #absorb(session: Session): void {
    const { fn, path } = this.#spec;
    const { keyId } = session;
    let others: Session | undefined = this.#first[keyId];
    this.#first[keyId] = undefined;
    let kept: Session | undefined;
    while (others !== undefined) {
      const other: Session = others;
      others = other.next;
      if (other !== session && other.start < session.end && session.start < other.end) {
        try {
          session.accumulator = fn.merge(session.accumulator, other.accumulator);
        } catch (error) {
          throw stepFailed(path, other.accumulator, error);
        }
        session.start = Math.min(session.start, other.start);
        session.end = Math.max(session.end, other.end);
        other.isGone = true;
      } else {
        other.next = kept;
        kept = other;
      }
    }
    this.#first[keyId] = kept;
  }

  #fire(inputWatermark: Instant, output: GroupingOutput): void {
    for (let due = this.#ends.takeBefore(inputWatermark); due !== undefined; due = this.#ends.takeBefore(inputWatermark)) {
      const { keyId, start, end, accumulator } = due;
      this.#forget(due);
      output.pane([this.#keys.keyOf(keyId), this.#extracted(keyId, accumulator)], end - 1, [intervalWindow(start, end)], ONLY_PANE);
    }
    if (this.#owesDefault && globalWindow.maxTimestamp < inputWatermark) {
      this.#owesDefault = false;
      output.pane([undefined, emptyOutputOf(this.#spec)], globalWindow.maxTimestamp, [globalWindow], ONLY_PANE);
    }
  }

  #forget(session: Session): void {
    const first = this.#first[session.keyId];
    if (first === session) {
      this.#first[session.keyId] = session.next;
      return;
    }
    let before = first!;
    while (before.next !== session) before = before.next!;
    before.next = session.next;
  }

  #extracted(keyId: number, accumulator: unknown): unknown {
    const { fn, path } = this.#spec;
    try {
      return fn.extract(accumulator) as unknown;
    } catch (error) {
      throw stepFailed(path, this.#keys.keyOf(keyId), error);
    }
  }

  get hold(): Instant {
    return Math.min(this.#ends.earliest, this.#owesDefault ? globalWindow.maxTimestamp : NEVER);
  }

  *liveKeys(): Generator<number> {
    for (let id = 0; id < this.#first.length; id++) if (this.#first[id] !== undefined) yield id;
  }

  get nextTimer(): Instant {
    return this.hold;
  }
}
