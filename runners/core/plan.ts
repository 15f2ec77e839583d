import type { AnyCoder } from "../../sdk/coders/coder.ts";
import { isKvCoder } from "../../sdk/coders/kv.ts";
import { structuralCoder } from "../../sdk/coders/structural.ts";
import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import type { AnyDoFn } from "../../sdk/do-fn.ts";
import type {
  Collection,
  CollectNode,
  CollectionId,
  FailureSpec,
  CompositeNode,
  CompositeSpec,
  ElementFn,
  Graph,
  NodeId,
  ParDoNode,
  PrimitiveNode,
  SideInputNodes,
  Splittable,
  TestStreamNode,
  ViewForm,
  ViewNode,
  WindowIntoNode,
} from "../../sdk/graph.ts";
import type { Sink } from "../../sdk/sink.ts";
import type { Duration } from "../../sdk/time.ts";
import type { WindowingStrategy } from "../../sdk/windowing.ts";
import { groupingKindOf, merges, type GroupingKind } from "./groupings/grouping.ts";

/** A function of elements inside a stage, and where its outputs go. */
export interface Step {
  /** The full name that metrics and errors use. */
  readonly path: string;
  readonly fn: ElementFn | Pick<WindowIntoNode, "kind" | "windowFn">;
  readonly outputs: readonly Output[];
  /** What happens when the function throws; the run fails unless it is set. */
  readonly failure: FailureSpec | undefined;
  /** What it reads besides its elements; it runs once for each window of an element then. */
  readonly sides: readonly Side[];
}

/** A side input of a step. */
export interface Side {
  /** What the step calls it. */
  readonly name: string;
  /** Its view, by its place in the plan. */
  readonly view: number;
}

/** A collection that steps read as a side input. */
export interface View {
  readonly path: string;
  readonly windowing: WindowingStrategy;
  readonly form: ViewForm;
  /** Whether what comes is all elements of a pane in a list, under one key, and not the only element. */
  readonly isGrouped: boolean;
  /** The stage that makes it. */
  readonly stage: number;
  /** The stages that read it, and for how long after their end the windows stay open that they read it in. */
  readonly readers: readonly { readonly stage: number; readonly lateness: Duration }[];
}

/** Whether a step is one call of a user's function for each element. */
export const isCalled = (
  fn: Step["fn"],
): fn is Extract<ElementFn, { readonly kind: "map" | "keyBy" | "filter" | "filterMap" | "flatMap" }> =>
  fn.kind === "map" || fn.kind === "keyBy" || fn.kind === "filter" || fn.kind === "filterMap" || fn.kind === "flatMap";

/** An output of a step or of a stage's head, and who takes it. */
export interface Output {
  readonly collection: CollectionId;
  /** Steps of the same stage, by number. */
  readonly steps: readonly number[];
  /** Ways out of the stage, by number. */
  readonly slots: readonly number[];
}

/** What makes the elements that the steps of a stage begin with. */
export type Head =
  | { readonly kind: "impulse" }
  | { readonly kind: "elements" }
  | { readonly kind: "split"; readonly of: Splittable }
  /** Parts of something splittable; of a DoFn the outputs are those of the stage. */
  | { readonly kind: "read"; readonly of: Splittable; readonly step: Step }
  | {
      readonly kind: "group";
      readonly fn: AnyCombineFn;
      readonly windowing: WindowingStrategy;
      readonly keyCoder: AnyCoder;
      readonly emitsDefault: boolean;
      /** Whether it folds to something smaller than a list of its values. */
      readonly isCombine: boolean;
      readonly kept: GroupingKind;
      /** Whether elements that come too late are its second output. */
      readonly hasLateOutput: boolean;
    }
  /** Elements by key, for a DoFn with state or timers, which is the first step. */
  | {
      readonly kind: "keyed";
      readonly doFn: AnyDoFn;
      readonly windowing: WindowingStrategy;
      readonly keyCoder: AnyCoder;
      /** Which output of the DoFn takes elements that come too late. */
      readonly lateOutput: number | undefined;
    }
  /** The elements of one of a test stream's outputs, at the times and with the watermarks that its events say. */
  | { readonly kind: "testStream"; readonly node: TestStreamNode; readonly tag: string }
  /** A step that waits for something outside, for each element; its own outputs are those of the stage. */
  | { readonly kind: "async"; readonly step: Step }
  | { readonly kind: "sink"; readonly sink: Sink<unknown, unknown> };

