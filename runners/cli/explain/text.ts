import type { Graph, Node } from "../../../sdk/graph.ts";
import { depthOf, kindOf, ownName, sourceOf, triggerText, windowText } from "./words.ts";

/** A graph for people: the tree of its steps, then what groups, reads and writes. */
export function textOf(name: string, graph: Graph): string {
  const sections = [stepsOf(graph), groupingsOf(graph), sourcesOf(graph), sinksOf(graph)];
  return [`${name}: ${sizeOf(graph)}\n`, ...sections.filter((section) => section !== "")].join("\n");
}

function sizeOf({ nodes, collections }: Graph): string {
  const steps = nodes.filter(({ kind }) => kind !== "composite").length;
  const isBounded = collections.every((collection) => collection.isBounded);
  return `${steps} steps, ${isBounded ? "bounded" : "without end"}`;
}

/** A line for each step; what a step gives stands behind it, or below it where it gives several collections. */
function stepsOf({ nodes, collections }: Graph): string {
  const rows = nodes.flatMap((node) => {
    const step = ["  ".repeat(depthOf(node, nodes)) + ownName(node, nodes), kindOf(node)];
    if (node.kind === "composite") return [step];
    const outputs = Object.entries(node.outputs).map(([tag, id]) => {
      const { coder, windowing, isBounded } = collections[id]!;
      return [tag, coder.name ?? "unnamed", windowText(windowing), isBounded ? "bounded" : "unbounded"] as const;
    });
    const [only] = outputs;
    if (only === undefined) return [step];
    if (outputs.length === 1) return [[...step, ...only.slice(1)]];
    return [step, ...outputs.map(([tag, ...facts]) => [`${"  ".repeat(depthOf(node, nodes) + 1)}.${tag}`, "", ...facts])];
  });
  return tableText([["step", "kind", "coder", "window", "bounded"], ...rows]);
}

function groupingsOf({ nodes, collections }: Graph): string {
  const groupings = nodes.filter(({ kind }) => kind === "groupByKey");
  return sectionText("groupings", groupings, ({ inputs }) => {
    // A grouping goes by the windowing of what it reads.
    const { windowing } = collections[inputs[0]!]!;
    const accumulation = windowing.accumulation === undefined ? "" : `, ${windowing.accumulation}`;
    return `window ${windowText(windowing)}, trigger ${triggerText(windowing.trigger)}${accumulation}, allowed lateness ${windowing.allowedLateness} ms`;
  });
}

function sourcesOf({ nodes }: Graph): string {
  const reads = nodes.filter((node) => node.kind === "parDo" && node.fn.kind === "read");
  return sectionText("sources", reads, (node) => sourceOf(node)?.name || "unnamed");
}

function sinksOf({ nodes }: Graph): string {
  const sinks = nodes.filter((node) => node.kind === "sink");
  return sectionText("sinks", sinks, ({ sink }) => sink.name);
}

const sectionText = <N extends Node>(title: string, nodes: readonly N[], factOf: (node: N) => string): string =>
  nodes.length === 0 ? "" : `${title}\n${nodes.map((node) => `  ${node.path}: ${factOf(node)}\n`).join("")}`;

function tableText(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
