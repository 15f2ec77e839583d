import type { Window } from "../../../sdk/windowing.ts";
import { expiryOf } from "./grouping.ts";
import type { Arrival, Windows, WindowsHost } from "./pane-grouping.ts";
import { PaneState, WindowState, type Timed } from "./pane-state.ts";
import { windowsIdentity } from "../window-identity.ts";

/** How many lists of windows are kept looked up. */
const LOOK_UPS = 1_024;

/** Windows that are what they are: window → key → state. One timer serves all keys of a window. */
export class DisjointWindows implements Windows {
  readonly #host: WindowsHost;
  /** By the bytes of the window, which are its identity. */
  readonly #windows = new Map<string, WindowState>();
  /** What was looked up in this bundle, by the list that the window function gave: neighbours in time mostly share theirs. */
  readonly #lookedUp = new Map<readonly Window[], readonly (WindowState | undefined)[]>();

  constructor(host: WindowsHost) {
    this.#host = host;
  }

  place(arrival: Arrival, windows: readonly Window[]): void {
    const found = this.#lookUp(windows);
    for (let i = 0; i < found.length; i++) {
      const own = found[i];
      if (own === undefined) this.#host.dropLate(arrival, windows[i]!);
      else this.#placeIn(own, arrival);
    }
  }

  #placeIn(own: WindowState, arrival: Arrival): void {
    let state = own.byKey.get(arrival.keyId);
    if (state === undefined) own.byKey.set(arrival.keyId, (state = new PaneState(arrival.keyId, own, this.#host.machine.initial)));
    if (state.isClosed) this.#host.dropClosed(arrival, own.window);
    else this.#host.add(state, arrival);
  }

  /** The states of windows; `undefined` for one that has expired. */
  #lookUp(windows: readonly Window[]): readonly (WindowState | undefined)[] {
    let found = this.#lookedUp.get(windows);
    if (found === undefined) {
      found = windows.map((window) => (this.#host.isExpired(window) ? undefined : this.#stateOf(window)));
      if (this.#lookedUp.size === LOOK_UPS) this.#lookedUp.clear();
      this.#lookedUp.set(windows, found);
    }
    return found;
  }

  #stateOf(window: Window): WindowState {
    const { windowing, inputWatermark } = this.#host;
    const identity = windowsIdentity([window], windowing);
    let state = this.#windows.get(identity);
    if (state === undefined) {
      state = new WindowState(window, expiryOf(window, windowing));
      state.hasEnded = inputWatermark > window.maxTimestamp;
      this.#windows.set(identity, state);
      this.#host.noteTimer(state);
    }
    return state;
  }

  settle(): void {
    // The watermark may move before the next bundle, and what is not expired now may be then.
    this.#lookedUp.clear();
  }

  *liveKeys(): Generator<number> {
    for (const { byKey } of this.#windows.values()) yield* byKey.keys();
  }

  forget({ window }: Timed): void {
    this.#windows.delete(windowsIdentity([window], this.#host.windowing));
  }
}
