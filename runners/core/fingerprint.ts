import type { Graph } from "../../sdk/graph.ts";

/**
 * What two builds of a pipeline must have in common to be the same graph, a line for each step and collection: names, kinds,
 * coders and windowing. Never the text of functions, which differs with how a module was loaded.
 */
export function fingerprintOf({ nodes, collections }: Graph): readonly string[] {
  return [
    ...nodes.map(({ path, kind, inputs, outputs, ...node }) => {
      const fn = kind === "parDo" && "fn" in node ? ` ${node.fn.kind}` : "";
      return `step ${path}: ${kind}${fn} reads ${inputs.join(",")} makes ${Object.entries(outputs).flat().join(",")}`;
    }),
    ...collections.map(({ name, coder, windowing, isBounded }) => {
      const { windowFn, ...settings } = windowing;
      const windows = `${windowFn.name ?? "?"} ${textOf(settings)}`;
      return `collection ${name}: coder ${coder.name ?? "?"}, windows ${windows}, ${isBounded ? "bounded" : "unbounded"}`;
    }),
  ];
}

const textOf = (settings: object): string => JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The first line in which two fingerprints differ, both versions of it; `undefined` where they are equal. */
export function differenceOf(ours: readonly string[], theirs: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex((_, i) => ours[i] !== theirs[i]);
  return at === -1 ? undefined : `${ours[at] ?? "nothing"}\n       ${theirs[at] ?? "nothing"}`;
}