/** Steps that run together, element by element, behind a head that gets whole batches. */
export interface Stage {
  readonly id: number;
  /** The path of the head. */
  readonly path: string;
  readonly head: Head;
  /** How many parts its work has that may run at the same time. */
  readonly partitions: number;
  /** The collections it reads. */
  readonly inputs: readonly CollectionId[];
  /** The stages it waits for; all come before it. */
  readonly upstream: readonly number[];
  readonly steps: readonly Step[];
  /** What the head makes: one output, or for a step that waits, all that the step has. */
  readonly outputs: readonly Output[];
  readonly slots: readonly SlotSpec[];
  /** The side inputs that an element waits for before the head gets it. */
  readonly sides: readonly Side[];
  /** Whether a view needs what it makes. */
  readonly feedsView: boolean;
}

/** A way out of a stage. */
export interface SlotSpec {
  readonly collection: CollectionId;
  /** The path of the step that takes what goes out here. */
  readonly path: string;
  /** The stage that it leads to; from the number of stages on a `collect()`, and after those a view. */
  readonly target: number;
}

/** A graph cut into stages, in topological order. */
export interface Plan {
  readonly graph: Graph;
  readonly stages: readonly Stage[];
  /** The nodes of `collect()`, which are the targets after the stages. */
  readonly collects: readonly CollectNode[];
  /** The views, which are the targets after the collects. */
  readonly views: readonly View[];
}

/** The view that a target stands for, by its place; negative where it is none. */
export const viewAt = ({ stages, collects }: Plan, target: number): number => target - stages.length - collects.length;

/**
 * Cuts a graph into stages: a step is fused to the one before it, unless it needs its input whole or elsewhere
 * (groupings, sinks, reads, collections that several stages make).
 */
export function planStages(graph: Graph, partitions: number): Plan {
  const nodes = executedNodes(graph);
  const collects = nodes.filter((node): node is CollectNode => node.kind === "collect");
  const viewNodes = nodes.filter((node): node is ViewNode => node.kind === "view");
  const sidesOf: SidesOf = (sideInputs = {}) =>
    Object.entries(sideInputs).map(([name, node]) => ({ name, view: viewNodes.findIndex(({ id }) => id === node) }));
  const drafts = nodes.flatMap((node) => draftsOf(node, graph, sidesOf));
  const ends: readonly ExecutedNode[] = [...collects, ...viewNodes];
  const targetOf = (node: ExecutedNode): number => {
    const stage = drafts.findIndex(({ takes }) => takes === node.id);
    return stage === -1 ? drafts.length + ends.indexOf(node) : stage;
  };
  const follow = new Follower(nodes, (node) => (isFused(node) ? undefined : targetOf(node)), sidesOf);
  const unlinked = drafts.map((draft, id) => ({ ...follow.stageFrom(draft, draft.emitsInto === "next" ? id + 1 : undefined), id }));
  const isView = (target: number): boolean => target >= drafts.length + collects.length;
  const feeding = feedersOf(unlinked, isView);
  const stages = unlinked.map((stage): Stage => ({
    ...stage,
    partitions: partitionsOf(stage.head, partitions),
    upstream: unlinked.filter(({ slots }) => slots.some(({ target }) => target === stage.id)).map(({ id }) => id),
    feedsView: feeding.has(stage.id),
  }));
  const views = viewNodes.map((node, view): View => ({
    ...viewOf(node, graph, unlinked, targetOf(node)),
    readers: readersOf(view, stages, graph),
  }));
  return { graph, stages, collects, views };
}

/** What a node reads besides its elements. */
type SidesOf = (sideInputs: SideInputNodes | undefined) => readonly Side[];

/** A stage as far as it is known before it is known who else there is. */
type Unlinked = Omit<Stage, "partitions" | "upstream" | "feedsView">;

