import { buildGraph } from "../core/build-graph.ts";
import type { Graph } from "../../sdk/graph.ts";
import type { ExplainCommand, Format } from "./command-line.ts";
import { jsonOf } from "./explain/json.ts";
import { mermaidOf } from "./explain/mermaid.ts";
import { textOf } from "./explain/text.ts";
import { chosenBy } from "./target.ts";

/** `millrace explain`: prints the graph that a pipeline builds from these options, and answers the exit code. */
export async function explain(command: ExplainCommand): Promise<number> {
  const chosen = await chosenBy(command);
  if (chosen === undefined) return 0;
  const { graph } = buildGraph(chosen.definition, chosen.options);
  process.stdout.write(printed(chosen.definition.name, graph, command.format));
  return 0;
}

function printed(name: string, graph: Graph, format: Format): string {
  switch (format) {
    case "text":
      return textOf(name, graph);
    case "mermaid":
      return mermaidOf(graph);
    case "json":
      return `${JSON.stringify(jsonOf(name, graph), undefined, 2)}\n`;
  }
}
