import type { Graph, Node, SideInputNodes } from "../../sdk/graph.ts";

/**
 * What two builds of a pipeline must have in common to be the same graph, a line for each step and collection: names, kinds,
 * coders and windowing. Never the text of functions, which differs with how a module was loaded.
 */
export function fingerprintOf({ nodes, collections }: Graph): readonly string[] {
  return [
    ...nodes.map((node) => {
      const { path, kind, inputs, outputs } = node;
      return `step ${path}: ${kind}${detailOf(node)} reads ${inputs.join(",")} makes ${Object.entries(outputs).flat().join(",")}`;
    }),
    ...collections.map(({ name, coder, windowing, isBounded }) => {
      const { windowFn, ...settings } = windowing;
      const windows = `${windowFn.name ?? "?"} ${textOf(settings)}`;
      return `collection ${name}: coder ${coder.name ?? "?"}, windows ${windows}, ${isBounded ? "bounded" : "unbounded"}`;
    }),
  ];
}

/** What a node of its kind is besides. */
function detailOf(node: Node): string {
  if (node.kind === "parDo") return ` ${node.fn.kind}${besides(node.sideInputs)}`;
  if (node.kind === "composite") return besides(node.spec?.sideInputs);
  return node.kind === "view" ? ` of ${node.of} as ${node.form.kind}` : "";
}

const besides = (sideInputs: SideInputNodes = {}): string =>
  Object.entries(sideInputs)
    .map(([name, view]) => ` beside ${name} ${view}`)
    .join("");

const textOf = (settings: object): string => JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The first line in which two fingerprints differ, both versions of it; `undefined` where they are equal. */
export function differenceOf(ours: readonly string[], theirs: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex((_, i) => ours[i] !== theirs[i]);
  return at === -1 ? undefined : `${ours[at] ?? "nothing"}\n       ${theirs[at] ?? "nothing"}`;
}
