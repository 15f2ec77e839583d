import type { Coder } from "./coders/coder.ts";
import type { StepContext } from "./contexts.ts";
import type { KV } from "./pipeline.ts";
import type { SideInputs } from "./side-input.ts";
import type { StateSpec } from "./state/specs.ts";
import type { TimerSpec } from "./timer.ts";
import type { Duration, Instant } from "./time.ts";
import type { Pane, Window } from "./windowing.ts";

/** An output of a DoFn that was declared, with its type and its coder. */
export interface OutputSpec<in out T> {
  /** The coder of its elements; the structural one where there is none. */
  readonly output: Coder<T> | undefined;
}

/** Gives out an element, with the time, window and pane of the element that is processed, or with a time of its own. */
export type Emit<in T> = (value: T, at?: { readonly timestamp?: Instant }) => undefined;

/** Gives out an element where no other lends it a time and a window. */
export type EmitAt<in T> = (value: T, at: { readonly timestamp: Instant; readonly window: Window }) => undefined;

/** The main output of a DoFn that declared none. Its property's name is the compiler's message. */
export interface NoOutputDeclared {
  readonly "declare the main output: output: output<T>()": never;
}

/** A setting that only async DoFns have. Its property's name is the compiler's message. */
export interface NotAsync {
  readonly "concurrency and timeout need async: true": never;
}

/** What {@link DoFn.startBundle} may use. */
export interface BundleContext<out I> extends StepContext {
  /** What `setup` gave. */
  readonly instance: I;
}

/** What {@link DoFn.finishBundle} may use. */
export interface FinishContext<in O, in out X, out I> extends BundleContext<I> {
  /** Gives out an element of the main output. */
  readonly output: EmitAt<O>;
  /** Gives out elements of the other outputs, by tag. */
  readonly outputs: { readonly [N in keyof X]: EmitAt<X[N]> };
}

/** The same members, read only. */
export type Values<M> = { readonly [N in keyof M]: M[N] };

/** What callbacks may use that are for one key and window, or for one element and window. It is valid until the callback has returned. */
export interface KeyedContext<in out S, in out Tm, in O, in out X, out I> extends BundleContext<I> {
  /** Gives out an element of the main output. */
  readonly output: Emit<O>;
  /** Gives out elements of the other outputs, by tag. */
  readonly outputs: { readonly [N in keyof X]: Emit<X[N]> };
  /** The cells of the declared state, of this key and window, by name. */
  readonly state: Values<S>;
  /** The declared timers, of this key and window, by name. */
  readonly timers: Values<Tm>;
  /** The window that the call is for. */
  readonly window: Window;
}

/** What {@link DoFn.process} may use. */
export interface ProcessContext<in out S, in out Tm, in out SI, in O, in out X, out I> extends KeyedContext<S, Tm, O, X, I> {
  /** The event time of the element, in ms since the epoch. */
  readonly timestamp: Instant;
  /** Which emission of a grouping the element came from. */
  readonly pane: Pane;
  /** The side inputs, as they are for the window of the call, by name. */
  readonly sideInputs: Values<SI>;
}

/** What {@link DoFn.onTimer} and {@link DoFn.onWindowExpiration} may use. What they give out has the timer's output timestamp unless it says otherwise. */
export interface TimerContext<out K, in out S, in out Tm, in O, in out X, out I> extends KeyedContext<S, Tm, O, X, I> {
  /** The key that set the timer. */
  readonly key: K;
  /**
   * The event time that the timer was set for, in ms since the epoch; of a timer in processing time its output timestamp, of an
   * expiry the last instant of the window.
   */
  readonly timestamp: Instant;
  /** The name that a timer of a family was set under; empty for other timers. */
  readonly tag: string;
}

/** The key of elements that are pairs. */
export type KeyOf<T> = T extends KV<infer K, unknown> ? K : never;

/** What only an async `process` has. */
export type Signalled<A> = [A] extends [true] ? { readonly signal: AbortSignal } : unknown;

/** What `process` may return: nothing, or a promise of nothing where the DoFn is async. Plain `void` would take promises anywhere. */
export type Returned<A> = [A] extends [true] ? void | undefined | Promise<void> : void | undefined;

/** The type of a setting that only async DoFns have. */
export type IfAsync<A, V> = [A] extends [true] ? V : NotAsync;

/**
 * A step that is an object: it may prepare itself, work by bundles, have several outputs, keep state and set timers.
 *
 * One object serves many instances at once (on several threads, and anew after a failure), so it holds no state of its own
 * and does not use `this`: what an instance needs, `setup` returns; what a key has to remember, it keeps in `state`.
 *
 * ```
 * setup ─► ( startBundle ─► process, onTimer, onWindowExpiration … ─► finishBundle ) … ─► teardown
 *   └───────────┴──────────────────────────┴─────────────────────────────┴── throws: ────────┘
 * ```
 *
 * What is thrown in `setup`, `startBundle` or `finishBundle` fails the bundle; an instance in which something was thrown is
 * torn down and replaced. A bundle that fails leaves no output behind, and state and timers as they were before it.
 *
 * State and timers belong to the key and the window of an element. They are removed when the window expires, that is when the watermark
 * is greater than its last instant plus the allowed lateness: first timers that are due by then, in the order of their times, then
 * `onWindowExpiration`. An element that comes later is dropped and counted, or goes to `lateTo`.
 *
 * @typeParam T - the element.
 * @typeParam S - the cells of the state, by name.
 * @typeParam Tm - the timers, by name.
 * @typeParam SI - what the side inputs hold, by name.
 * @typeParam O - the main output.
 * @typeParam X - the other outputs, by tag.
 * @typeParam I - what `setup` gives.
 * @typeParam A - whether `process` is async.
 */
