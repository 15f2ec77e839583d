import type { CollectionId, Graph, Node, PrimitiveNode, ViewNode } from "../../../sdk/graph.ts";
import type { Trigger } from "../../../sdk/trigger.ts";
import { timersOf } from "../../core/state/keyed-context.ts";
import { sidesOf } from "../explain/facts.ts";

/** What differs between runs that are both right, and the step that lets it through. */
export interface Unsteady {
  readonly by: "bundles" | "clock" | "order";
  readonly at: string;
}

/** Collections that are not the same in each run, and why. */
export type UnsteadyCollections = ReadonlyMap<CollectionId, Unsteady>;

/**
 * The collections whose elements are not the same in each run: what a trigger emits early depends on how elements come together
 * in bundles, or on how long something takes, what is in a batch on who comes first; and so does all that is made of it.
 */
export function unsteadyCollections(graph: Graph): UnsteadyCollections {
  const unsteady = new Map<CollectionId, Unsteady>();
  for (const node of graph.nodes) {
    if (node.kind === "composite") continue; // its parts say it
    const found = unsteadyInput(node, graph, unsteady) ?? ownOf(node, graph);
    if (found !== undefined) for (const id of Object.values(node.outputs)) unsteady.set(id, found);
  }
  return unsteady;
}

/** What differs between runs of what a step reads, element by element or as a whole. */
export const unsteadyInput = (node: Node, { nodes }: Graph, unsteady: UnsteadyCollections): Unsteady | undefined =>
  [...node.inputs, ...Object.values(sidesOf(node)).map((view) => (nodes[view] as ViewNode).of)].flatMap((id) => unsteady.get(id) ?? [])[0];

function ownOf(node: PrimitiveNode, graph: Graph): Unsteady | undefined {
  if (node.kind === "groupByKey") return unsteadyTrigger(node, graph);
  if (node.kind !== "parDo" || node.fn.kind !== "doFn") return undefined;
  if (node.fn.doFn.showsOrder === true) return { by: "order", at: node.path };
  const waits = timersOf(node.fn.doFn).some(({ declaration }) => declaration.domain === "processing");
  return waits ? { by: "clock", at: node.path } : undefined;
}

/** What the trigger of a grouping depends on besides event time. */
export function unsteadyTrigger({ path, inputs }: Node, { collections }: Graph): Unsteady | undefined {
  const by = dependsOn(collections[inputs[0]!]!.windowing.trigger);
  return by === undefined ? undefined : { by, at: path };
}

function dependsOn(trigger: Trigger): Unsteady["by"] | undefined {
  switch (trigger.kind) {
    case "default":
    case "never":
      return undefined;
    case "always":
    case "afterCount":
      return "bundles";
    case "afterProcessingTime":
    case "afterSynchronizedProcessingTime":
      return "clock";
    case "afterWatermark":
      return anyOf([trigger.early, trigger.late]);
    case "repeatedly":
      return dependsOn(trigger.trigger);
    case "afterEach":
    case "afterFirst":
    case "afterAll":
      return anyOf(trigger.triggers);
    case "orFinally":
      return anyOf([trigger.main, trigger.until]);
  }
}

const anyOf = (triggers: readonly (Trigger | undefined)[]): Unsteady["by"] | undefined =>
  triggers.flatMap((trigger) => (trigger === undefined ? [] : (dependsOn(trigger) ?? [])))[0];