/** The stages that views need, at any distance. */
function feedersOf(stages: readonly Unlinked[], isView: (target: number) => boolean): ReadonlySet<number> {
  const feeding = new Set<number>();
  // Stages come in topological order, so those that a stage leads to are known before it.
  for (const { id, slots } of stages.toReversed()) {
    if (slots.some(({ target }) => isView(target) || feeding.has(target))) feeding.add(id);
  }
  return feeding;
}

const readersOf = (own: number, stages: readonly Stage[], graph: Graph): View["readers"] =>
  stages
    .filter(({ sides }) => sides.some(({ view }) => view === own))
    .map((stage) => ({ stage: stage.id, lateness: inputWindowingOf(stage, graph).allowedLateness }));

/** How the elements are windowed that a stage with one input reads. */
export const inputWindowingOf = ({ inputs }: Stage, { collections }: Graph): WindowingStrategy => collections[inputs[0]!]!.windowing;

function viewOf(
  { path, of, inputs, form }: ViewNode,
  { collections }: Graph,
  stages: readonly Unlinked[],
  own: number,
): Omit<View, "readers"> {
  const stage = stages.find(({ slots }) => slots.some(({ target }) => target === own))!;
  return { path, windowing: collections[of]!.windowing, form, isGrouped: inputs[0] !== of, stage: stage.id };
}

/** A node as it is executed: a combine counts as one, and what it expands to is left out. */
type ExecutedNode = PrimitiveNode | (CompositeNode & { readonly spec: CompositeSpec });

function executedNodes({ nodes, collections }: Graph): readonly ExecutedNode[] {
  const isReplaced = new Set<NodeId>();
  return nodes.filter((node): node is ExecutedNode => {
    const isInside = node.parent !== undefined && isReplaced.has(node.parent);
    const isOne = node.kind === "composite" && node.spec !== undefined && !needsWholeWindows(node.spec, collections[node.inputs[0]!]!);
    if (isInside || isOne) isReplaced.add(node.id);
    return !isInside && (node.kind !== "composite" || isOne);
  });
}

/**
 * Whether a combiner may begin only when it is known which windows have become one: what it reads besides is that of the merged
 * window. It is run as what it expands to, a grouping and a step that folds.
 */
const needsWholeWindows = ({ sideInputs = {} }: CompositeSpec, { windowing }: Collection): boolean =>
  Object.keys(sideInputs).length > 0 && merges(windowing);

/** A stage before its steps are found. */
interface Draft {
  readonly path: string;
  readonly head: Head;
  readonly inputs: readonly CollectionId[];
  /** The collections that the head makes. */
  readonly outputs: readonly CollectionId[];
  /** The node whose input it takes; none for what follows a commit. */
  readonly takes: NodeId | undefined;
  /** The node that is the first step; where there is none the steps are those that take what the head makes. */
  readonly first?: ParDoNode;
  readonly sides: readonly Side[];
  /** Whether its output goes through its steps, or as it is to the next stage. */
  readonly emitsInto: "steps" | "next";
}

function draftsOf(node: ExecutedNode, graph: Graph, sidesOf: SidesOf): readonly Draft[] {
  if (isFused(node) || node.kind === "collect" || node.kind === "view") return [];
  const sides = sidesOf(sideInputsOf(node));
  const draft: Draft = {
    path: node.path,
    head: node.kind === "testStream" ? { kind: "elements" } : headOf(node, graph, sides),
    inputs: node.inputs,
    outputs: collectionsMadeBy(node),
    takes: node.id,
    emitsInto: "steps",
    sides,
  };
  if (node.kind === "parDo" && beginsStage(node) && isFusable(node)) return [{ ...draft, first: node }];
  if (node.kind === "testStream") {
    // Each of its streams has a watermark of its own.
    return Object.entries(node.outputs).map(([tag, collection]) => ({
      ...draft,
      head: { kind: "testStream", node, tag },
      outputs: [collection],
      takes: undefined,
    }));
  }
  if (node.kind !== "sink") return [draft];
  // What was committed enters a stage of its own, since it comes from the committing thread and not from the writers.
  const afterCommit: Draft = { ...draft, head: { kind: "elements" }, inputs: draft.outputs, takes: undefined };
  return [{ ...draft, emitsInto: "next" }, afterCommit];
}

