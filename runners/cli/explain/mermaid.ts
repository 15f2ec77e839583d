import type { Graph, Node, NodeId } from "../../../sdk/graph.ts";
import { sidesOf } from "./facts.ts";
import { kindOf, ownName, windowText } from "./words.ts";

/** A graph as a Mermaid flowchart: a box for each step, a frame for each composite, an arrow for each collection that is read; dotted for side inputs. */
export function mermaidOf(graph: Graph): string {
  const lines = ["flowchart TB", ...boxesOf(graph, undefined, "  "), ...arrowsOf(graph).map((arrow) => `  ${arrow}`)];
  return `${lines.join("\n")}\n`;
}

function boxesOf(graph: Graph, parent: NodeId | undefined, indent: string): readonly string[] {
  return graph.nodes
    .filter((node) => node.parent === parent)
    .flatMap((node) => {
      const title = quoted(ownName(node, graph.nodes));
      if (node.kind !== "composite") return [`${indent}${boxOf(node, ownName(node, graph.nodes))}`];
      const inside = boxesOf(graph, node.id, `${indent}  `);
      // Mermaid takes an empty frame for a box, and a step that does nothing is none.
      return inside.length === 0 ? [] : [`${indent}subgraph n${node.id}[${title}]`, ...inside, `${indent}end`];
    });
}

/** Round where elements come from or go to, six-sided where they are grouped. */
function boxOf(node: Node, name: string): string {
  const kind = kindOf(node);
  const label = quoted(kind.toLowerCase() === name.toLowerCase() ? name : `${name}<br>${kind}`);
  const isEnd = node.kind === "impulse" || node.kind === "sink" || node.kind === "collect";
  const [open, close] = isEnd ? ["([", "])"] : node.kind === "groupByKey" ? ["{{", "}}"] : ["[", "]"];
  return `n${node.id}${open}${label}${close}`;
}

function arrowsOf({ nodes, collections }: Graph): readonly string[] {
  const makers = new Map(
    nodes
      .filter(({ kind }) => kind !== "composite")
      .flatMap((node) => Object.entries(node.outputs).map(([tag, id]) => [id, { node, tag }])),
  );
  const steps = nodes.filter(({ kind }) => kind !== "composite");
  // A side input is read as a whole, and not element by element.
  const dotted = steps.flatMap((node) => Object.entries(sidesOf(node)).map(([name, view]) => `n${view} -.->|${quoted(name)}| n${node.id}`));
  return steps
    .flatMap((node) =>
      node.inputs.map((id) => {
        const { node: maker, tag } = makers.get(id)!;
        const window = windowText(collections[id]!.windowing);
        const label = [...(tag === "main" ? [] : [tag]), ...(window === "global" ? [] : [window])].join(", ");
        return label === "" ? `n${maker.id} --> n${node.id}` : `n${maker.id} -->|${quoted(label)}| n${node.id}`;
      }),
    )
    .concat(dotted);
}

const quoted = (text: string): string => `"${text.replaceAll("#", "#35;").replaceAll('"', "#quot;")}"`;
