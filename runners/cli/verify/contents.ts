import { canonicalKey } from "../../../sdk/coders/canonical-key.ts";
import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import type { DeadLetter } from "../../../sdk/failure.ts";
import type { Graph } from "../../../sdk/graph.ts";
import { pairCodersOf } from "../../../sdk/pair.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import type { Reified } from "../../../sdk/transforms/reify.ts";
import type { IntervalWindow, Window, WindowingStrategy } from "../../../sdk/windowing.ts";
import { intervalWindowCoder } from "../../../sdk/windows/interval.ts";
import { windowsIdentity } from "../../core/window-identity.ts";
import type { PaneSubject, Subject } from "./subjects.ts";

/** What a run gives at a step, by what two runs have to have in common. */
export type Contents = ReadonlyMap<string, Content>;

/** What a grouping gives for a key and window, or equal elements of a sink. */
export interface Content {
  /** The values, or the elements. */
  readonly values: readonly unknown[];
  /** What tells them apart from others: equal in two runs exactly if these are, in any order. */
  readonly forms: readonly string[];
  /** Of a grouping. */
  readonly place?: { readonly key: unknown; readonly window: Window };
}

/** What a run gave at a step. */
export function contentsOf(subject: Subject, elements: readonly unknown[], graph: Graph): Contents {
  if (subject.how === "elements") return ofElements(elements, graph.collections[subject.tap.node.inputs[0]!]!.coder);
  return ofPanes(subject, elements as readonly Pane[], graph);
}

/** Equal elements are one content. */
function ofElements(elements: readonly unknown[], coder: AnyCoder): Contents {
  const contents = new Map<string, Content>();
  for (const [form, values] of grouped(elements, (element) => formOf(element, coder))) {
    contents.set(form, { values, forms: values.map(() => form) });
  }
  return contents;
}

type Pane = Reified<KV<unknown, unknown>>;

function ofPanes({ tap, how, isList, merges }: PaneSubject, panes: readonly Pane[], { collections }: Graph): Contents {
  const input = collections[tap.node.inputs[0]!]!;
  const output = collections[tap.node.outputs["main"]!]!;
  const { keyCoder } = pairCodersOf(output.coder);
  const { valueCoder } = pairCodersOf(isList ? input.coder : output.coder);
  const contents = new Map<string, Content>();
  for (const [keyForm, own] of grouped(panes, ({ value: [key] }) => formOf(key, keyCoder))) {
    for (const { window, among } of placesOf(own, input.windowing, merges)) {
      const counted = how === "lastPane" ? [lastOf(among.filter((pane) => isOf(window, pane)))] : among;
      const values = counted.flatMap(({ value: [, value] }) => (isList ? [...(value as Iterable<unknown>)] : [value]));
      const forms = values.map((value) => formOf(value, valueCoder)).sort();
      contents.set(`${keyForm} ${windowsIdentity([window], input.windowing)}`, { values, forms, place: { key: own[0]!.value[0], window } });
    }
  }
  return contents;

  function isOf(window: Window, pane: Pane): boolean {
    return windowsIdentity([window], input.windowing) === windowsIdentity([pane.window], input.windowing);
  }
}

const lastOf = (panes: readonly Pane[]): Pane => panes.reduce((last, pane) => (pane.pane.index >= last.pane.index ? pane : last));

/** The panes of a key in a window. */
interface Place {
  readonly window: Window;
  readonly among: readonly Pane[];
}

/** The panes of a key by window. Windows that became a part of a larger one, after they had emitted, belong to that. */
function placesOf(panes: readonly Pane[], windowing: WindowingStrategy, merges: boolean): readonly Place[] {
  const byWindow = grouped(panes, ({ window }) => windowsIdentity([window], windowing));
  const places = Array.from(byWindow.values(), (among): Place => ({ window: among[0]!.window, among }));
  if (!merges || windowing.windowFn.windowCoder !== intervalWindowCoder) return places;
  const largest: { readonly window: Window; readonly among: Pane[] }[] = [];
  for (const { window, among } of places.toSorted((a, b) => startOf(a) - startOf(b) || b.window.maxTimestamp - a.window.maxTimestamp)) {
    const before = largest.at(-1);
    if (before !== undefined && window.maxTimestamp <= before.window.maxTimestamp) before.among.push(...among);
    else largest.push({ window, among: [...among] });
  }
  return largest;
}

const startOf = ({ window }: Place): number => (window as IntervalWindow).start;

function grouped<T>(elements: readonly T[], formOfElement: (element: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const element of elements) {
    const form = formOfElement(element);
    const group = groups.get(form);
    if (group === undefined) groups.set(form, [element]);
    else group.push(element);
  }
  return groups;
}

/** A text that two values share exactly if they are built alike. What is no plain data is what its coder makes of it. */
function formOf(value: unknown, coder: AnyCoder): string {
  try {
    return canonicalKey(withoutStack(value));
  } catch {
    return Buffer.from(coder.encode(value)).toString("latin1");
  }
}

/** A dead letter without the frames of its error, which say how a step was run and not what it did. */
function withoutStack(value: unknown): unknown {
  const { error } = Object(value) as Partial<DeadLetter<unknown>>;
  if (typeof error?.stack !== "string") return value;
  const { stack: _, ...rest } = error;
  return { ...(value as object), error: rest };
}
