import fc from "fast-check";
import { scopeOf, type Subject } from "../../../runners/cli/verify/subjects.ts";
import { tapped, type Tap } from "../../../runners/core/taps.ts";
import type { Graph } from "../../../sdk/graph.ts";
import type { KnownWindowing, KnownWindows } from "../../support/grouping-oracle.ts";
import { anyWindowing } from "../../support/stream-scenarios.ts";
import { twoStreams } from "../../support/two-streams.ts";
import type { Program, Scenario } from "./program.ts";

/** Scenarios in which a program makes sense. */
export const scenarioFor = (program: Program): fc.Arbitrary<Scenario> =>
  fc.record({ windowing: windowingFor(program), happenings: twoStreams });

/** What is compared of a program. */
export function subjectsIn(graph: Graph, isExact: boolean): readonly Subject[] {
  const tappedGraph = tapped(graph);
  const { subjects } = scopeOf(graph, tappedGraph);
  if (!isExact) return subjects;
  const ends = tappedGraph.taps.filter((tap): tap is Extract<Tap, { kind: "end" }> => tap.kind === "end");
  return [...subjects.filter(({ how }) => how !== "elements"), ...ends.map((tap): Subject => ({ tap, how: "elements" }))];
}

const isAllowed: Readonly<Record<Program["windows"], (kind: KnownWindows["kind"]) => boolean>> = {
  "any": () => true,
  "not merging": (kind) => kind !== "sessions",
  "ending": (kind) => kind !== "sessions" && kind !== "global",
};

/** Where parts of a source decide what comes together, most triggers leave nothing to compare. */
const windowingFor = ({ windows, isExact }: Program): fc.Arbitrary<KnownWindowing> => {
  const allowed = anyWindowing.filter(({ windows: { kind } }) => isAllowed[windows](kind));
  return isExact
    ? allowed
    : fc.oneof(
        allowed,
        allowed.map((windowing) => ({ ...windowing, trigger: { kind: "default" as const } })),
      );
};
