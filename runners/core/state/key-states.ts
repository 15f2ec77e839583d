import { NEVER, type Duration, type Instant } from "../../../sdk/time.ts";
import type { Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { Agenda } from "../agenda.ts";
import { expiryOf } from "../groupings/grouping.ts";
import { windowsIdentity } from "../window-identity.ts";
import type { Journal } from "./journal.ts";
import { KeyState, WindowStates, type Idle, type KeyStateSpec } from "./key-state.ts";

/** What is kept in a partition: window → key → cells and timers. */
export class KeyStates {
  readonly #spec: KeyStateSpec;
  readonly #windowing: WindowingStrategy;
  readonly #journal: Journal;
  readonly #timeToLive: Duration | undefined;
  /** By the bytes of the window, which are its identity. */
  readonly #windows = new Map<string, WindowStates>();
  /** The same by the object, of which most elements of a window share one. */
  readonly #byObject = new WeakMap<Window, WindowStates>();
  readonly #ends = new Agenda<WindowStates>(EXPIRY);
  /** When the first window expires, once somebody has asked: windows come and go seldom. */
  #earliestExpiry: Instant | undefined;
  readonly #idle: Agenda<Idle>;
  /** What has been forgotten since the bundle began: if that fails, it is there again. */
  #forgotten: KeyState[] = [];

  constructor(spec: KeyStateSpec, windowing: WindowingStrategy, timeToLive: Duration | undefined) {
    this.#spec = spec;
    this.#windowing = windowing;
    this.#journal = spec.call.journal;
    this.#timeToLive = timeToLive;
    this.#idle = new Agenda({
      timeOf: ({ state, usedAt }) => (state.home.byKey.get(state.keyId) === state ? usedAt + timeToLive! : NEVER),
      standsAt: ({ standsAt }) => standsAt,
      standAt: (idle, time) => (idle.standsAt = time),
    });
  }

  /** What is kept for a key in a window; begins to be kept with this. */
  stateOf(window: Window, keyId: number): KeyState {
    const home = this.#homeOf(window);
    const known = home.byKey.get(keyId);
    if (known !== undefined) return known;
    const state = new KeyState(keyId, home);
    this.#journal.note(state, undefined);
    home.byKey.add(keyId, state);
    return state;
  }

  #homeOf(window: Window): WindowStates {
    const known = this.#byObject.get(window);
    if (known !== undefined && known.standsAt !== NEVER) return known;
    const identity = windowsIdentity([window], this.#windowing);
    let home = this.#windows.get(identity);
    if (home === undefined) {
      home = new WindowStates(window, expiryOf(window, this.#windowing), this.#spec);
      this.#windows.set(identity, home);
      this.#noteEnd(home);
    }
    this.#byObject.set(window, home);
    return home;
  }

  /** Notes that a key was used, at some event time. */
  used(state: KeyState, at: Instant): void {
    if (this.#timeToLive === undefined) return;
    const idle = (state.idle ??= { state, usedAt: -Infinity, standsAt: NEVER });
    const { usedAt } = idle;
    if (at <= usedAt) return;
    this.#journal.noteCall(() => this.#usedAt(idle, usedAt));
    this.#usedAt(idle, at);
  }

  #usedAt(idle: Idle, at: Instant): void {
    idle.usedAt = at;
    this.#idle.note(idle);
  }

  /** Forgets a key of which nothing has to be kept. */
  forget(state: KeyState): void {
    const { keyId, home } = state;
    const { idle } = state;
    if (idle === undefined) this.#journal.note(home, state);
    else {
      this.#journal.noteCall(() => {
        home.restore(state);
        this.#idle.note(idle);
      });
    }
    home.byKey.delete(keyId);
    this.#forgotten.push(state);
  }

  /** When the first window expires. */
  get earliestExpiry(): Instant {
    return (this.#earliestExpiry ??= this.#ends.earliest);
  }

  /** When the first key has not been used for too long. */
  get earliestIdle(): Instant {
    return this.#timeToLive === undefined ? NEVER : this.#idle.earliest;
  }

  /** A key that has not been used for too long by then. */
  idleBefore(watermark: Instant): KeyState | undefined {
    return this.#idle.firstBefore(watermark)?.state;
  }

  /** A key of the first window that has expired by then; after its last key there is none, and the window is forgotten. */
  expiredBefore(watermark: Instant): KeyState | undefined {
    const home = this.#ends.firstBefore(watermark);
    if (home === undefined) return undefined;
    const next = (home.expiring ??= home.byKey.values()).next();
    if (next.done !== true) return next.value;
    this.#forgetWindow(home);
    return undefined;
  }

  #forgetWindow(home: WindowStates): void {
    const identity = windowsIdentity([home.window], this.#windowing);
    this.#windows.delete(identity);
    this.#ends.takeBefore(NEVER);
    this.#earliestExpiry = undefined;
    this.#journal.noteCall(() => {
      this.#windows.set(identity, home);
      this.#noteEnd(home);
    });
  }

  #noteEnd(home: WindowStates): void {
    this.#ends.note(home);
    this.#earliestExpiry = undefined;
  }

  /** Begins a bundle: what the last one has forgotten does not come back. */
  beginBundle(): void {
    this.#forgotten = [];
  }

  /** Takes up what was begun with windows that had expired, after a bundle that failed. */
  beginAnew(): void {
    for (const home of this.#windows.values()) home.expiring = undefined;
  }

  /** The numbers of the keys of which something is kept, or was as the bundle began. */
  liveKeys(): number[] {
    const ids = this.#forgotten.map(({ keyId }) => keyId);
    for (const { byKey } of this.#windows.values()) byKey.forEach(({ keyId }) => ids.push(keyId));
    return ids;
  }

  /** How many cells hold something, and how many keys and windows there are of which something is kept. */
  get size(): { readonly cells: number; readonly keys: number; readonly windows: number } {
    let [cells, keys] = [0, 0];
    for (const { byKey } of this.#windows.values()) {
      keys += byKey.size;
      byKey.forEach((state) => (cells += state.usedCells));
    }
    return { cells, keys, windows: this.#windows.size };
  }
}

const EXPIRY = {
  timeOf: ({ expiry }: WindowStates) => expiry,
  standsAt: ({ standsAt }: WindowStates) => standsAt,
  standAt: (home: WindowStates, time: Instant): void => void (home.standsAt = time),
};