export interface DoFn<T, S, Tm, SI, O, X, I, A extends boolean> {
  /** Whether `process` may return a promise. It ends the fusion of steps, so only where it has to. */
  readonly async?: A;
  /** How many elements an async step works on at once on each thread, at least 1. */
  readonly concurrency?: IfAsync<A, number>;
  /** After how long, in ms of real time, an element of an async step has failed. */
  readonly timeout?: IfAsync<A, Duration>;
  /**
   * Whether elements of a key come in the order of their times: they are kept until the watermark has passed their time by the
   * allowed lateness. An element that comes after that is late, and dropped like one whose window has expired.
   */
  readonly requiresTimeSortedInput?: boolean;
  /** How much earlier than its input an element may be given out, in ms; 0 unless given. */
  readonly allowedSkew?: Duration;
  /**
   * How long state is kept that nobody has used, in ms of event time: when the watermark has passed the last element or timer of a
   * key by more, its state and timers are removed as if its window had expired. For state in windows that do not end; `NEVER` says
   * that it is meant to stay.
   */
  readonly timeToLive?: Duration;
  /** The output for the late elements that a step with state drops: one of `outputs`, of the input's type. */
  readonly lateTo?: { readonly [N in keyof X]: [T] extends [X[N]] ? N : never }[keyof X];
  /**
   * Of a step of the library, which has no effects but its output: whether the order in which elements come shows in that.
   *
   * @internal
   */
  readonly showsOrder?: boolean;
  /** What is kept per key and window: `valueState<T>()`, `bagState<T>()` and so on, by name. The input has to be keyed. */
  readonly state?: { readonly [N in keyof S]: StateSpec<S[N]> };
  /** Alarms per key and window: `eventTimer()`, `processingTimer()` or a family, by name. Each has a callback in `onTimer`. */
  readonly timers?: { readonly [N in keyof Tm]: TimerSpec<Tm[N]> };
  /** Other collections that `process` reads: `asMap(…)` and so on, by name. */
  readonly sideInputs?: SideInputs<SI>;
  /** The main output: `output<T>()` or `output(coder)`. */
  readonly output?: OutputSpec<O>;
  /** The other outputs, by tag. A tag is not empty and not `main`. */
  readonly outputs?: { readonly [N in keyof X]: OutputSpec<X[N]> };
  /** Makes what an instance needs, before its first bundle. */
  setup?(): I | Promise<I>;
  /** Begins a bundle. */
  startBundle?(ctx: BundleContext<I>): void | Promise<void>;
  /** Takes one element, once for each of its windows. */
  process(element: T, ctx: ProcessContext<S, Tm, SI, O, X, I> & Signalled<A>): Returned<A>;
  /** Ends a bundle; what it gives out names its time and its window. */
  finishBundle?(ctx: FinishContext<O, X, I>): void | Promise<void>;
  /** Frees what `setup` made. The instance is `undefined` where `setup` threw. */
  teardown?(instance: I): void | Promise<void>;
  /** What the timers do when they are due, by the name of the timer. */
  readonly onTimer?: { readonly [N in keyof NoInfer<Tm>]: (ctx: TimerContext<KeyOf<T>, S, Tm, O, X, I>) => Returned<A> };
  /** Called once for each key that had an element in a window, when that expires, before its state is removed. */
  onWindowExpiration?(ctx: TimerContext<KeyOf<T>, S, Tm, O, X, I>): Returned<A>;
}

/** A DoFn of elements that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDoFn = DoFn<any, any, any, any, any, any, any, any>;

/** What the names of a DoFn's timers demand of it. Callbacks say nothing of what timers are: one that takes no `ctx` would be asked first. */
export type Answered<Tm> = [keyof Tm] extends [never] ? unknown : { readonly onTimer: { readonly [N in keyof NoInfer<Tm>]: unknown } };

/** What state and timers demand of the elements. Its property's name is the compiler's message. */
export type NeedsKeys<T, S, Tm> = [keyof S | keyof Tm] extends [never]
  ? unknown
  : [T] extends [KV<unknown, unknown>]
    ? unknown
    : { readonly "state and timers need keyed input: put keyBy(…) before this step": true };

/** Whether a DoFn works key by key. */
export const isKeyed = (doFn: AnyDoFn): boolean =>
  hasMembers(doFn.state) || hasMembers(doFn.timers) || doFn.requiresTimeSortedInput === true || doFn.onWindowExpiration !== undefined;

const hasMembers = (record: object | undefined): boolean => record !== undefined && Object.keys(record).length > 0;
