import type { KeyDictionary } from "../key-dictionary.ts";
import type { Plan } from "../plan.ts";
import type { Grouping, GroupingSpec } from "./grouping.ts";

/** Makes the general form of a grouping. */
export type MakePanes = (spec: GroupingSpec, keys: KeyDictionary) => Grouping;

/** Whether a plan needs the general form. Most do not, and it comes with a quarter of the engine's modules. */
export const needsPanes = ({ stages }: Plan): boolean => stages.some(({ head }) => head.kind === "group" && head.kept === "panes");

/** Loads the general form. */
export async function loadPanes(): Promise<MakePanes> {
  const { PaneGrouping } = await import("./pane-grouping.ts");
  return (spec, keys) => new PaneGrouping(spec, keys);
}
