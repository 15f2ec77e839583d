import type { Coder } from "./coders/coder.ts";
import type { StepContext } from "./contexts.ts";
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

/** What {@link DoFn.process} may use. It is valid until `process` has returned. */
export interface ProcessContext<in O, in out X, out I> extends BundleContext<I> {
  /** Gives out an element of the main output. */
  readonly output: Emit<O>;
  /** Gives out elements of the other outputs, by tag. */
  readonly outputs: { readonly [N in keyof X]: Emit<X[N]> };
  /** The event time of the element, in ms since the epoch. */
  readonly timestamp: Instant;
  /** The window that the call is for. */
  readonly window: Window;
  /** Which emission of a grouping the element came from. */
  readonly pane: Pane;
}

/** What only an async `process` has. */
export type Signalled<A> = [A] extends [true] ? { readonly signal: AbortSignal } : unknown;

/** What `process` may return: nothing, or a promise of nothing where the DoFn is async. Plain `void` would take promises anywhere. */
export type Returned<A> = [A] extends [true] ? void | undefined | Promise<void> : void | undefined;

/** The type of a setting that only async DoFns have. */
export type IfAsync<A, V> = [A] extends [true] ? V : NotAsync;

/**
 * A step that is an object: it may prepare itself, work by bundles, and have several outputs.
 *
 * One object serves many instances at once (on several threads, and anew after a failure), so it holds no state of its own
 * and does not use `this`: what an instance needs, `setup` returns.
 *
 * ```
 * setup ─► ( startBundle ─► process … ─► finishBundle ) … ─► teardown
 *   └───────────┴───────────────┴────────────┴── throws: ────────┘
 * ```
 *
 * What is thrown in `setup`, `startBundle` or `finishBundle` fails the bundle; an instance in which something was thrown is
 * torn down and replaced. A bundle that fails leaves no output behind.
 *
 * @typeParam T - the element.
 * @typeParam O - the main output.
 * @typeParam X - the other outputs, by tag.
 * @typeParam I - what `setup` gives.
 * @typeParam A - whether `process` is async.
 */
export interface DoFn<T, O, X, I, A extends boolean> {
  /** Whether `process` may return a promise. It ends the fusion of steps, so only where it has to. */
  readonly async?: A;
  /** How many elements an async step works on at once on each thread, at least 1. */
  readonly concurrency?: IfAsync<A, number>;
  /** After how long, in ms of real time, an element of an async step has failed. */
  readonly timeout?: IfAsync<A, Duration>;
  /** How much earlier than its input an element may be given out, in ms; 0 unless given. */
  readonly allowedSkew?: Duration;
  /** The main output: `output<T>()` or `output(coder)`. */
  readonly output?: OutputSpec<O>;
  /** The other outputs, by tag. A tag is not empty and not `main`. */
  readonly outputs?: { readonly [N in keyof X]: OutputSpec<X[N]> };
  /** Makes what an instance needs, before its first bundle. */
  setup?(): I | Promise<I>;
  /** Begins a bundle. */
  startBundle?(ctx: BundleContext<I>): void | Promise<void>;
  /** Takes one element, once for each of its windows. */
  process(element: T, ctx: ProcessContext<O, X, I> & Signalled<A>): Returned<A>;
  /** Ends a bundle; what it gives out names its time and its window. */
  finishBundle?(ctx: FinishContext<O, X, I>): void | Promise<void>;
  /** Frees what `setup` made. The instance is `undefined` where `setup` threw. */
  teardown?(instance: I): void | Promise<void>;
}

/** A DoFn of elements that whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyDoFn = DoFn<any, any, any, any, any>;
