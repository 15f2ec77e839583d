import { NO_SIDE_INPUTS, type AnyCombineContext, type AnyCombineFn } from "../../../sdk/combine/combine-fn.ts";
import { emptyOf } from "../../../sdk/combine/composite.ts";
import { shortText } from "../../../sdk/errors.ts";
import type { Duration, Instant } from "../../../sdk/time.ts";
import type { Pane, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { mergeOverlapping } from "../../../sdk/windows/sessions.ts";
import type { Batch, Stamp } from "../batch.ts";
import type { BundleTimes } from "../bundle.ts";
import { lifecycleFailed } from "../failures.ts";
import type { KeyDictionary } from "../key-dictionary.ts";
import type { SpillSpec } from "../spill/spilling.ts";

/** What a grouping does, as the plan says it. */
export interface GroupingSpec {
  readonly path: string;
  readonly fn: AnyCombineFn;
  readonly windowing: WindowingStrategy;
  /** Whether this partition emits, for an input without any element, what the combiner gives for nothing. */
  readonly emitsDefault: boolean;
  /** What the combiner is called with besides; nothing where it reads no side inputs. */
  readonly scope?: CombineScope | undefined;
  /** Looks at an accumulator before its output is taken, and throws where it is none that could travel. */
  readonly look?: ((accumulator: unknown) => void) | undefined;
  /** How it puts aside what does not fit into memory; nothing where all is kept there. */
  readonly spill?: SpillSpec | undefined;
}

/** What a combiner is called with besides its values, and how it is known for which window. */
export interface CombineScope {
  readonly ctx: AnyCombineContext;
  /** Says which window the combiner is called for from here on. */
  readonly enter: (window: Window) => void;
  /** Says that it is not called any more. */
  readonly leave: () => void;
}

/** For combiners that read no side inputs. */
export const NO_SCOPE: CombineScope = { ctx: NO_SIDE_INPUTS, enter() {}, leave() {} };

/** Takes what a grouping emits. */
export interface GroupingOutput {
  /** Many pairs that share time, window and pane. */
  readonly pairs: (pairs: readonly unknown[], stamp: Stamp) => void;
  /** One pair. */
  readonly pane: (pair: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane) => void;
  /** An element that came too late, because its window had expired or was closed, as it came. */
  readonly late: (pair: unknown, stamp: Stamp) => void;
}

/** The state of one partition of a grouping. */
export interface Grouping {
  readonly drops: Drops;
  /** Takes in elements, and emits what they and time have made due. */
  readonly run: (batches: readonly Batch[], times: BundleTimes, output: GroupingOutput) => void;
  /** Where the output watermark has to wait. */
  readonly hold: Instant;
  /** When it wants to be run although no elements came: once the input watermark is greater. */
  readonly nextTimer: Instant;
  /** The same in processing time: once it is reached. */
  readonly nextDeadline: Instant;
  /** The same in synchronized processing time: once that is greater. */
  readonly nextSynchronizedDeadline: Instant;
  /** The numbers of the keys that it knows something of. */
  readonly liveKeys: () => Iterable<number>;
  /** How many bytes it has put aside since it was last asked; nothing where it keeps all in memory. */
  readonly takeSpilled?: () => number;
}

/** How many elements that came too late are described. */
const MOST_DESCRIBED = 10;

/** What a grouping, or another step, has dropped since it was last asked. */
export class Drops {
  /** What a dropped element is described by. */
  readonly #by: "key" | "element";
  /** Elements, one for each of their windows, that came after the window had expired. */
  lateCount = 0;
  /** Elements, one for each of their windows, that came after the window's trigger had finished. */
  closed = 0;
  /** The last ones that came too late. */
  readonly #latest: LateElement[] = [];

  constructor(by: "key" | "element" = "key") {
    this.#by = by;
  }

  /**
   * @param subject - the element's key, or itself.
   * @param by - how long after the window's expiry it came, in ms of event time.
   */
  late(count: number, subject: unknown, window: Window, by: Duration): void {
    this.lateCount += count;
    this.#latest.push({ subject, window, by });
    if (this.#latest.length > MOST_DESCRIBED) this.#latest.shift();
  }

  /** What was dropped; it is forgotten. */
  take(): { readonly droppedLate: number; readonly droppedClosed: number; readonly lateSample: readonly string[] } {
    const { lateCount: droppedLate, closed: droppedClosed } = this;
    this.lateCount = 0;
    this.closed = 0;
    return { droppedLate, droppedClosed, lateSample: this.#latest.splice(0).map((late) => `${this.#by} ${described(late)}`) };
  }
}

interface LateElement {
  readonly subject: unknown;
  readonly window: Window;
  readonly by: Duration;
}

function described({ subject, window, by }: LateElement): string {
  const { start, end } = window as Partial<Record<"start" | "end", Instant>>;
  const where = start === undefined ? `the window that ends at ${window.maxTimestamp}` : `[${start}, ${end})`;
  return `${shortText(subject, 40)} in ${where}, ${by} ms late`;
}

/**
 * How the windows of a grouping are kept: those that emit one pane each, when they end, need nothing for a key but its
 * accumulator, whether they merge or not, and most of those that merge are sessions.
 */
export type GroupingKind = "singlePane" | "sessions" | "merging" | "panes";

/** Whether windows merge, for each key by itself: those that a grouping has merged already do not. */
export const merges = ({ windowFn, isMerged }: WindowingStrategy): boolean => windowFn.merge !== undefined && isMerged !== true;

/** How windows with these settings are kept. */
export function groupingKindOf(windowing: WindowingStrategy): GroupingKind {
  if (!isSinglePaned(windowing)) return "panes";
  if (!merges(windowing)) return "singlePane";
  return windowing.windowFn.merge === mergeOverlapping ? "sessions" : "merging";
}

const isSinglePaned = ({ trigger, allowedLateness, timestampCombiner }: WindowingStrategy): boolean =>
  allowedLateness === 0 &&
  timestampCombiner === "endOfWindow" &&
  (trigger.kind === "default" || trigger.kind === "never" || (trigger.kind === "afterWatermark" && trigger.early === undefined));

/** A window expires when the watermark is greater: then elements for it are late, and it is forgotten. */
export const expiryOf = ({ maxTimestamp }: Window, { allowedLateness }: WindowingStrategy): Instant =>
  Math.min(maxTimestamp + allowedLateness, globalWindow.maxTimestamp);

/** The ids of a batch's keys in the dictionary of the partition that takes it. */
export function ownKeyIds({ keys }: Batch, dictionary: KeyDictionary): Int32Array {
  const { ids, distinct } = keys!;
  if (distinct === undefined) {
    dictionary.inTransit--;
    return ids;
  }
  const own = Int32Array.from(distinct, (key) => dictionary.idOf(key));
  return ids.map((id) => own[id]!);
}

/** What a combine of a whole collection gives when there is nothing in it. */
export function emptyOutputOf({ fn, path, scope = NO_SCOPE }: GroupingSpec): unknown {
  scope.enter(globalWindow);
  try {
    return emptyOf(fn, scope.ctx);
  } catch (error) {
    throw lifecycleFailed(path, error);
  } finally {
    scope.leave();
  }
}
