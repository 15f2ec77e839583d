import type { KeyDictionary } from "../key-dictionary.ts";
import type { Plan } from "../plan.ts";
import type { Grouping, GroupingKind, GroupingSpec } from "./grouping.ts";

/** The forms of a grouping that most plans do not need. */
type RareKind = Extract<GroupingKind, "merging" | "panes">;

/** Makes one of them. */
export type MakePanes = (kind: RareKind, spec: GroupingSpec, keys: KeyDictionary) => Grouping;

/** Whether a plan needs one of them: they come with a quarter of the engine's modules. */
export const needsPanes = ({ stages }: Plan): boolean =>
  stages.some(({ head }) => head.kind === "group" && (head.kept === "panes" || head.kept === "merging"));

/** Loads them. */
export async function loadPanes(): Promise<MakePanes> {
  const [{ PaneGrouping }, { MergingGrouping }] = await Promise.all([import("./pane-grouping.ts"), import("./merging-grouping.ts")]);
  return (kind, spec, keys) => (kind === "panes" ? new PaneGrouping(spec, keys) : new MergingGrouping(spec, keys));
}