/** Whether a node is a step of the stage that makes its input. */
function isFused(node: ExecutedNode): boolean {
  if (node.kind === "windowInto") return true;
  return node.kind === "parDo" && isFusable(node) && !beginsStage(node);
}

/** Whether a step takes its elements one after the other, without waiting for anything. */
const isFusable = (node: ParDoNode): boolean => node.fn.kind !== "split" && node.fn.kind !== "read" && !waits(node);

/** Whether a step takes its elements from elsewhere than the step before it: by key, or when its side inputs are ready. */
const beginsStage = (node: ParDoNode): boolean => keyCoderOf(node) !== undefined || Object.keys(node.sideInputs ?? {}).length > 0;

const keyCoderOf = ({ fn }: ParDoNode): AnyCoder | undefined => (fn.kind === "doFn" ? fn.keyCoder : undefined);

function sideInputsOf(node: ExecutedNode): SideInputNodes | undefined {
  if (node.kind === "composite") return node.spec.sideInputs;
  return node.kind === "parDo" ? node.sideInputs : undefined;
}

/** Whether a step waits for each element: for a promise, or before it tries again. */
const waits = ({ fn, failure }: ParDoNode): boolean =>
  fn.kind === "async" || (fn.kind === "doFn" && fn.doFn.async === true) || (failure?.backoff !== undefined && failure.attempts > 1);

/** The outputs of a node in the order of its indices: `main` first, then as it declares them. A record would put tags such as `1` first. */
function collectionsMadeBy(node: ExecutedNode): readonly CollectionId[] {
  const declared = node.kind === "parDo" ? tagsOf(node.fn) : [];
  const tags = new Set(["main", ...declared, ...Object.keys(node.outputs)]);
  return [...tags].flatMap((tag) => node.outputs[tag] ?? []);
}

/** The outputs that a function declares besides the main one. */
export function tagsOf(fn: ElementFn): readonly string[] {
  if (fn.kind === "read") return fn.of.kind === "doFn" ? fn.of.tags : [];
  return "tags" in fn ? fn.tags : [];
}

function headOf(node: ExecutedNode, graph: Graph, sides: readonly Side[]): Head {
  switch (node.kind) {
    case "impulse":
      return { kind: "impulse" };
    case "flatten":
    case "reshuffle":
      return { kind: "elements" };
    case "sink":
      return { kind: "sink", sink: node.sink };
    case "parDo":
      return parDoHead(node, graph, sides);
    case "groupByKey":
      return groupHead(node, graph, undefined, false);
    case "composite":
      return groupHead(node, graph, node.spec.fn, node.spec.emitsDefault === true);
    case "testStream":
    case "windowInto":
    case "collect":
    case "view":
      throw new Error(`${node.kind} heads no stage`);
  }
}

function parDoHead(node: ParDoNode, { collections }: Graph, sides: readonly Side[]): Head {
  const { path, fn, failure, inputs } = node;
  if (fn.kind === "split") return fn;
  const keyCoder = keyCoderOf(node);
  if (fn.kind === "doFn" && keyCoder !== undefined) {
    const { windowing } = collections[inputs[0]!]!;
    const late = fn.tags.indexOf(fn.doFn.lateTo as string);
    return { kind: "keyed", doFn: fn.doFn, windowing, keyCoder, lateOutput: late === -1 ? undefined : late + 1 };
  }
  if (fn.kind !== "read" && !waits(node)) return { kind: "elements" };
  const own = collectionsMadeBy(node).map((collection): Output => ({ collection, steps: [], slots: [] }));
  const step: Step = { path, fn, failure, outputs: own, sides };
  return fn.kind === "read" ? { ...fn, step } : { kind: "async", step };
}

