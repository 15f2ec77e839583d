import type { Instant } from "../../../sdk/time.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { isStamp, type Batch } from "../batch.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import type { Side } from "../plan.ts";
import type { Views } from "./views.ts";

/** Elements that wait until a view is ready in one of its windows. */
export interface Blocked<B> {
  readonly batch: B;
  readonly view: number;
  /** The last instant of the view's window. */
  readonly windowEnd: Instant;
  /** The watermark of the view that has to be passed if no pane comes. */
  readonly readyAfter: Instant;
}

/** What of some batches may be worked on now, and what has to wait. */
export interface Gated {
  readonly ready: readonly Batch[];
  readonly blocked: readonly Blocked<Batch>[];
}

/** What a main window waits for; nothing where all is ready. */
type Wait = Omit<Blocked<never>, "batch"> | undefined;

/** Elements of a batch that have one lot. */
interface Share {
  readonly wait: Wait;
  readonly places: number[];
  readonly windows: (readonly Window[])[];
}

/** Holds back the elements of windows for which a side input is not ready. */
export class Gate {
  readonly #sides: readonly Side[];
  readonly #views: Views;
  readonly #keys: KeyDictionary | undefined;

  /** @param keys - the dictionary that the keys of batches stand in, where the stage shares one with its senders. */
  constructor(sides: readonly Side[], views: Views, keys: KeyDictionary | undefined) {
    this.#sides = sides;
    this.#views = views;
    this.#keys = keys;
  }

  /** @param watermarks - by view: how far it has got. */
  pass(batches: readonly Batch[], watermarks: readonly Instant[]): Gated {
    const ready: Batch[] = [];
    const blocked: Blocked<Batch>[] = [];
    const waits = new Map<Window, Wait>();
    const waitOf = (window: Window): Wait => {
      if (!waits.has(window)) waits.set(window, this.#waitOf(window, watermarks));
      return waits.get(window);
    };
    for (const batch of batches) {
      const shares = sharesOf(batch, waitOf);
      for (const share of shares) {
        const part = shares.length === 1 ? batch : partOf(batch, share);
        if (share.wait === undefined) ready.push(part);
        else blocked.push({ batch: part, ...share.wait });
      }
      // Each part counts as a batch when its keys are looked up.
      if (this.#keys !== undefined && batch.keys?.distinct === undefined) this.#keys.inTransit += shares.length - 1;
    }
    return { ready, blocked };
  }

  #waitOf(main: Window, watermarks: readonly Instant[]): Wait {
    for (const { view } of this.#sides) {
      const own = this.#views.windowFor(view, main);
      if (this.#views.isReady(view, own, watermarks[view]!)) continue;
      return { view, windowEnd: own.window.maxTimestamp, readyAfter: this.#views.readyAfter(view, own.window) };
    }
    return undefined;
  }
}

/** The elements of a batch by what they wait for; each stays in those of its windows that wait for the same. */
function sharesOf({ size, stamps }: Batch, waitOf: (window: Window) => Wait): readonly Share[] {
  const shares: Share[] = [];
  const shareOf = (wait: Wait): Share => {
    const isSame = (share: Share): boolean => share.wait?.view === wait?.view && share.wait?.windowEnd === wait?.windowEnd;
    let share = shares.find(isSame);
    if (share === undefined) shares.push((share = { wait, places: [], windows: [] }));
    return share;
  };
  const lots = new Map<readonly Window[], readonly (readonly [Share, readonly Window[]])[]>();
  const lotsOf = (windows: readonly Window[]): readonly (readonly [Share, readonly Window[]])[] => {
    let own = lots.get(windows);
    if (own === undefined) {
      const byShare = new Map<Share, Window[]>();
      for (const window of windows) {
        const share = shareOf(waitOf(window));
        byShare.set(share, [...(byShare.get(share) ?? []), window]);
      }
      own = [...byShare].map(([share, some]) => [share, some.length === windows.length ? windows : some]);
      lots.set(windows, own);
    }
    return own;
  };
  for (let i = 0; i < size; i++) {
    for (const [share, windows] of lotsOf(isStamp(stamps) ? stamps.windows : stamps.windows[i]!)) {
      share.places.push(i);
      share.windows.push(windows);
    }
  }
  return shares;
}

function partOf(batch: Batch, { places, windows }: Share): Batch {
  const { values, stamps, keys } = batch;
  const at = <A>(column: ArrayLike<A>): A[] => places.map((i) => column[i]!);
  return {
    ...batch,
    size: places.length,
    values: at(values),
    stamps: isStamp(stamps)
      ? { timestamps: new Float64Array(places.length).fill(stamps.timestamp), windows, panes: places.map(() => stamps.pane) }
      : { timestamps: columnOf(stamps.timestamps, places), windows, panes: stamps.panes.length === 0 ? [] : at(stamps.panes) },
    keys: keys && { ...keys, ids: Int32Array.from(at(keys.ids)) },
    release: undefined,
  };
}

/** Groupings that need no times have an empty column of them. */
const columnOf = (times: Float64Array, places: readonly number[]): Float64Array =>
  times.length === 0 ? times : Float64Array.from(places, (i) => times[i]!);
