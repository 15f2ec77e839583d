import type { Collection, Graph, Node } from "../../../sdk/graph.ts";
import { sourceOf } from "./words.ts";

/** A graph as plain data, without the functions in it. Nodes and collections stand at the place that their `id` says. */
export function jsonOf(name: string, { nodes, collections }: Graph) {
  return { name, nodes: nodes.map(nodeData), collections: collections.map(collectionData) };
}

const nodeData = (node: Node) => ({
  id: node.id,
  path: node.path,
  kind: node.kind,
  ...factsOf(node),
  ...(node.parent === undefined ? {} : { parent: node.parent }),
  inputs: node.inputs,
  outputs: node.outputs,
});

/** What a node of its kind knows besides its place. */
function factsOf(node: Node): object {
  if (node.kind === "composite") return node.spec === undefined ? {} : { spec: { kind: node.spec.kind, fn: node.spec.fn.name } };
  if (node.kind === "sink") return { sink: node.sink.name };
  if (node.kind === "windowInto") return { windowFn: node.windowFn.name };
  if (node.kind !== "parDo") return {};
  const source = sourceOf(node);
  return { fn: node.fn.kind, ...(source === undefined ? {} : { source: source.name }) };
}

const collectionData = ({ id, name, coder, windowing, isBounded }: Collection) => ({
  id,
  name,
  coder: coder.name,
  windowing: { ...windowing, windowFn: windowing.windowFn.name },
  isBounded,
});
