import type { Node } from "../../../sdk/graph.ts";
import type { AnySource } from "../../../sdk/source.ts";
import { triggerText } from "../../../sdk/triggers/trigger-text.ts";
import { DEFAULT_SETTINGS, type WindowingStrategy } from "../../../sdk/windowing.ts";

/** What a step does, in a word or two; nothing for a composite that is no more than its parts. */
export function kindOf(node: Node): string {
  if (node.kind === "composite") return node.spec === undefined ? "" : `${node.spec.kind} ${node.spec.fn.name}`;
  if (node.kind === "view") return `view ${node.form.kind}`;
  if (node.kind === "sink") return `sink ${node.sink.name}`;
  if (node.kind !== "parDo") return node.kind;
  const source = sourceOf(node);
  return source === undefined ? node.fn.kind : `${node.fn.kind} ${source.name}`.trimEnd();
}

/** The source that a step splits or reads. */
export function sourceOf(node: Node): AnySource | undefined {
  if (node.kind !== "parDo" || (node.fn.kind !== "split" && node.fn.kind !== "read")) return undefined;
  return node.fn.of.kind === "source" ? node.fn.of.source : undefined;
}

/** The name of a step below the composites that it is part of. */
export const ownName = (node: Node, nodes: readonly Node[]): string =>
  node.parent === undefined ? node.path : node.path.slice(nodes[node.parent]!.path.length + 1);

/** How many composites a step is part of. */
export function depthOf(node: Node, nodes: readonly Node[]): number {
  return node.parent === undefined ? 0 : depthOf(nodes[node.parent]!, nodes) + 1;
}

/** The window function's name, which holds its settings. */
export const windowText = ({ windowFn }: WindowingStrategy): string => windowFn.name ?? "unnamed";

/** How a grouping works, setting by setting; those that stand as they do unless somebody changes them are left out. */
export function windowingTexts(windowing: WindowingStrategy): readonly string[] {
  const { trigger, accumulation, allowedLateness, timestampCombiner, closing, onTime, allowUnsafeTriggers, isMerged } = windowing;
  return [
    `window ${windowText(windowing)}${isMerged === true ? " as merged before" : ""}`,
    `trigger ${triggerText(trigger)}`,
    ...(accumulation === undefined ? [] : [accumulation]),
    `allowed lateness ${allowedLateness} ms`,
    ...(timestampCombiner === DEFAULT_SETTINGS.timestampCombiner ? [] : [`timestamp ${timestampCombiner}`]),
    ...(closing === DEFAULT_SETTINGS.closing ? [] : [`closing pane ${closing}`]),
    ...(onTime === DEFAULT_SETTINGS.onTime ? [] : [`on-time pane ${onTime}`]),
    ...(allowUnsafeTriggers ? ["unsafe triggers allowed"] : []),
  ];
}
