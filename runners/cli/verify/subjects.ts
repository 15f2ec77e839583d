import { isKeyed } from "../../../sdk/do-fn.ts";
import { PipelineError } from "../../../sdk/errors.ts";
import type { CollectionId, Graph, Node } from "../../../sdk/graph.ts";
import { mayLoseData } from "../../../sdk/triggers/may-lose-data.ts";
import { intervalWindowCoder } from "../../../sdk/windows/interval.ts";
import { isEndless, isLive } from "../../core/endless.ts";
import { merges } from "../../core/groupings/grouping.ts";
import type { Tap, TappedGraph } from "../../core/taps.ts";
import { asyncFacts } from "../explain/facts.ts";
import { unsteadyCollections, unsteadyInput, unsteadyTrigger, type Unsteady } from "./unsteady.ts";

/** A grouping whose panes are compared. */
export interface PaneSubject {
  readonly tap: Extract<Tap, { kind: "grouping" }>;
  /** Of each key and window: the last pane, or the contents of all of them. */
  readonly how: "lastPane" | "allPanes";
  /** Whether a value is a list whose order is not promised. */
  readonly isList: boolean;
  /** Whether windows grow together, so that those that were emitted before they did do not count. */
  readonly merges: boolean;
}

/** Something that is compared, and how. */
export type Subject = PaneSubject | { readonly tap: Extract<Tap, { kind: "end" }>; readonly how: "elements" };

/** A step, and what there is to know of it. */
export interface Note {
  readonly step: string;
  readonly why: string;
}

/** What a comparison of runs can say of a pipeline. */
export interface Scope {
  readonly subjects: readonly Subject[];
  /** What is not compared, or not all of it. */
  readonly notCompared: readonly Note[];
  /** Steps that may do what a comparison does not show. */
  readonly unseen: readonly Note[];
}

/** Sorts the steps of a pipeline by what can be said of them. */
export function scopeOf(graph: Graph, { taps }: TappedGraph): Scope {
  const unsteady = unsteadyCollections(graph);
  const behindSink = collectionsBehindSinks(graph);
  const found = taps
    .filter(({ node }) => !isOfShards(node, graph))
    .map((tap) => {
      const sink = behindSink.get(tap.node.inputs[0]!);
      if (sink !== undefined) return not(tap, `it reads what the sink "${sink}" commits, and nothing is committed`);
      const before = unsteadyInput(tap.node, graph, unsteady);
      if (before !== undefined) return not(tap, `what comes to it ${dependences[before.by]}, at "${before.at}"`);
      return tap.kind === "end" ? { subject: { tap, how: "elements" as const } } : groupingOf(tap, graph);
    });
  return {
    subjects: found.flatMap(({ subject }: Found) => subject ?? []),
    notCompared: found.flatMap(({ note }: Found) => note ?? []),
    unseen: graph.nodes.flatMap((node) => unseenOf(node) ?? []),
  };
}

interface Found {
  readonly subject?: Subject;
  readonly note?: Note;
}

const not = ({ node }: Tap, why: string): Found => ({ note: { step: node.path, why } });

const dependences = {
  bundles: "depends on how elements come together in bundles",
  clock: "depends on processing time",
  order: "depends on the order in which elements come",
} as const satisfies Record<Unsteady["by"], string>;

/** A grouping whose input is the same in every run. */
function groupingOf(tap: Extract<Tap, { kind: "grouping" }>, graph: Graph): Found {
  const { windowing } = graph.collections[tap.node.inputs[0]!]!;
  const isList = tap.node.kind === "groupByKey";
  const subject: PaneSubject = {
    tap,
    how: windowing.accumulation === "accumulating" ? "lastPane" : "allPanes",
    isList,
    merges: merges(windowing),
  };
  const early = unsteadyTrigger(tap.node, graph);
  if (early === undefined) return { subject };
  const reason = (what: string): string => `${what} ${dependences[early.by]}`;
  if (mayLoseData(windowing.trigger, windowing.allowedLateness)) return not(tap, reason("what it drops when it has finished"));
  if (merges(windowing) && windowing.windowFn.windowCoder !== intervalWindowCoder) return not(tap, reason("which windows it emits"));
  if (subject.how === "lastPane") return { subject, ...not(tap, reason("only its last panes are compared: how many come before them")) };
  if (isList) return { subject, ...not(tap, reason("only its panes together are compared: what each of them holds")) };
  return not(tap, reason("its panes hold parts of a result, and how many there are"));
}

/** The collections of which nothing can be said, with the sink in front of them. */
function collectionsBehindSinks({ nodes }: Graph): ReadonlyMap<CollectionId, string> {
  const behind = new Map<CollectionId, string>();
  for (const node of nodes) {
    if (node.kind === "composite") continue; // its parts say it
    const sinks = node.inputs.map((id) => behind.get(id));
    const sink = node.kind === "sink" ? node.path : sinks.length > 0 && sinks.every((each) => each !== undefined) ? sinks[0] : undefined;
    if (sink !== undefined) for (const id of Object.values(node.outputs)) behind.set(id, sink);
  }
  return behind;
}

/** Whether a combine is the first of two, and gives parts of the results of keys: which parts those are is nobody's concern. */
const isOfShards = ({ id, parent }: Node, { nodes }: Graph): boolean =>
  parent !== undefined &&
  nodes.some((node) => node.parent === parent && node.id > id && node.kind === "composite" && node.spec?.fanout !== undefined);

function unseenOf(node: Node): Note | undefined {
  if (node.kind !== "parDo") return undefined;
  const note = (why: string): Note => ({ step: node.path, why });
  if (asyncFacts(node) !== undefined) return note("it waits for something outside of the pipeline, where it may have effects");
  if (node.fn.kind !== "doFn") return undefined;
  const { doFn } = node.fn;
  if (doFn.showsOrder !== undefined) return undefined;
  if (isKeyed(doFn) && doFn.requiresTimeSortedInput !== true) {
    return note("it remembers elements by key, and what it gives may depend on their order, which no runner promises");
  }
  return note("it is a parDo, which may have effects that are not in its output");
}

/**
 * Refuses a pipeline whose input is not the same each time.
 *
 * @throws PipelineError `NOT_REPEATABLE`, which names the source.
 */
export function mustBeRepeatable(graph: Graph): void {
  const isEndlessHere = isLive(graph);
  const source = graph.nodes.find((node) => node.kind === "parDo" && (node.onlyOn !== undefined || (isEndlessHere && isEndless(node))));
  if (source === undefined) return;
  throw new PipelineError("NOT_REPEATABLE", {
    what: "runners are compared by what each of them makes of the same input, and this source cannot be read twice",
    at: source.path,
    got: source.onlyOn === undefined ? "a source without an end" : `a source that only the ${source.onlyOn} runner reads`,
    fix: "put a source with an end in its place, by an option of the pipeline, or a testStream(…)",
  });
}
