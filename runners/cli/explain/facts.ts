import { isComposite } from "../../../sdk/combine/composite.ts";
import type { AnyDoFn } from "../../../sdk/do-fn.ts";
import type { Collection, CompositeSpec, Node, ParDoNode, SideInputNodes, WindowIntoNode } from "../../../sdk/graph.ts";
import type { Duration } from "../../../sdk/time.ts";
import type { WindowingStrategy } from "../../../sdk/windowing.ts";
import { isEndless } from "../../core/endless.ts";
import { statesOf, timersOf } from "../../core/state/keyed-context.ts";

/** How often what goes through an end of a pipeline counts there: a guarantee for runs that succeed. */
export type Delivery =
  /** A read may be repeated, but what it gives counts once: what a bundle made that failed is dropped. */
  | "oncePerRun"
  /** A source without an end: there are no checkpoints yet, so what is on its way when the process dies is lost. */
  | "atMostOnce"
  /** Writers write where nobody looks, and at the end a commit publishes everything. */
  | "onCommit";

/** The delivery of a source or a sink; `undefined` for other steps. */
export function deliveryOf(node: Node): Delivery | undefined {
  if (node.kind === "sink") return "onCommit";
  if (node.kind !== "parDo" || node.fn.kind !== "read") return undefined;
  return isEndless(node) ? "atMostOnce" : "oncePerRun";
}

/** What a combine is told besides its input. */
export interface CombineFacts {
  /** The combiner's name. */
  readonly combineFn: string;
  /** Of a combiner that is made of several: their names, by field. */
  readonly combineFns: Readonly<Record<string, string>> | undefined;
  /** Whether an input without elements gives an output all the same. */
  readonly emitDefault: boolean;
  /** Over how many shards each key was spread before. */
  readonly fanout: number | "by key" | undefined;
  /** The views that it reads, by name; nothing where it reads none. */
  readonly sideInputs?: SideInputNodes;
}

/** The settings of a combine. */
export const combineFacts = ({ fn, emitsDefault = false, fanout, sideInputs }: CompositeSpec): CombineFacts => ({
  combineFn: fn.name,
  combineFns: isComposite(fn) ? Object.fromEntries(Object.entries(fn.parts).map(([field, part]) => [field, part.name])) : undefined,
  emitDefault: emitsDefault,
  fanout,
  ...sideFacts({ sideInputs }),
});

/** How a step waits for promises. */
export interface AsyncFacts {
  /** How many elements it works on at once, on each thread; the engine's own number unless given. */
  readonly concurrency: number | undefined;
  /** In ms; none unless given. */
  readonly timeout: Duration | undefined;
  /** Whether results leave in the order in which elements came. */
  readonly ordered: boolean;
}

/** The settings of a step that waits for promises; `undefined` for one that does not. */
export function asyncFacts({ fn }: ParDoNode): AsyncFacts | undefined {
  if (fn.kind === "async") {
    const { concurrency, timeout, ordered } = fn;
    return { concurrency, timeout, ordered };
  }
  if (fn.kind !== "doFn" || fn.doFn.async !== true) return undefined;
  const { concurrency, timeout } = fn.doFn as { readonly concurrency?: number; readonly timeout?: Duration };
  return { concurrency, timeout, ordered: false };
}

/** What a DoFn keeps for each key and window. */
export interface KeyedFacts {
  /** The kinds of its states, by name. */
  readonly states?: Readonly<Record<string, string>>;
  /** The time that its timers go by, by name. */
  readonly timers?: Readonly<Record<string, string>>;
  readonly requiresTimeSortedInput?: boolean;
  /** In ms of event time. */
  readonly timeToLive?: Duration;
}

/** What a DoFn keeps for each key and window; only what it declares. */
export function keyedFacts(doFn: AnyDoFn): KeyedFacts {
  const { timeToLive, requiresTimeSortedInput } = doFn;
  const states = statesOf(doFn).map(({ name, declaration }) => [name, declaration.kind] as const);
  const timers = timersOf(doFn).map(({ name, declaration }) => [name, declaration.domain] as const);
  return {
    ...(states.length === 0 ? {} : { states: Object.fromEntries(states) }),
    ...(timers.length === 0 ? {} : { timers: Object.fromEntries(timers) }),
    ...(requiresTimeSortedInput === true ? { requiresTimeSortedInput } : {}),
    ...(timeToLive === undefined ? {} : { timeToLive }),
  };
}

/** The views that a step reads, by name; nothing where it reads none. */
export const sideFacts = ({ sideInputs = {} }: SideReader): { readonly sideInputs?: SideInputNodes } =>
  Object.keys(sideInputs).length === 0 ? {} : { sideInputs };

/** What may read views. */
interface SideReader {
  readonly sideInputs?: SideInputNodes | undefined;
}

/** The views that a node reads, by name. */
export const sidesOf = (node: Node): SideInputNodes =>
  (node.kind === "parDo" ? node.sideInputs : node.kind === "composite" ? node.spec?.sideInputs : undefined) ?? {};

const lifecycle = [
  "setup",
  "startBundle",
  "process",
  "finishBundle",
  "teardown",
  "onWindowExpiration",
] as const satisfies readonly (keyof AnyDoFn)[];

/** The methods that a DoFn has, in the order in which they are called. */
export const methodsOf = (doFn: AnyDoFn): readonly string[] => lifecycle.filter((name) => doFn[name] !== undefined);

/** What a step changes of how its input is windowed: a setting that it leaves alone has no field. */
export type WindowFacts = Partial<Omit<WindowingStrategy, "windowFn">> & {
  /** The window function's name, which holds its settings. */
  readonly windowFn?: string | undefined;
};

/** The settings of a windowing step: the window function where it gives one, and what else differs from the windowing of its input. */
export function windowFacts(node: WindowIntoNode | ParDoNode, collections: readonly Collection[]): WindowFacts {
  const settingsOf = (id: number | undefined): Readonly<Record<string, unknown>> => {
    const { windowFn: _, isMerged = false, ...settings } = collections[id!]!.windowing;
    return { ...settings, isMerged };
  };
  const before = settingsOf(node.inputs[0]);
  const changed = Object.entries(settingsOf(node.outputs["main"])).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return { ...(node.kind === "windowInto" ? { windowFn: node.windowFn.name } : {}), ...(Object.fromEntries(changed) as WindowFacts) };
}

/** The output of a grouping for the elements that come too late; `undefined` where they are dropped. */
export const lateTagOf = ({ outputs }: Node): string | undefined => Object.keys(outputs).find((tag) => tag !== "main");
