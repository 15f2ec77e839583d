import type { CompositeNode, CompositeSpec, FailureSpec, Graph, Node, ParDoNode, ViewNode } from "../../../sdk/graph.ts";
import { warningsOf, warningText } from "../../core/warnings.ts";
import { asyncFacts, combineFacts, deliveryOf, lateTagOf, sidesOf, type Delivery } from "./facts.ts";
import { depthOf, kindOf, ownName, sourceOf, windowingTexts, windowText } from "./words.ts";

/** A graph for people: the tree of its steps, then what groups, waits, may fail, reads and writes. */
export function textOf(name: string, graph: Graph): string {
  const sections = [stepsOf, groupingsOf, combinesOf, sideInputsOf, waitsOf, failuresOf, sourcesOf, sinksOf, warnings].map((sectionOf) =>
    sectionOf(graph),
  );
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
  return sectionText("groupings", groupings, (node) => {
    // A grouping goes by the windowing of what it reads.
    const { windowing } = collections[node.inputs[0]!]!;
    const lateTag = lateTagOf(node);
    return [...windowingTexts(windowing), ...(lateTag === undefined ? [] : [`late elements to .${lateTag}`])].join(", ");
  });
}

function combinesOf({ nodes }: Graph): string {
  const combines = nodes.filter(
    (node): node is CompositeNode & { readonly spec: CompositeSpec } => node.kind === "composite" && !!node.spec,
  );
  return sectionText("combines", combines, ({ spec }) => {
    const { combineFn, combineFns, emitDefault, fanout } = combineFacts(spec);
    const parts = Object.entries(combineFns ?? {}).map(([field, name]) => (field === name ? name : `${field}: ${name}`));
    return [
      parts.length === 0 ? combineFn : `{ ${parts.join(", ")} }`,
      ...(fanout === undefined ? [] : [typeof fanout === "number" ? `fan-out ${fanout}` : "fan-out by key"]),
      ...(emitDefault ? ["gives an output for no input"] : []),
    ].join(", ");
  });
}

/** What steps read besides their elements. A combine has it, and the step that it expands to again. */
function sideInputsOf({ nodes, collections }: Graph): string {
  const hasSides = (node: Node | undefined): boolean => node !== undefined && Object.keys(sidesOf(node)).length > 0;
  const readers = nodes.filter((node) => hasSides(node) && !hasSides(nodes[node.parent ?? -1]));
  return sectionText("side inputs", readers, (node) =>
    Object.entries(sidesOf(node))
      .map(([name, id]) => {
        const view = nodes[id] as ViewNode;
        return `${name}: ${view.form.kind} of ${collections[view.of]!.name}`;
      })
      .join(", "),
  );
}

function waitsOf({ nodes }: Graph): string {
  const waiting = nodes.filter((node): node is ParDoNode => node.kind === "parDo" && asyncFacts(node) !== undefined);
  return sectionText("steps that wait", waiting, (node) => {
    const { concurrency, timeout, ordered } = asyncFacts(node)!;
    const many = concurrency === undefined ? "several elements at once" : `${concurrency} at once on each thread`;
    return `${many}, ${timeout === undefined ? "no timeout" : `timeout ${timeout} ms`}${ordered ? ", in order" : ""}`;
  });
}

function failuresOf({ nodes }: Graph): string {
  const guarded = nodes.filter((node): node is ParDoNode & { readonly failure: FailureSpec } => node.kind === "parDo" && !!node.failure);
  return sectionText("failure policies", guarded, ({ failure }) => policyText(failure));
}

const verdicts = { fail: "the run fails", skip: "the element is skipped", deadLetter: "the element goes to .failed" } as const;

function policyText({ attempts, backoff, then: verdict }: FailureSpec): string {
  const tries = `${attempts} attempt${attempts === 1 ? "" : "s"}`;
  if (backoff === undefined || attempts === 1) return `${tries}, then ${verdicts[verdict]}`;
  const { first, factor = 2, most, jitter = false } = backoff;
  const growth = factor === 1 ? "" : `, ${factor} times longer each time`;
  const waits = `waits of ${first} ms${growth}${most === undefined ? "" : `, ${most} ms at most`}${jitter ? ", cut short by chance" : ""}`;
  return `${tries} (${waits}), then ${verdicts[verdict]}`;
}

function sourcesOf({ nodes }: Graph): string {
  const reads = nodes.filter((node) => node.kind === "parDo" && node.fn.kind === "read");
  return sectionText("sources", reads, (node) => `${sourceOf(node)?.name || "elements"}${deliveryText(node)}`);
}

function sinksOf({ nodes }: Graph): string {
  const sinks = nodes.filter((node) => node.kind === "sink");
  return sectionText("sinks", sinks, (node) => `${node.sink.name}${deliveryText(node)}`);
}

function warnings(graph: Graph): string {
  const lines = warningsOf(graph).map((warning) => `  ${warningText(warning)}\n`);
  return lines.length === 0 ? "" : `warnings\n${lines.join("")}`;
}

const deliveries: Readonly<Record<Delivery, string>> = {
  oncePerRun: "each element once in a run",
  atMostOnce: "at most once: what is on its way when the process dies is lost, since there are no checkpoints yet",
  onCommit: "published once, when the run succeeds",
};

function deliveryText(node: Node): string {
  const delivery = deliveryOf(node);
  const onlyOn = node.onlyOn === undefined ? "" : `, on the ${node.onlyOn} runner only`;
  return delivery === undefined ? onlyOn : `, ${deliveries[delivery]}${onlyOn}`;
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
