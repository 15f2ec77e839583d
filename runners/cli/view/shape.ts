import type { Graph, Node } from "../../../sdk/graph.ts";

/** What the view of a run has to know of its graph. All sets hold the paths of steps. */
export interface Shape {
  /** The steps that cut a source into parts. */
  readonly splits: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
  readonly sinks: ReadonlySet<string>;
  /** Steps that only serve the one beside them: they begin a source, or hand on what a sink of their composite has committed. */
  readonly helpers: ReadonlySet<string>;
  /** Steps that nothing comes after: what there is of a run to see, or not to see. */
  readonly ends: readonly string[];
  /** Whether all sources end. */
  readonly isBounded: boolean;
}

/** Of a graph that could not be built. */
export const unknownShape: Shape = {
  splits: new Set(),
  reads: new Set(),
  sinks: new Set(),
  helpers: new Set(),
  ends: [],
  isBounded: false,
};

/** The shape of a graph. */
export function shapeOf({ nodes, collections }: Graph): Shape {
  const pathsOf = (matches: (node: Node) => boolean): ReadonlySet<string> => new Set(nodes.filter(matches).map(({ path }) => path));
  const splits = pathsOf((node) => node.kind === "parDo" && node.fn.kind === "split");
  const impulses = nodes.filter((node) => node.kind === "impulse" && isBegin(node, nodes));
  return {
    splits,
    reads: pathsOf((node) => node.kind === "parDo" && node.fn.kind === "read"),
    sinks: pathsOf(({ kind }) => kind === "sink"),
    helpers: new Set([...splits, ...[...impulses, ...afterSinks(nodes)].map(({ path }) => path)]),
    ends: endsOf(nodes),
    isBounded: collections.every((collection) => collection.isBounded),
  };
}

/** The outermost steps whose outputs nobody takes. */
function endsOf(nodes: readonly Node[]): readonly string[] {
  const outer = nodes.filter(({ parent }) => parent === undefined);
  const sides = new Set(nodes.flatMap((node) => (node.kind === "view" ? [node.of] : [])));
  const isTaken = (id: number): boolean => outer.some(({ inputs }) => inputs.includes(id)) || sides.has(id);
  return outer.filter(({ outputs }) => !Object.values(outputs).some(isTaken)).map(({ path }) => path);
}

/** Whether an impulse does nothing but ask a source for its parts. */
function isBegin({ outputs }: Node, nodes: readonly Node[]): boolean {
  const readers = nodes.filter(({ kind, inputs }) => kind !== "composite" && inputs.some((id) => Object.values(outputs).includes(id)));
  return readers.length > 0 && readers.every((node) => node.kind === "parDo" && node.fn.kind === "split");
}

/** The steps that follow a sink within its composite. What a user applies to the write stands outside of it. */
function afterSinks(nodes: readonly Node[]): readonly Node[] {
  const made = new Map<number, Set<number>>();
  return nodes.filter(({ kind, parent, inputs, outputs }) => {
    if (parent === undefined) return false;
    const committed = made.get(parent) ?? new Set();
    made.set(parent, committed);
    const follows = inputs.length > 0 && inputs.every((id) => committed.has(id));
    if (follows || kind === "sink") for (const id of Object.values(outputs)) committed.add(id);
    return follows;
  });
}
