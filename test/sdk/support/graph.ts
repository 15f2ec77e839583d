import { GraphBuilder } from "../../../sdk/graph-builder.ts";
import type { Collection, Graph, Node, ParDoNode, Pipeline } from "../../../sdk/index.ts";
import { PipelineError } from "../../../sdk/index.ts";

/** The graph of what a builder function applies. */
export function graphOf(build: (p: Pipeline) => void): Graph {
  const builder = new GraphBuilder();
  build(builder.pipeline);
  return builder.freeze();
}

/** The node of a path. */
export function nodeAt(graph: Graph, path: string): Node {
  const node = graph.nodes.find((each) => each.path === path);
  if (node === undefined) throw new Error(`no node ${path} among ${graph.nodes.map((each) => each.path).join(", ")}`);
  return node;
}

/** The ParDo of a path. */
export function parDoAt(graph: Graph, path: string): ParDoNode {
  const node = nodeAt(graph, path);
  if (node.kind !== "parDo") throw new Error(`${path} is a ${node.kind}`);
  return node;
}

/** The output of a node. */
export function outputOf(graph: Graph, path: string, tag = "main"): Collection {
  return graph.collections[nodeAt(graph, path).outputs[tag]!]!;
}

/** Each node as `path: kind inputs → outputs`, collections by their names; what a source expands to is left out. */
export function linesOf(graph: Graph): readonly string[] {
  const name = (id: number): string => graph.collections[id]!.name;
  const kindOf = (node: Node): string => (node.kind === "parDo" ? node.fn.kind : node.kind);
  return graph.nodes
    .filter((node) => !/\/(Impulse|Split|Read)$/.test(node.path))
    .map(
      (node) => `${node.path}: ${kindOf(node)} ${node.inputs.map(name).join(", ")} → ${Object.values(node.outputs).map(name).join(", ")}`,
    );
}

/** The error that is thrown, which has to be one of the library's. */
export function errorOf(action: () => unknown): PipelineError {
  try {
    action();
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The code of the library's error that is thrown; nothing where none is. */
export function codeOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    if (error instanceof PipelineError) return error.code;
    throw error;
  }
}
