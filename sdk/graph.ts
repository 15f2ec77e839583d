import type { AnyCoder } from "./coders/coder.ts";
import type { AnyCombineFn } from "./combine/combine-fn.ts";
import type { Sink } from "./sink.ts";
import type { BoundedSource, OffsetRange } from "./source.ts";
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
  /** The collections it makes, by tag; a single one is tagged `main`. */
  readonly outputs: Readonly<Record<string, CollectionId>>;
}

/** A step made of others. It means what they mean; `spec` keeps its identity, so that a runner may replace it as a whole. */
export interface CompositeNode extends NodeBase {
  readonly kind: "composite";
  readonly spec: CompositeSpec | undefined;
}

/** A composite that an engine may run in a way of its own. */
export type CompositeSpec = { readonly kind: "combine"; readonly fn: AnyCombineFn };

/** Emits one element, an empty one, at the beginning of time. */
export interface ImpulseNode extends NodeBase {
  readonly kind: "impulse";
}

/** A function of each element. */
export interface ParDoNode extends NodeBase {
  readonly kind: "parDo";
  readonly fn: ElementFn;
}

/** What a {@link ParDoNode} does with an element. */
export type ElementFn =
  | { readonly kind: "map" | "keyBy"; readonly call: (element: unknown) => unknown }
  | { readonly kind: "filter"; readonly call: (element: unknown) => boolean }
  | { readonly kind: "flatMap"; readonly call: (element: unknown) => Iterable<unknown> }
  /** Gives the parts of the source that are read apart, each an element. */
  | { readonly kind: "split"; readonly source: BoundedSource<unknown, OffsetRange> }
  /** Splittable: reads each part, an element, by claiming its positions. */
  | { readonly kind: "read"; readonly source: BoundedSource<unknown, OffsetRange> };

/** Puts elements into windows; the output collection's windowing says which. */
export interface WindowIntoNode extends NodeBase {
  readonly kind: "windowInto";
  readonly windowFn: AnyWindowFn;
}

/** Collects the values of each key and window, and emits them when the trigger says so. */
export interface GroupByKeyNode extends NodeBase {
  readonly kind: "groupByKey";
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
}

/** A node that means something by itself. */
export type PrimitiveNode = ImpulseNode | ParDoNode | WindowIntoNode | GroupByKeyNode | FlattenNode | SinkNode | CollectNode;

/** A step of a pipeline. */
export type Node = CompositeNode | PrimitiveNode;
