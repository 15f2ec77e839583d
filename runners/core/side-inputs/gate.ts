import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { isStamp, type Batch } from "../batch.ts";
import type { Bundle } from "../bundle.ts";
import { Drops, expiryOf } from "../groupings/grouping.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import { earliestOf } from "../open-batch.ts";
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

/** What of some batches may be worked on now, what has to wait, and what has come too late. */
export interface Gated extends ReturnType<Drops["take"]> {
  readonly ready: readonly Batch[];
  readonly blocked: readonly Blocked<Batch>[];
}

/** What becomes of the elements of a main window: they wait, or are worked on, or side windows of theirs have been forgotten. */
type Lot = Omit<Blocked<never>, "batch"> | "ready" | "late";

/** Elements of a batch that have one lot. */
interface Share {
  readonly lot: Lot;
  readonly places: number[];
  readonly windows: (readonly Window[])[];
}

/** What a gate is for. */
export interface GateSpec {
  readonly sides: readonly Side[];
  readonly views: Views;
  /** How the elements are windowed that it holds back. */
  readonly windowing: WindowingStrategy;
  /** The dictionary that the keys of batches stand in, where the stage shares one with its senders. */
  readonly keys: KeyDictionary | undefined;
  /** Whether the head drops what comes after its window has expired, and knows where it goes. */
  readonly headDropsLate: boolean;
}

/** Holds back the elements of windows for which a side input is not ready, and drops those for which one is forgotten. */
export class Gate {
  readonly #spec: GateSpec;
  readonly #drops = new Drops("element");

  constructor(spec: GateSpec) {
    this.#spec = spec;
  }

  pass({ batches, inputWatermark, viewWatermarks }: Bundle): Gated {
    const ready: Batch[] = [];
    const blocked: Blocked<Batch>[] = [];
    const lotOf = this.#lots(inputWatermark, viewWatermarks);
    const take = (batch: Batch, lot: Lot): void => {
      if (lot === "ready") ready.push(batch);
      else if (lot === "late") this.#drop(batch, inputWatermark);
      else blocked.push({ batch, ...lot });
    };
    for (const batch of batches) {
      const lot = onlyLotOf(batch, lotOf);
      if (lot === undefined) this.#divide(batch, lotOf, take);
      else take(batch, lot);
    }
    return { ready, blocked, ...this.#drops.take() };
  }

  #divide(batch: Batch, lotOf: LotOf, take: (batch: Batch, lot: Lot) => void): void {
    const { keys } = this.#spec;
    const shares = sharesOf(batch, lotOf);
    for (const share of shares) take(partOf(batch, share), share.lot);
    // Each part counts as a batch when its keys are looked up.
    if (keys !== undefined && batch.keys?.distinct === undefined) keys.inTransit += shares.length - 1;
  }

  /** What becomes of the elements of each main window; worked out once for each. */
  #lots(inputWatermark: Instant, viewWatermarks: readonly Instant[]): LotOf {
    const { sides, views, windowing, headDropsLate } = this.#spec;
    const passed = sides.map(({ view }) => views.passedBy(view, inputWatermark, windowing.allowedLateness));
    const known = new Map<Window, Lot>();
    return (main) => {
      let lot = known.get(main);
      if (lot === undefined) {
        const isLate = sides.some(({ view }, i) => views.endFor(view, main) < passed[i]!);
        lot = isLate ? (headDropsLate ? "ready" : "late") : this.#waitOf(main, viewWatermarks);
        known.set(main, lot);
      }
      return lot;
    };
  }

  #waitOf(main: Window, viewWatermarks: readonly Instant[]): Lot {
    const { sides, views } = this.#spec;
    for (const { view } of sides) {
      const own = views.windowFor(view, main);
      if (views.isReady(view, own, viewWatermarks[view]!)) continue;
      return { view, windowEnd: own.window.maxTimestamp, readyAfter: views.readyAfter(view, own.window) };
    }
    return "ready";
  }

  #drop(batch: Batch, inputWatermark: Instant): void {
    const { stamps, size, values } = batch;
    for (let i = 0; i < size; i++) {
      for (const window of windowsAt(stamps, i)) {
        this.#drops.late(1, values[i], window, inputWatermark - expiryOf(window, this.#spec.windowing));
      }
    }
    batch.release?.();
  }
}

