import { PipelineError } from "../../../sdk/errors.ts";
import type { StateDeclaration } from "../../../sdk/state/specs.ts";
import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { ByKey } from "./by-key.ts";
import { StoredBag } from "./bag-cell.ts";
import type { Look, StoredCell } from "./cell.ts";
import { StoredAccumulator, type TimedOwner } from "./combining-cell.ts";
import type { Journal, Undoable } from "./journal.ts";
import { StoredMap } from "./map-cell.ts";
import { StoredMultimap } from "./multimap-cell.ts";
import { StoredList } from "./ordered-list-cell.ts";
import { StoredSet } from "./set-cell.ts";
import type { SetTimer, TimerStore } from "./timer-store.ts";
import { StoredValue } from "./value-cell.ts";

/** A state or a timer that a DoFn declares, under its name. */
export interface Declared<A> {
  readonly name: string;
  readonly declaration: A;
}

/** The call of a DoFn that runs, for the key and window that it is for. */
export class KeyedCall {
  readonly path: string;
  readonly journal: Journal;
  /** Nothing between calls. */
  owner: KeyState | undefined;
  /** The event time that the call is about: what is relative counts from here. */
  timestamp: Instant = 0;
  /** The time that outputs have unless they say otherwise, which none may be before. */
  outputTimestamp: Instant = 0;
  processingTime: Instant = 0;

  constructor(path: string, journal: Journal) {
    this.path = path;
    this.journal = journal;
  }
}

/** The states and timers that a DoFn declares, and what looks at them. */
export interface KeyStateSpec {
  readonly states: readonly Declared<StateDeclaration>[];
  /** Looks at what is written to a state, by its number. */
  readonly looks: readonly (Look | undefined)[];
  readonly timers: TimerStore<KeyState>;
  readonly call: KeyedCall;
}

/** What is known of the window that states belong to. */
export class WindowStates implements Undoable {
  readonly window: Window;
  readonly windows: readonly Window[];
  /** Its states and timers are removed once the watermark is greater. */
  readonly expiry: Instant;
  readonly byKey = new ByKey<KeyState>();
  /** Once it has expired: the keys that it is still to be told of. */
  expiring: Iterator<KeyState> | undefined;
  standsAt: Instant = NEVER;
  readonly spec: KeyStateSpec;

  constructor(window: Window, expiry: Instant, spec: KeyStateSpec) {
    this.spec = spec;
    this.window = window;
    this.windows = [window];
    this.expiry = expiry;
  }

  /** @param before - the state of a key that was forgotten. */
  restore(before: KeyState): void {
    this.byKey.add(before.keyId, before);
  }
}

/** A timer, or those of a family by their names. */
type OwnTimer = SetTimer<KeyState> | Map<string, SetTimer<KeyState>>;

/** When a key was used last, in event time. */
export interface Idle {
  readonly state: KeyState;
  usedAt: Instant;
  standsAt: Instant;
}

/** What is kept for a key in a window: cells and timers, each made when it is first used. */
export class KeyState implements TimedOwner, Undoable {
  readonly keyId: number;
  readonly home: WindowStates;
  // There may be millions: what is not needed is not made, and what is alone has no list.
  #cells: StoredCell | (StoredCell | undefined)[] | undefined;
  #timers: OwnTimer | (OwnTimer | undefined)[] | undefined;
  /** When it was used last, where the time to live is limited. */
  idle: Idle | undefined;

  constructor(keyId: number, home: WindowStates) {
    this.keyId = keyId;
    this.home = home;
  }

  get timestamp(): Instant {
    return this.home.spec.call.timestamp;
  }

  use(): Journal {
    const { call } = this.home.spec;
    if (call.owner !== this) throw contextExpired(call.path);
    return call.journal;
  }

