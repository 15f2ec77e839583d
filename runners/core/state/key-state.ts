import { PipelineError } from "../../../sdk/errors.ts";
import type { StateDeclaration } from "../../../sdk/state/specs.ts";
import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { StoredBag } from "./bag-cell.ts";
import type { Look, StoredCell } from "./cell.ts";
import { StoredAccumulator, type TimedOwner } from "./combining-cell.ts";
import type { Journal } from "./journal.ts";
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
export interface WindowStates {
  readonly window: Window;
  readonly windows: readonly Window[];
  /** Its states and timers are removed once the watermark is greater. */
  readonly expiry: Instant;
  readonly byKey: Map<number, KeyState>;
  /** Once it has expired: the keys that it is still to be told of. */
  expiring: Iterator<KeyState> | undefined;
  standsAt: Instant;
}

/** What is kept for a key in a window: cells and timers, each made when it is first used. */
export class KeyState implements TimedOwner {
  readonly keyId: number;
  readonly home: WindowStates;
  readonly #spec: KeyStateSpec;
  readonly #cells: (StoredCell | undefined)[] = [];
  #timers: (SetTimer<KeyState> | Map<string, SetTimer<KeyState>>)[] | undefined;
  /** The last event time at which it was used. */
  usedAt: Instant = -Infinity;
  idleStandsAt: Instant = NEVER;

  constructor(keyId: number, home: WindowStates, spec: KeyStateSpec) {
    this.keyId = keyId;
    this.home = home;
    this.#spec = spec;
  }

  get timestamp(): Instant {
    return this.#spec.call.timestamp;
  }

  use(): Journal {
    const { call } = this.#spec;
    if (call.owner !== this) throw contextExpired(call.path);
    return call.journal;
  }

  /** The cell of a state, by its number. */
  cell(number: number): StoredCell {
    return (this.#cells[number] ??= this.#newCell(number));
  }

  #newCell(number: number): StoredCell {
    const { declaration } = this.#spec.states[number]!;
    const look = this.#spec.looks[number];
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

  /** A timer, by its number, and for one of a family by its name. */
  timer(number: number, tag: string | undefined): SetTimer<KeyState> {
    const timers = (this.#timers ??= []);
    const { timers: store } = this.#spec;
    if (tag === undefined) return (timers[number] ??= store.timerOf(this, number, "")) as SetTimer<KeyState>;
    const family = (timers[number] ??= new Map()) as Map<string, SetTimer<KeyState>>;
    let timer = family.get(tag);
    if (timer === undefined) family.set(tag, (timer = store.timerOf(this, number, tag)));
    return timer;
  }

  /** Forgets a timer that has fired, as far as its name need not be kept for it. */
  fired({ number, tag, time }: SetTimer<KeyState>): void {
    const family = this.#timers?.[number];
    if (family instanceof Map && time === NEVER) family.delete(tag);
  }

  /** Sees to it that no timer is due any more. */
  clearTimers(journal: Journal): void {
    for (const timer of this.#setTimers()) this.#spec.timers.clear(timer, journal);
  }

  *#setTimers(): Generator<SetTimer<KeyState>> {
    for (const timer of this.#timers ?? []) {
      if (timer instanceof Map) yield* timer.values();
      else if (timer !== undefined) yield timer;
    }
  }

  /** Whether nothing has to be kept: no cell has anything in it, and no timer is set. */
  get isUnused(): boolean {
    for (const cell of this.#cells) if (cell !== undefined && !cell.isUnused) return false;
    if (this.#timers !== undefined) for (const timer of this.#setTimers()) if (timer.time !== NEVER) return false;
    return true;
  }

  /** How many cells hold something. */
  get usedCells(): number {
    return this.#cells.filter((cell) => cell !== undefined && !cell.isUnused).length;
  }
}

/** The error of a context, a cell or a timer that is used when its call is over. */
export const contextExpired = (path: string): PipelineError =>
  new PipelineError("CONTEXT_EXPIRED", {
    what: "a context, or a state or a timer got from one, was used after the call that it was for",
    at: path,
    fix: "use them before the callback returns, and keep no more of them than values that were read",
  });
