import type { Coder } from "./coders/coder.ts";
import type { Trigger } from "./trigger.ts";
import type { Duration, Instant } from "./time.ts";

/** A stretch of event time that a grouping collects elements in. Its identity is what its coder makes of it. */
export interface Window {
  /** The last instant that belongs to the window, in ms. It is past its end once `watermark > maxTimestamp`. */
  readonly maxTimestamp: Instant;
}

/** A window from `start` up to, and without, `end`. */
export interface IntervalWindow extends Window {
  /** The first instant in the window, in ms. */
  readonly start: Instant;
  /** The first instant after the window, in ms; `maxTimestamp` is one less. */
  readonly end: Instant;
}

/** Which emission of a window's contents an element belongs to. */
export interface Pane {
  /** Before, at, or after the moment the watermark passed the end of the window; `UNKNOWN` where nothing was grouped yet. */
  readonly timing: "EARLY" | "ON_TIME" | "LATE" | "UNKNOWN";
  /** Counts all panes of a key and window, from 0. */
  readonly index: number;
  /** Counts the panes that are not `EARLY`, from 0; -1 for an early one. */
  readonly nonSpeculativeIndex: number;
  /** The first pane of its key and window. */
  readonly isFirst: boolean;
  /** No pane of this key and window will follow. */
  readonly isLast: boolean;
}

/** The pane of elements that went through no grouping yet. */
export const NO_FIRING: Pane = Object.freeze({ timing: "UNKNOWN", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true });

/**
 * Puts elements into windows.
 *
 * @typeParam T - what the function needs to know of an element.
 * @typeParam W - the kind of window it gives.
 */
export interface WindowFn<in T = unknown, in out W extends Window = IntervalWindow> {
  /** Names the function and its settings in graphs and fingerprints, such as `fixed(60000)`. */
  readonly name?: string;
  /** The windows of one element, at least one unless the function `hasGaps`. `windows` are those it was in before. */
  readonly assign: (element: { readonly value: T; readonly timestamp: Instant; readonly windows: readonly Window[] }) => readonly W[];
  /**
   * The same as `assign`, for functions that look at nothing but the time. Where it gives one interval, it gives that interval
   * for all times within: so it is asked once for all elements that follow one another in it.
   */
  readonly assignAt?: (timestamp: Instant) => readonly W[];
  /** Whether it puts some elements into no window, which drops them. Without it, no window is an error. */
  readonly hasGaps?: boolean;
  /**
   * For windows that merge per key: which of `windows` become one, and which one. Windows that stay as they are need not be named.
   * A window is emitted when the watermark passes its end, so only those that overlap are sure to meet.
   */
  readonly merge?: (windows: readonly W[]) => readonly { readonly from: readonly W[]; readonly into: W }[];
  /** Gives a window its identity: two windows are one if their bytes are equal. */
  readonly windowCoder: Coder<W>;
  /**
   * The window of a side input that belongs to a main window with this last instant. A later instant has no window that ends earlier:
   * by that a side input's windows are known to be over.
   */
  readonly sideWindow?: (maxTimestamp: Instant) => W;
  /** Whether collections windowed by `other` may be flattened or joined with ones windowed by this function. */
  readonly isCompatible: (other: { readonly windowCoder: unknown; readonly name?: string; readonly merge?: unknown }) => boolean;
}

/** A window function of elements and windows that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyWindowFn = WindowFn<any, any>;

/** Whether a pane repeats what earlier panes of its window held. */
export type Accumulation = "discarding" | "accumulating";

/** Which time the pane of several elements has: that of one of them, or the last instant of its window. */
export type TimestampCombiner = "earliest" | "latest" | "endOfWindow";

/** Whether a pane is emitted although there is nothing new in it. */
export type Firing = "always" | "ifNonEmpty";

/** How a collection is windowed, and when a grouping of it emits. Every collection of a graph has one. */
export interface WindowingStrategy {
  /** Puts elements into windows. */
  readonly windowFn: AnyWindowFn;
  /** When a grouping emits a pane. */
  readonly trigger: Trigger;
  /** Whether a pane repeats earlier ones; not set where the user set none. */
  readonly accumulation?: Accumulation;
  /** How long after the end of a window elements may still come, in ms of event time. */
  readonly allowedLateness: Duration;
  /** The time of a pane. */
  readonly timestampCombiner: TimestampCombiner;
  /** Whether the last pane is emitted even if there is nothing new. */
  readonly closing: Firing;
  /** Whether the pane that the end of the window fires is emitted even if there is nothing new. */
  readonly onTime: Firing;
  /** Whether triggers that may finish, and so lose what comes afterwards, are let through. */
  readonly allowUnsafeTriggers: boolean;
  /** Whether the windows have been merged by a grouping already, so that the next one takes them as they are. */
  readonly isMerged?: boolean;
}

/** The settings that nobody has to give. */
export const DEFAULT_SETTINGS = Object.freeze({
  allowedLateness: 0,
  timestampCombiner: "endOfWindow",
  closing: "ifNonEmpty",
  onTime: "always",
  allowUnsafeTriggers: false,
} as const satisfies Partial<WindowingStrategy>);