/** A grouping without a combiner is one that combines to a list. */
function groupHead(
  { inputs, outputs }: Pick<ExecutedNode, "inputs" | "outputs">,
  { collections }: Graph,
  combiner: AnyCombineFn | undefined,
  emitsDefault: boolean,
): Head {
  const { coder, windowing } = collections[inputs[0]!]!;
  const hasLateOutput = Object.keys(outputs).length > 1;
  // What comes too late goes on with its time, which is kept for panes only.
  const kept = hasLateOutput ? "panes" : groupingKindOf(windowing);
  const list = windowing.accumulation === "accumulating" && kept === "panes" ? keptListing : listing;
  return {
    kind: "group",
    fn: combiner ?? list,
    isCombine: combiner !== undefined,
    emitsDefault,
    windowing,
    kept,
    hasLateOutput,
    keyCoder: isKvCoder(coder) ? coder.keyCoder : structuralCoder,
  };
}

const listing: AnyCombineFn = {
  name: "list",
  create: () => [],
  add: (list: unknown[], value: unknown) => {
    // A push makes room for 16 more, and most keys of many have one value.
    if (list.length === 0) return [value];
    list.push(value);
    return list;
  },
  merge: (a: unknown[], b: readonly unknown[]) => a.concat(b),
  extract: (list: readonly unknown[]) => list,
};

/** The same where the list goes on growing after it was given out. */
const keptListing: AnyCombineFn = { ...listing, extract: (list: readonly unknown[]) => [...list] };

function partitionsOf(head: Head, partitions: number): number {
  if (head.kind === "impulse" || head.kind === "split" || head.kind === "testStream") return 1;
  return head.kind === "sink" ? (head.sink.shards ?? 1) : partitions;
}

/** Follows collections from a head to the steps that take them, until they leave the stage. */
class Follower {
  readonly #consumers = new Map<CollectionId, ExecutedNode[]>();
  readonly #targetOf: (node: ExecutedNode) => number | undefined;
  readonly #sidesOf: SidesOf;

  /** @param targetOf - where a node's input leaves the stage to; `undefined` for a node that is fused. */
  constructor(nodes: readonly ExecutedNode[], targetOf: (node: ExecutedNode) => number | undefined, sidesOf: SidesOf) {
    this.#targetOf = targetOf;
    this.#sidesOf = sidesOf;
    for (const node of nodes) for (const input of node.inputs) this.#consumers.set(input, [...(this.#consumers.get(input) ?? []), node]);
  }

  stageFrom({ path, head, inputs, outputs: made, first, sides }: Draft, next: number | undefined): Omit<Unlinked, "id"> {
    const steps: Step[] = [];
    const slots: SlotSpec[] = [];
    const outputTo = (collection: CollectionId): Output => {
      const to = { collection, steps: [] as number[], slots: [] as number[] };
      for (const node of this.#consumers.get(collection) ?? []) {
        const target = this.#targetOf(node);
        if (target === undefined) to.steps.push(stepFrom(node as ParDoNode | WindowIntoNode));
        else to.slots.push(slots.push({ collection: node.kind === "view" ? node.of : collection, target, path: node.path }) - 1);
      }
      return to;
    };
    const stepFrom = (node: ParDoNode | WindowIntoNode): number => {
      const outputs: Output[] = [];
      const called =
        node.kind === "parDo"
          ? { fn: node.fn, failure: node.failure, sides: this.#sidesOf(node.sideInputs) }
          : { fn: node, failure: undefined, sides: [] };
      const number = steps.push({ path: node.path, ...called, outputs }) - 1;
      for (const collection of collectionsMadeBy(node)) outputs.push(outputTo(collection));
      return number;
    };
    const common = { path, head, inputs, steps, slots, sides };
    if (first !== undefined) {
      // What the head hands to its first step has been counted where it was made.
      const toFirst: Output = { collection: NO_COLLECTION, steps: [stepFrom(first)], slots: [] };
      const late = head.kind === "keyed" && head.lateOutput !== undefined ? [steps[0]!.outputs[head.lateOutput]!] : [];
      return { ...common, outputs: [toFirst, ...late] };
    }
    if (next === undefined) return { ...common, outputs: made.map(outputTo) };
    const outputs = made.map((collection, slot): Output => ({ collection, steps: [], slots: [slot] }));
    return { ...common, outputs, slots: made.map((collection) => ({ collection, target: next, path })) };
  }
}

/** Stands for elements that are no new collection. */
const NO_COLLECTION: CollectionId = -1;
