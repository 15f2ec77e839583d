import type { Instant } from "../../../sdk/time.ts";

/** What time it is for a window of a key: everything that a trigger may know. */
export interface TriggerTimes {
  /** The last instant of the window; it is past its end once the watermark is greater. */
  readonly maxTimestamp: Instant;
  readonly inputWatermark: Instant;
  readonly processingTime: Instant;
  /** Processing time that nothing which comes before this step is behind of. */
  readonly synchronizedProcessingTime: Instant;
}

/**
 * A trigger for the windows of one grouping. It is a set of pure functions over plain data: what it remembers of a key and
 * window is a value that is never changed, only replaced, and that any coder of plain values can store.
 *
 * @typeParam S - what it remembers.
 */
export interface TriggerMachine<S = unknown> {
  /** What it remembers of a window that it knows nothing of. */
  readonly initial: S;
  /** Whether it has to be asked when the watermark passes the end of the window. */
  readonly watchesWatermark: boolean;
  /** Some elements of one bundle have come into the window. */
  readonly onElements: (state: S, count: number, times: TriggerTimes) => S;
  /**
   * Windows have become one.
   *
   * @param states - of all windows that took part, each with something in it; none where all of them are new. A merge of new windows
   * has to be told too: one that ends before the watermark has then missed its firing on time.
   * @param into - of the window that they became, where it was one of them; `times` are its own.
   */
  readonly merge: (states: readonly S[], into: S | undefined, times: TriggerTimes) => S;
  /** Whether the window should be emitted now. Asked once for each bundle and each timer. */
  readonly isReady: (state: S, times: TriggerTimes) => boolean;
  /** The window was emitted, because the trigger was ready. */
  readonly fired: (state: S, times: TriggerTimes) => S;
  /** Whether it will never be ready again. */
  readonly isFinished: (state: S) => boolean;
  /**
   * When, in processing time, it has to be asked again; `NEVER` where time alone makes no difference.
   *
   * @param now - what has been reached by then is left out. Without it a time in the past may hide one that is still to come: when
   * all of several delays have to go by, it has to be asked after each.
   */
  readonly deadline: (state: S, now?: Instant) => Instant;
  /** The same in synchronized processing time: once that is greater. */
  readonly synchronizedDeadline: (state: S, now?: Instant) => Instant;
}
