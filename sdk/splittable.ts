import type { BundleContext, Emit, FinishContext, OutputSpec, Values } from "./do-fn.ts";
import type { Resume } from "./resume.ts";
import type { SideInputs } from "./side-input.ts";
import type { OffsetRange, Tracker } from "./source.ts";
import type { Duration, Instant } from "./time.ts";
import type { WatermarkPolicy } from "./watermark.ts";
import type { Pane, Window } from "./windowing.ts";

/** What {@link SplittableDoFn.process} may use. It is valid until `process` has returned. */
export interface SplittableContext<out R, in out SI, in O, in out X, out I> extends BundleContext<I> {
  /** The part of the element's work that the call is for. */
  readonly restriction: R;
  /** Is asked before anything of a position is given out; once it says no, `process` returns. */
  readonly tracker: Tracker;
  /** Gives out an element of the main output. */
  readonly output: Emit<O>;
  /** Gives out elements of the other outputs, by tag. */
  readonly outputs: { readonly [N in keyof X]: Emit<X[N]> };
  /** Promises that nothing earlier will be given out for this part; for {@link manualWatermark}. */
  readonly watermark: (watermark: Instant) => void;
  /** Calls back when what the bundle gave out has been taken in for good, as far as the run lives to see it. */
  readonly onCommit: (callback: () => void | Promise<void>) => void;
  /** The event time of the element, in ms since the epoch. */
  readonly timestamp: Instant;
  /** The window that the call is for. */
  readonly window: Window;
  /** Which emission of a grouping the element came from. */
  readonly pane: Pane;
  /** The side inputs, as they are for the window of the call, by name. */
  readonly sideInputs: Values<SI>;
  /** Aborts when the run fails or is cancelled. */
  readonly signal: AbortSignal;
}

/** What `process` of a splittable DoFn may return: that it goes on later only where its work need not end. */
export type SplittableReturned<U> = [U] extends [true]
  ? void | undefined | Resume | Promise<void | Resume>
  : void | undefined | Promise<void>;

/**
 * A DoFn whose work on one element is large, or without an end, and can be cut into parts. A part is a range of positions. `process`
 * works on one part: it claims each position before it gives anything out for it, and returns when a claim is refused; what is left
 * is another part, for a later call.
 *
 * @see Beam, splittable DoFns.
 *
 * @typeParam T - the element.
 * @typeParam R - a part of the work on it.
 * @typeParam SI - what the side inputs hold, by name.
 * @typeParam O - the main output.
 * @typeParam X - the other outputs, by tag.
 * @typeParam I - what `setup` gives.
 * @typeParam U - whether the work on an element may have no end.
 */
export interface SplittableDoFn<T, R extends OffsetRange, SI, O, X, I, U extends boolean> {
  /** Whether the work on an element may have no end, or may have to wait: then `process` may return `resume(…)`, and the output is unbounded. */
  readonly unbounded?: U;
  /** Other collections that `process` reads, by name. */
  readonly sideInputs?: SideInputs<SI>;
  /** The main output: `output<T>()` or `output(coder)`. */
  readonly output?: OutputSpec<O>;
  /** The other outputs, by tag. */
  readonly outputs?: { readonly [N in keyof X]: OutputSpec<X[N]> };
  /** How much earlier than its element something may be given out, in ms; 0 unless given. */
  readonly allowedSkew?: Duration;
  /** How far the event times of a part have got; unless given, the watermark stays at the element's time until all its work is done. */
  readonly watermark?: WatermarkPolicy;
  /** See {@link UnboundedSource.idleTimeout}. */
  readonly idleTimeout?: Duration;
  /** See {@link UnboundedSource.backlog}. */
  backlog?(restriction: R, element: T): number | Promise<number>;
  /** All the work on an element. Called outside of bundles. */
  restriction(element: T): R | Promise<R>;
  /** The parts that are worked on apart, about `parts` of them; all in one unless given. Called outside of bundles. */
  split?(restriction: R, parts: number, element: T): readonly R[] | Promise<readonly R[]>;
  /**
   * What of a part is still worked on when the run is drained: all of it where the work has an end, nothing of it otherwise, unless
   * this says something else.
   */
  truncate?(restriction: R, element: T): R | undefined;
  /** Makes what an instance needs, before its first bundle. */
  setup?(): I | Promise<I>;
  /** Begins a bundle. */
  startBundle?(ctx: BundleContext<I>): void | Promise<void>;
  /** Works on a part, once for each window of the element. */
  process(element: T, ctx: SplittableContext<R, SI, O, X, I>): SplittableReturned<U>;
  /** Ends a bundle; what it gives out names its time and its window. */
  finishBundle?(ctx: FinishContext<O, X, I>): void | Promise<void>;
  /** Frees what `setup` made. The instance is `undefined` where `setup` threw. */
  teardown?(instance: I): void | Promise<void>;
}

/** A splittable DoFn that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnySplittableDoFn = SplittableDoFn<any, any, any, any, any, any, any>;
