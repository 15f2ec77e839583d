import { NO_SIDE_INPUTS } from "../../../sdk/combine/combine-fn.ts";
import { MIN_INSTANT, NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { Agenda } from "../agenda.ts";
import type { Batch } from "../batch.ts";
import type { BundleTimes } from "../bundle.ts";
import { stepFailed } from "../failures.ts";
import { Drops, emptyOutputOf, expiryOf, ownKeyIds, type Grouping, type GroupingOutput, type GroupingSpec } from "./grouping.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import { paneOf } from "./pane-state.ts";

/** What a key has in one interval. */
interface Session {
  readonly keyId: number;
  start: Instant;
  end: Instant;
  accumulator: unknown;
  /** Whether it has become part of another one, or has been emitted. */
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
  /** By key id: those of the key, which do not overlap, in the order of time. */
  readonly #sessions: (Session[] | undefined)[] = [];
  readonly #ends = new Agenda<Session>({
    timeOf: ({ isGone, end }) => (isGone ? NEVER : end - 1),
    standsAt: ({ timerAt }) => timerAt,
    standAt: (session, time) => (session.timerAt = time),
  });
  #owesDefault: boolean;
  #inputWatermark = MIN_INSTANT;

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
    this.#inputWatermark = inputWatermark;
  }

  #take(batch: Batch, inputWatermark: Instant): void {
    const { values, size } = batch;
    const { starts, ends } = batch.spans!;
    const { add } = this.#spec.fn;
    const keyIds = ownKeyIds(batch, this.#keys);
    while (this.#sessions.length < this.#keys.size) this.#sessions.push(undefined);
    let i = 0;
    try {
      for (; i < size; i++) {
        const [start, end] = [starts[i]!, ends[i]!];
        if (end > inputWatermark) {
          const session = this.#joined(keyIds[i]!, start, end);
          session.accumulator = add(session.accumulator, values[i], NO_SIDE_INPUTS);
        } else this.#dropLate(intervalWindow(start, end), keyIds[i]!, inputWatermark);
      }
    } catch (error) {
      throw stepFailed(this.#spec.path, values[i], error);
    }
  }

  #dropLate(window: Window, keyId: number, inputWatermark: Instant): void {
    this.drops.late(1, this.#keys.keyOf(keyId), window, inputWatermark - expiryOf(window, this.#spec.windowing));
  }

  /** The session of a key that an interval joins: one that it overlaps, or all of them, made one; else a new one. */
  #joined(keyId: number, start: Instant, end: Instant): Session {
    const own = this.#sessions[keyId];
    if (own === undefined) {
      const session = this.#begun(keyId, start, end);
      this.#sessions[keyId] = [session];
      return session;
    }
    const at = firstThatEndsAfter(own, start);
    const session = own[at];
    if (session === undefined || session.start >= end) {
      const begun = this.#begun(keyId, start, end);
      own.splice(at, 0, begun);
      return begun;
    }
    if (start < session.start) session.start = start;
    if (end > session.end) {
      session.end = end;
      // Those before it end before the interval begins; those after it may begin before it ends now.
      while (at + 1 < own.length && own[at + 1]!.start < session.end) this.#absorb(session, own.splice(at + 1, 1)[0]!);
    }
    return session;
  }

  #begun(keyId: number, start: Instant, end: Instant): Session {
    const { fn } = this.#spec;
    const session: Session = { keyId, start, end, accumulator: fn.create() as unknown, isGone: false, timerAt: NEVER };
    this.#ends.note(session);
    this.#owesDefault = false;
    return session;
  }

  #absorb(session: Session, other: Session): void {
    session.accumulator = this.#spec.fn.merge(session.accumulator, other.accumulator);
    session.end = Math.max(session.end, other.end);
    other.isGone = true;
  }

  #fire(inputWatermark: Instant, output: GroupingOutput): void {
    const ended = new Set<number>();
    for (let due = this.#ends.takeBefore(inputWatermark); due !== undefined; due = this.#ends.takeBefore(inputWatermark)) {
      const { keyId, start, end, accumulator } = due;
      due.isGone = true;
      ended.add(keyId);
      output.pane([this.#keys.keyOf(keyId), this.#extracted(keyId, accumulator)], end - 1, [intervalWindow(start, end)], ONLY_PANE);
    }
    for (const keyId of ended) this.#forgetGone(keyId);
    if (this.#owesDefault && globalWindow.maxTimestamp < inputWatermark) {
      this.#owesDefault = false;
      output.pane([undefined, emptyOutputOf(this.#spec)], globalWindow.maxTimestamp, [globalWindow], ONLY_PANE);
    }
  }

  #forgetGone(keyId: number): void {
    const left = this.#sessions[keyId]!.filter(({ isGone }) => !isGone);
    this.#sessions[keyId] = left.length === 0 ? undefined : left;
  }

  #extracted(keyId: number, accumulator: unknown): unknown {
    const { fn, path, look } = this.#spec;
    look?.(accumulator);
    try {
      return fn.extract(accumulator, NO_SIDE_INPUTS) as unknown;
    } catch (error) {
      throw stepFailed(path, this.#keys.keyOf(keyId), error);
    }
  }

  /** What the watermark has not reached need not be known exactly: it is asked again then. */
  get hold(): Instant {
    return Math.min(this.#ends.earliestBefore(this.#inputWatermark), this.#owesDefault ? globalWindow.maxTimestamp : NEVER);
  }

  *liveKeys(): Generator<number> {
    for (let id = 0; id < this.#sessions.length; id++) if (this.#sessions[id] !== undefined) yield id;
  }

  get nextTimer(): Instant {
    return this.hold;
  }
}

/** The place of the first of some sessions, at least one, that ends after a time. Most elements belong to the last ones. */
function firstThatEndsAfter(sessions: readonly Session[], time: Instant): number {
  let low = 0;
  let high = sessions.length;
  if (sessions[high - 1]!.end <= time) return high;
  if (high === 1 || sessions[high - 2]!.end <= time) return high - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sessions[middle]!.end > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
