import type { Collection, CollectionId, CollectNode, Graph, Node, NodeId, ParDoNode, SinkNode } from "../../sdk/graph.ts";
import type { RunSettings } from "../../sdk/running.ts";
import { CollectedFrom, type Collected } from "../../sdk/transforms/collect.ts";
import { reified, reifiedCoder, type Reified } from "../../sdk/transforms/reify.ts";
import { buildGraph, type AnyPipeline, type BuiltPipeline } from "./build-graph.ts";

/** Settings of runs that are looked into. */
export interface TapSettings extends RunSettings {
  /** Runs the graph that {@link tapped} makes of the pipeline's, on every thread. */
  readonly hasTaps?: boolean;
}

/** A step that a run with taps collects at, as the pipeline has it. */
export type Tap =
  /** A grouping or a combine: its panes. */
  | { readonly kind: "grouping"; readonly node: Node; readonly elements: Collected<Reified<unknown>> }
  /** A sink, or what is collected for the caller: its input. */
  | { readonly kind: "end"; readonly node: SinkNode | CollectNode; readonly elements: Collected<unknown> };

/** A graph with taps, and where they are. */
export interface TappedGraph {
  readonly graph: Graph;
  /** In the order of the graph. */
  readonly taps: readonly Tap[];
}

/** The graph of a pipeline, with taps or without them. */
export function buildAnyGraph(pipeline: AnyPipeline, given: Readonly<Record<string, unknown>>, hasTaps: boolean): BuiltPipeline {
  const built = buildGraph(pipeline, given);
  return hasTaps ? { ...built, graph: tapped(built.graph).graph } : built;
}

/**
 * A graph that shows what a pipeline makes and publishes nothing: the panes of groupings are collected, and so is what sinks would
 * write. All other steps stay as they are, and keep their places and their paths. What reads the output of a sink gets no elements,
 * since nothing is committed; it is told when no more would come.
 */
export function tapped(graph: Graph): TappedGraph {
  const nodes: Node[] = graph.nodes.map(withoutEffect);
  const collections: Collection[] = [...graph.collections];
  const collect = (node: Node, from: CollectionId): Collected<unknown> => {
    const id = nodes.push(Object.freeze<CollectNode>({ ...placeBehind(node, nodes.length, from), kind: "collect" })) - 1;
    return new CollectedFrom(id) as unknown as Collected<unknown>;
  };
  const reify = (node: Node, from: CollectionId): CollectionId => {
    const collection = collections[from]!;
    const own = { ...collection, id: collections.length, name: `${node.path}/${TAP}`, coder: reifiedCoder(collection) };
    const place = placeBehind(node, nodes.length, from);
    nodes.push(Object.freeze<ParDoNode>({ ...place, kind: "parDo", fn: { kind: "map", call: reified }, outputs: { main: own.id } }));
    collections.push(Object.freeze(own));
    return own.id;
  };
  const taps = graph.nodes.flatMap((node): readonly Tap[] => {
    if (node.kind === "collect") return [{ kind: "end", node, elements: new CollectedFrom(node.id) as unknown as Collected<unknown> }];
    if (node.kind === "sink") return [{ kind: "end", node, elements: collect(node, node.inputs[0]!) }];
    if (!isGrouping(node, graph.nodes)) return [];
    return [{ kind: "grouping", node, elements: collect(node, reify(node, node.outputs["main"]!)) as Collected<Reified<unknown>> }];
  });
  return { graph: Object.freeze({ nodes, collections }), taps };
}

/** The last part of the paths of taps. */
const TAP = "Tap";

const placeBehind = ({ path, parent }: Node, id: NodeId, input: CollectionId) => ({
  id,
  path: `${path}/${TAP}`,
  parent,
  inputs: [input],
  outputs: {},
});

/** A step that publishes is one that does not; any other is itself. */
function withoutEffect(node: Node): Node {
  const { id, path, parent, inputs, outputs } = node;
  const place = { id, path, parent, inputs, outputs };
  if (node.kind === "sink") return Object.freeze<ParDoNode>({ ...place, kind: "parDo", fn: { kind: "filter", call: () => false } });
  // Whoever observes the elements would take them for those of one run.
  if (node.kind === "collect" && node.observer !== undefined) return Object.freeze<CollectNode>({ ...place, kind: "collect" });
  return node;
}

/** Whether a step groups. A grouping inside of a combine is a part of that, which an engine may run as a whole. */
function isGrouping(node: Node, nodes: readonly Node[]): boolean {
  if (node.kind === "composite") return node.spec !== undefined;
  return node.kind === "groupByKey" && !isInCombine(node, nodes);
}

function isInCombine({ parent }: Node, nodes: readonly Node[]): boolean {
  const composite = parent === undefined ? undefined : nodes[parent];
  return composite !== undefined && ((composite.kind === "composite" && composite.spec !== undefined) || isInCombine(composite, nodes));
}