  /** The cell of a state, by its number. */
  cell(number: number): StoredCell {
    const { length } = this.home.spec.states;
    if (length === 1) return (this.#cells ??= this.#newCell(number)) as StoredCell;
    // A list of the size that it will have: one that grows has room for many more.
    const cells = (this.#cells ??= new Array<StoredCell | undefined>(length)) as (StoredCell | undefined)[];
    return (cells[number] ??= this.#newCell(number));
  }

  #newCell(number: number): StoredCell {
    const { states, looks } = this.home.spec;
    const { declaration } = states[number]!;
    const look = looks[number];
    switch (declaration.kind) {
      case "value":
        return new StoredValue(this, look);
      case "bag":
        return new StoredBag(this, look);
      case "set":
        return new StoredSet(this, declaration.coder, look);
      case "orderedList":
        return new StoredList(this, look);
      case "map":
        return new StoredMap(this, declaration.keyCoder, look);
      case "multimap":
        return new StoredMultimap(this, declaration.keyCoder, look);
      case "combining":
        return new StoredAccumulator(this, declaration, look);
    }
  }

  /** Sets a timer, by its number, and for one of a family by its name. */
  setTimer(number: number, tag: string | undefined, { time, output }: { readonly time: Instant; readonly output: Instant }): void {
    const { timers, call } = this.home.spec;
    timers.set(this.#timer(number, tag), time, output, call.journal);
  }

  #timer(number: number, tag: string | undefined): SetTimer<KeyState> {
    const { timers: store, call } = this.home.spec;
    const own = this.#ownTimer(number) ?? this.#addTimer(number, tag === undefined ? store.timerOf(this, number, "") : new Map());
    if (tag === undefined) return own as SetTimer<KeyState>;
    const family = own as Map<string, SetTimer<KeyState>>;
    const known = family.get(tag);
    if (known !== undefined) return known;
    const timer = store.timerOf(this, number, tag);
    call.journal.noteCall(() => family.delete(tag));
    family.set(tag, timer);
    return timer;
  }

  #ownTimer(number: number): OwnTimer | undefined {
    return Array.isArray(this.#timers) ? this.#timers[number] : this.#timers;
  }

  #addTimer(number: number, timer: OwnTimer): OwnTimer {
    const { count } = this.home.spec.timers;
    if (count === 1) this.#timers = timer;
    else ((this.#timers ??= new Array<OwnTimer | undefined>(count)) as OwnTimer[])[number] = timer;
    return timer;
  }

  /** Sees to it that a timer is not due any more. */
  clearTimer(number: number, tag: string | undefined): void {
    const timer = this.#ownTimer(number);
    const found = timer instanceof Map ? timer.get(tag!) : timer;
    if (found !== undefined) this.#clear(found);
  }

  /** Clears the timer that is due first, as it fires now. */
  fire(timer: SetTimer<KeyState>): void {
    const { timers, call } = this.home.spec;
    timers.fire(timer, call.journal);
    this.#forgetName(timer);
  }

  /** Sees to it that no timer is due any more. */
  clearTimers(): void {
    for (const timer of listOf(this.#timers)) {
      if (timer instanceof Map) for (const own of timer.values()) this.#clear(own);
      else if (timer !== undefined) this.#clear(timer);
    }
  }

  #clear(timer: SetTimer<KeyState>): void {
    const { timers, call } = this.home.spec;
    timers.clear(timer, call.journal);
    this.#forgetName(timer);
  }

  /** The name of a timer in a family is kept as long as that is set. */
  #forgetName(timer: SetTimer<KeyState>): void {
    const family = this.#ownTimer(timer.number);
    if (!(family instanceof Map)) return;
    this.home.spec.call.journal.noteCall(() => family.set(timer.tag, timer));
    family.delete(timer.tag);
  }

  /** Forgets a key that came first with what is taken back. */
  restore(): void {
    this.home.byKey.delete(this.keyId);
  }

  /** Whether nothing has to be kept: no cell has anything in it, and no timer is set. */
  get isUnused(): boolean {
    // By index: this is asked after every call.
    const [cells, timers] = [this.#cells, this.#timers];
    if (!Array.isArray(cells)) {
      if (cells?.isUnused === false) return false;
    } else for (let i = 0; i < cells.length; i++) if (cells[i]?.isUnused === false) return false;
    if (!Array.isArray(timers)) return !isSet(timers);
    for (let i = 0; i < timers.length; i++) if (isSet(timers[i])) return false;
    return true;
  }

  /** How many cells hold something. */
  get usedCells(): number {
    return listOf(this.#cells).filter((cell) => cell?.isUnused === false).length;
  }
}

const listOf = <A>(own: A | readonly A[] | undefined): readonly A[] =>
  Array.isArray(own) ? (own as readonly A[]) : own === undefined ? [] : [own as A];

function isSet(timer: OwnTimer | undefined): boolean {
  if (timer instanceof Map) return timer.size > 0;
  return timer !== undefined && timer.time !== NEVER;
}

/** The error of a context, a cell or a timer that is used when its call is over. */
export const contextExpired = (path: string): PipelineError =>
  new PipelineError("CONTEXT_EXPIRED", {
    what: "a context, or a state or a timer got from one, was used after the call that it was for",
    at: path,
    fix: "use them before the callback returns, and keep no more of them than values that were read",
  });
