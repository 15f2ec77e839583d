import type { AnyCoder } from "./coders/coder.ts";
import type { AnyCombineFn } from "./combine/combine-fn.ts";
import type { AsyncContext, ElementContext } from "./contexts.ts";
import type { AnyDoFn } from "./do-fn.ts";
import type { Backoff, Verdict } from "./failure.ts";
import type { Sink } from "./sink.ts";
import type { AnySource } from "./source.ts";
import type { AnySplittableDoFn } from "./splittable.ts";
import type { Duration, Instant } from "./time.ts";
import type { AnyWindowFn, WindowingStrategy } from "./windowing.ts";

/** Where a collection stands in {@link Graph.collections}. */
export type CollectionId = number;
/** Where a node stands in {@link Graph.nodes}. */
export type NodeId = number;

/** A pipeline as frozen data: what runners plan from, and nothing that runs. */
export interface Graph {
  /** Composites and primitives in the order in which they were applied; every node comes after the ones it reads from. */
  readonly nodes: readonly Node[];
  /** Every PCollection, in the order in which they were made. */
  readonly collections: readonly Collection[];
}

/** A PCollection as data. */
export interface Collection {
  /** Its place among the collections. */
  readonly id: CollectionId;
  /** The path of the step that made it, with the output's tag where it has several: `Parse.failed`. */
  readonly name: string;
  /** Turns its elements into bytes where they leave their thread. */
  readonly coder: AnyCoder;
  /** How its elements are windowed, and when a grouping of it emits. */
  readonly windowing: WindowingStrategy;
  /** Whether it ends by itself. */
  readonly isBounded: boolean;
}

interface NodeBase {
  /** Its place among the nodes. */
  readonly id: NodeId;
  /** Its full name: the names of the composites around it and its own, joined by `/`. */
  readonly path: string;
  /** The composite it is part of. */
  readonly parent: NodeId | undefined;
  /** The collections it reads. */
  readonly inputs: readonly CollectionId[];
  /** The name of the only runner that can execute it; nothing where all can. */
  readonly onlyOn?: string;
  /** The collections it makes, by tag; a single one is tagged `main`. */
  readonly outputs: Readonly<Record<string, CollectionId>>;
}

/** A step made of others. It means what they mean; `spec` keeps its identity, so that a runner may replace it as a whole. */
export interface CompositeNode extends NodeBase {
  readonly kind: "composite";
  readonly spec: CompositeSpec | undefined;
}

/** A composite that an engine may run in a way of its own. */
export type CompositeSpec = {
  /**
   * Combines the values of each key, window and pane: `PCollection<KV<K, In>>` → `PCollection<KV<K, Out>>`. Where the node has a
   * second output besides `main`, that one takes the elements that come too late, as they came.
   */
  readonly kind: "combine";
  readonly fn: AnyCombineFn;
  /**
   * Whether an input that had no element at all, in the global window, gives one output under the key `undefined`: what
   * `empty()` gives, or `extract(create())`. What the composite expands to does not say so, so a runner has to.
   */
  readonly emitsDefault?: boolean;
  /** For the second of two combines, whose inputs are the accumulators of shards: how many shards a key was spread over. */
  readonly fanout?: number | "by key";
  /** The views that the combiner's `add` reads, by name. */
  readonly sideInputs?: SideInputNodes;
};

/** Emits one element, an empty one, at the beginning of time. */
export interface ImpulseNode extends NodeBase {
  readonly kind: "impulse";
}

/** A function of each element. */
export interface ParDoNode extends NodeBase {
  readonly kind: "parDo";
  readonly fn: ElementFn;
  /** What happens when the function throws; the run fails at the first time unless it is set. */
  readonly failure?: FailureSpec;
  /** The views that the function reads, by the names it has for them; it runs once for each window of an element then. */
  readonly sideInputs?: SideInputNodes;
}

/** Nodes of views by the names under which a step reads them. */
export type SideInputNodes = Readonly<Record<string, NodeId>>;

/** What happens when the function of a step throws. With `deadLetter` the node has an output `failed` besides its others. */
export interface FailureSpec {
  /** How often an element is tried in all, at least 1. */
  readonly attempts: number;
  /** How long to wait between attempts; not at all without it. */
  readonly backoff?: Backoff;
  /** What happens after the last attempt. */
  readonly then: Verdict;
}

/** A function of an element, which declares its context by not having exactly one parameter. */
export type ElementCall<Out> = (element: unknown, ctx?: ElementContext) => Out;

/** Whether a function runs once for each window of an element, because it may look at its context. */
export const usesContext = (call: (...args: never) => unknown): boolean => call.length !== 1;

/** A function that is promised its element only, so that one with an optional second parameter does not get a context there. */
export const withoutContext = <Out>(f: (element: never) => Out): ElementCall<Out> =>
  (usesContext(f) ? (element) => f(element as never) : f) as ElementCall<Out>;

