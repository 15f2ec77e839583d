import type { Collection, Graph, Node, ParDoNode } from "../../../sdk/graph.ts";
import { asyncFacts, combineFacts, deliveryOf, keyedFacts, lateTagOf, methodsOf, sideFacts, windowFacts } from "./facts.ts";
import { warningsOf } from "../../core/warnings.ts";
import { sourceOf } from "./words.ts";

/**
 * A graph as plain data, without the functions in it. Nodes and collections stand at the place that their `id` says.
 * What a node has besides its place goes by its kind, and only what was said in the pipeline is there.
 */
export function jsonOf(name: string, { nodes, collections }: Graph) {
  const graph = { name, nodes: nodes.map((node) => nodeData(node, collections)), collections: collections.map(collectionData) };
  return { ...graph, warnings: warningsOf({ nodes, collections }) };
}

function nodeData(node: Node, collections: readonly Collection[]) {
  const { id, path, kind, onlyOn, parent, inputs, outputs } = node;
  // What is undefined has no field in JSON.
  return { id, path, kind, ...factsOf(node, collections), delivery: deliveryOf(node), onlyOn, parent, inputs, outputs };
}

/** What a node of its kind knows besides its place. */
function factsOf(node: Node, collections: readonly Collection[]): object {
  switch (node.kind) {
    case "composite":
      return node.spec === undefined ? {} : { ...combineFacts(node.spec), lateTo: lateTagOf(node) };
    case "sink":
      return { sink: node.sink.name, shards: node.sink.shards ?? 1 };
    case "windowInto":
      return windowFacts(node, collections);
    case "parDo":
      return { fn: node.fn.kind, ...fnFacts(node, collections), ...asyncFacts(node), ...sideFacts(node), failure: node.failure };
    case "groupByKey":
      return { lateTo: lateTagOf(node) };
    case "view":
      return { of: node.of, form: node.form.kind };
    case "impulse":
    case "testStream":
    case "reshuffle":
    case "flatten":
    case "collect":
      return {};
  }
}

function fnFacts(node: ParDoNode, collections: readonly Collection[]): object {
  const { fn } = node;
  if (fn.kind === "pass") return windowFacts(node, collections);
  const source = sourceOf(node);
  if (source !== undefined) return { source: source.name };
  if (fn.kind === "timestamps") return { allowedSkew: fn.allowedSkew };
  // The parts of a partition have numbers; other routes have names, which the outputs show.
  if (fn.kind === "route" && fn.tags.every((tag, i) => tag === String(i))) return { numPartitions: fn.tags.length };
  return fn.kind === "doFn" ? { methods: methodsOf(fn.doFn), ...keyedFacts(fn.doFn) } : {};
}

const collectionData = ({ id, name, coder, windowing, isBounded }: Collection) => ({
  id,
  name,
  coder: coder.name,
  windowing: { ...windowing, windowFn: windowing.windowFn.name },
  isBounded,
});