type LotOf = (main: Window) => Lot;

const isSame = (a: Lot, b: Lot): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && a.view === b.view && a.windowEnd === b.windowEnd);

const windowsAt = (stamps: Batch["stamps"], i: number): readonly Window[] => (isStamp(stamps) ? stamps.windows : stamps.windows[i]!);

/** The lot of all elements of a batch in all of their windows; nothing where they have several. */
function onlyLotOf({ size, stamps }: Batch, lotOf: LotOf): Lot | undefined {
  let only: Lot | undefined;
  let last: readonly Window[] | undefined;
  for (let i = 0; i < (isStamp(stamps) ? 1 : size); i++) {
    const windows = windowsAt(stamps, i);
    if (windows === last) continue;
    last = windows;
    for (const window of windows) {
      const lot = lotOf(window);
      only ??= lot;
      if (!isSame(lot, only)) return undefined;
    }
  }
  // Nothing is in no window, so there is nothing to hold back.
  return only ?? "ready";
}

/** The elements of a batch by their lots; each stays in those of its windows that have the same. */
function sharesOf({ size, stamps }: Batch, lotOf: LotOf): readonly Share[] {
  const shares: Share[] = [];
  const shareOf = (lot: Lot): Share => {
    let share = shares.find((each) => isSame(each.lot, lot));
    if (share === undefined) shares.push((share = { lot, places: [], windows: [] }));
    return share;
  };
  const divided = new Map<readonly Window[], readonly (readonly [Share, readonly Window[]])[]>();
  const sharesIn = (windows: readonly Window[]): readonly (readonly [Share, readonly Window[]])[] => {
    let own = divided.get(windows);
    if (own === undefined) {
      const byShare = new Map<Share, Window[]>();
      for (const window of windows) {
        const share = shareOf(lotOf(window));
        byShare.set(share, [...(byShare.get(share) ?? []), window]);
      }
      own = [...byShare].map(([share, some]) => [share, some.length === windows.length ? windows : some]);
      divided.set(windows, own);
    }
    return own;
  };
  let last: readonly Window[] | undefined;
  let own: ReturnType<typeof sharesIn> = [];
  for (let i = 0; i < size; i++) {
    const windows = windowsAt(stamps, i);
    if (windows !== last) own = sharesIn((last = windows));
    for (const [share, some] of own) {
      share.places.push(i);
      share.windows.push(some);
    }
  }
  return shares;
}

function partOf(batch: Batch, { places, windows }: Share): Batch {
  const { values, stamps, keys } = batch;
  const size = places.length;
  const own = isStamp(stamps)
    ? { timestamps: new Float64Array(size).fill(stamps.timestamp), windows, panes: places.map(() => stamps.pane) }
    : { timestamps: timesAt(stamps.timestamps, places), windows, panes: stamps.panes.length === 0 ? [] : valuesAt(stamps.panes, places) };
  let earliest = NEVER;
  for (const time of own.timestamps) if (time < earliest) earliest = time;
  return {
    ...batch,
    size,
    // Where no times are kept nobody needs more than the ends of windows.
    earliest: earliestOf(earliest, windows, size),
    values: valuesAt(values, places),
    stamps: own,
    keys: keys && { ...keys, ids: Int32Array.from(valuesAt(keys.ids, places)) },
    release: undefined,
  };
}

/** Most elements of a window are neighbours. */
const isRun = (places: readonly number[]): boolean => places.at(-1)! - places[0]! === places.length - 1;

function valuesAt<A>(column: ArrayLike<A>, places: readonly number[]): readonly A[] {
  if (Array.isArray(column) && isRun(places)) return column.slice(places[0], places.at(-1)! + 1) as A[];
  return places.map((i) => column[i]!);
}

/** Groupings that need no times have an empty column of them. */
function timesAt(times: Float64Array, places: readonly number[]): Float64Array {
  if (times.length === 0) return times;
  const own = new Float64Array(places.length);
  for (let i = 0; i < own.length; i++) own[i] = times[places[i]!]!;
  return own;
}