/** What a {@link ParDoNode} does with an element. Each kind has the one output `main`, unless it says otherwise. */
export type ElementFn =
  /** `filterMap` gives what `call` gives, but for `undefined`. */
  | { readonly kind: "map" | "filterMap"; readonly call: ElementCall<unknown> }
  /** Gives `[call(element), element]`. Where the key is known beforehand it is there as well. */
  | { readonly kind: "keyBy"; readonly call: ElementCall<unknown>; readonly constant?: { readonly key: unknown } }
  | { readonly kind: "filter"; readonly call: ElementCall<boolean> }
  | { readonly kind: "flatMap"; readonly call: ElementCall<Iterable<unknown>> }
  /** The same elements, with another coder. */
  | { readonly kind: "pass" }
  /** The same elements at other times. */
  | {
      readonly kind: "timestamps";
      /** The event time of an element, in ms. */
      readonly call: (element: unknown) => Instant;
      /** How far a time may lie before the element's, in ms. */
      readonly allowedSkew: Duration;
    }
  /** Each element to one of the outputs `tags`. */
  | {
      readonly kind: "route";
      /** The outputs, in the order of their indices. */
      readonly tags: readonly string[];
      /** The user's function, where there is one besides `call`: comes first. */
      readonly prepare?: (element: unknown) => unknown;
      /** The index of the output that a prepared element goes to; throws where there is none. */
      readonly call: ElementCall<number>;
      /** What is given out of a prepared element; itself unless given. */
      readonly unwrap?: (prepared: unknown) => unknown;
    }
  /** Its outputs are `main` and `tags`. With a coder for keys it has state or timers, and works key by key. */
  | { readonly kind: "doFn"; readonly doFn: AnyDoFn; readonly tags: readonly string[]; readonly keyCoder?: AnyCoder }
  /** Several elements at once. */
  | {
      readonly kind: "async";
      /** Starts the work for an element. */
      readonly call: (element: unknown, ctx: AsyncContext) => Promise<unknown>;
      /** How many elements are worked on at once, on each thread. */
      readonly concurrency: number;
      /** After how long an element has failed, in ms of real time; never without it. */
      readonly timeout: Duration | undefined;
      /** Whether results leave in the order in which the elements came. */
      readonly ordered: boolean;
    }
  /** Gives the parts of what is splittable that are read apart, each an element. */
  | { readonly kind: "split"; readonly of: Splittable }
  /** Reads each part, an element, by claiming its positions. A splittable DoFn has the outputs `main` and its tags. */
  | { readonly kind: "read"; readonly of: Splittable };

/** What is read in parts: a range of positions each. */
export type Splittable =
  /** Its parts are ranges. */
  | { readonly kind: "source"; readonly source: AnySource; readonly isBounded: boolean }
  /** Its parts are pairs of an element and a range. */
  | { readonly kind: "doFn"; readonly doFn: AnySplittableDoFn; readonly tags: readonly string[] };

/** Puts elements into windows; the output collection's windowing says which. */
export interface WindowIntoNode extends NodeBase {
  readonly kind: "windowInto";
  readonly windowFn: AnyWindowFn;
}

/**
 * Collects the values of each key and window, and emits them when the trigger says so. Where it has a second output besides
 * `main`, that one takes the elements that come too late, as they came.
 */
export interface GroupByKeyNode extends NodeBase {
  readonly kind: "groupByKey";
}

/** Elements, watermarks and processing time as a test says; its outputs are the streams that the events name. */
export interface TestStreamNode extends NodeBase {
  readonly kind: "testStream";
  readonly events: readonly TestStreamEvent[];
  /** Is told of each event, by its place among them, when all that follows from it is done; on the thread that called the run. */
  readonly onQuiet?: (event: number) => void;
}

/** Something that happens in a test stream. What follows from it is done before the next one happens. */
export type TestStreamEvent =
  | {
      readonly kind: "elements";
      /** Which stream, that is which output of the node. */
      readonly tag: string;
      readonly elements: readonly { readonly value: unknown; readonly timestamp: Instant }[];
    }
  | { readonly kind: "watermark"; readonly tag: string; readonly to: Instant }
  /** Processing time moves by so many ms. */
  | { readonly kind: "processingTime"; readonly by: Duration };

/** The same elements, spread anew over threads: what comes before it is not fused with what comes after. */
export interface ReshuffleNode extends NodeBase {
  readonly kind: "reshuffle";
}

/** All elements of its inputs. */
export interface FlattenNode extends NodeBase {
  readonly kind: "flatten";
}

/** Writes its input out; its output is what was committed, after the commit. */
export interface SinkNode extends NodeBase {
  readonly kind: "sink";
  readonly sink: Sink<unknown, unknown>;
}

/** Hands its input to whoever called the run. */
export interface CollectNode extends NodeBase {
  readonly kind: "collect";
  /** Looks at all elements when the run is over, and throws where they are not what they should be. */
  readonly verify?: (elements: readonly unknown[]) => void;
  /** Takes the elements as they are committed; they are not kept then. */
  readonly observer?: CollectObserver;
}

/** Keeps a collection, window by window, for the steps that read it as a side input. */
export interface ViewNode extends NodeBase {
  readonly kind: "view";
  /** The collection that steps read. The input is that, or a grouping of all of it under one key. */
  readonly of: CollectionId;
  /** What its elements are taken as. */
  readonly form: ViewForm;
}

/** What the elements of a view are taken as. */
export type ViewForm =
  /** Exactly one element; where there is none the default, if there is one. */
  | { readonly kind: "singleton"; readonly default?: { readonly value: unknown } }
  | { readonly kind: "iterable" | "list" | "multimap" }
  /** Pairs, no two with one key. */
  | { readonly kind: "map" };

/** Takes elements while a run goes on. */
export interface CollectObserver {
  /** Some elements that were committed. */
  readonly next: (elements: readonly unknown[]) => void;
  /** The run is over: it failed with this error, or without one it is done or cancelled. */
  readonly end: (failure?: { readonly error: unknown }) => void;
}

/** A node that means something by itself. */
export type PrimitiveNode =
  | ImpulseNode
  | ParDoNode
  | WindowIntoNode
  | GroupByKeyNode
  | TestStreamNode
  | ReshuffleNode
  | FlattenNode
  | SinkNode
  | ViewNode
  | CollectNode;

/** A step of a pipeline. */
export type Node = CompositeNode | PrimitiveNode;
