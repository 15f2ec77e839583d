import { decoded } from "../../../sdk/coders/coder.ts";
import {
  globalWindow,
  MIN_INSTANT,
  NO_FIRING,
  type CollectionId,
  type ElementContext,
  type ElementFn,
  type Graph,
  type Instant,
  type KV,
  type Pane,
  type Pipeline,
  type PrimitiveNode,
  type Window,
  type Splittable,
} from "../../../sdk/index.ts";
import { Resume } from "../../../sdk/resume.ts";
import { stepMetrics } from "../../../sdk/step-metrics.ts";
import { graphOf } from "./graph.ts";
import { sourceContext } from "../../support/source-context.ts";

/** An element as it is between steps. */
interface Element {
  readonly value: unknown;
  readonly timestamp: Instant;
  readonly window: Window;
  readonly pane: Pane;
}
type ByTag = Readonly<Record<string, readonly Element[]>>;

/**
 * What a bounded pipeline means, worked out in the plainest way: one step after the other, all elements at once, no runner
 * involved. Every element also goes through the coder of its collection, so that a coder that does not take it is found.
 *
 * @returns the values of the collections in what the builder function returns.
 */
export async function evaluate<const C extends object>(
  build: (p: Pipeline) => C,
): Promise<{ readonly [N in keyof C]: readonly unknown[] }> {
  let asked!: C;
  const graph = graphOf((p) => {
    asked = build(p);
  });
  const elements = await elementsOf(graph);
  const valuesOf = ({ name }: { readonly name: string }): readonly unknown[] =>
    elements.get(graph.collections.find((collection) => collection.name === name)!.id)!.map(({ value }) => value);
  return Object.fromEntries(Object.entries(asked).map(([tag, collection]) => [tag, valuesOf(collection)])) as never;
}

/** The values of a collection, whatever their order. */
export async function valuesOf(build: (p: Pipeline) => { readonly name: string }): Promise<readonly unknown[]> {
  return (await evaluate((p) => ({ it: build(p) }))).it;
}

async function elementsOf(graph: Graph): Promise<ReadonlyMap<CollectionId, readonly Element[]>> {
  const all = new Map<CollectionId, readonly Element[]>();
  for (const node of graph.nodes) {
    if (node.kind === "composite") continue;
    const inputs = node.inputs.flatMap((id) => all.get(id)!);
    for (const [tag, elements] of Object.entries(await outputsOf(node, inputs))) {
      const id = node.outputs[tag]!;
      const { coder } = graph.collections[id]!;
      all.set(
        id,
        elements.map((element) => ({ ...element, value: decoded(coder, coder.encode(element.value)) as unknown })),
      );
    }
  }
  return all;
}

async function outputsOf(node: PrimitiveNode, inputs: readonly Element[]): Promise<ByTag> {
  switch (node.kind) {
    case "impulse":
      return { main: [{ value: undefined, timestamp: MIN_INSTANT, window: globalWindow, pane: NO_FIRING }] };
    case "parDo":
      return pardoOf(node.fn, inputs, Object.keys(node.outputs));
    case "windowInto":
      return {
        main: inputs.flatMap((element) =>
          (node.windowFn.assign({ ...element, windows: [element.window] }) as readonly Window[]).map((window) => ({ ...element, window })),
        ),
      };
    case "groupByKey":
      return { main: grouped(inputs) };
    case "flatten":
    case "reshuffle":
      return { main: inputs };
    case "testStream":
    case "sink":
    case "view":
    case "collect":
      return {};
  }
}

async function pardoOf(fn: ElementFn, inputs: readonly Element[], tags: readonly string[]): Promise<ByTag> {
  const outputs: Record<string, Element[]> = Object.fromEntries(tags.map((tag) => [tag, []]));
  for (const element of inputs) {
    const emit = (tag: string, value: unknown, at: Partial<Element> = {}): void => void outputs[tag]!.push({ ...element, ...at, value });
    await process(fn, element, emit);
  }
  return outputs;
}

type EmitTo = (tag: string, value: unknown, at?: Partial<Element>) => void;

async function process(fn: ElementFn, element: Element, emit: EmitTo): Promise<void> {
  const { value } = element;
  const ctx: ElementContext = { ...element, processingTime: 0, options: {}, metrics: stepMetrics, sideInputs: {} };
  switch (fn.kind) {
    case "map":
      return emit("main", fn.call(value, ctx));
    case "keyBy":
      return emit("main", [fn.call(value, ctx), value]);
    case "filterMap": {
      const found = fn.call(value, ctx);
      return found === undefined ? undefined : emit("main", found);
    }
    case "filter":
      return fn.call(value, ctx) ? emit("main", value) : undefined;
    case "flatMap":
      for (const each of fn.call(value, ctx)) emit("main", each);
      return;
    case "pass":
      return emit("main", value);
    case "timestamps":
      return emit("main", value, { timestamp: fn.call(value) });
    case "route": {
      const prepared = fn.prepare === undefined ? value : fn.prepare(value);
      return emit(fn.tags[fn.call(prepared, ctx)]!, fn.unwrap === undefined ? prepared : fn.unwrap(prepared));
    }
    case "async":
      return emit("main", await fn.call(value, { ...ctx, signal: new AbortController().signal }));
    case "doFn": {
      const output = (each: unknown, at?: Partial<Element>) => emit("main", each, at);
      const outputs = Object.fromEntries(fn.tags.map((tag) => [tag, (each: unknown, at?: Partial<Element>) => emit(tag, each, at)]));
      return fn.doFn.process(value, { ...ctx, instance: await fn.doFn.setup?.(), output, outputs } as never) as undefined;
    }
    case "split":
      for (const part of await partsOf(fn.of, value)) emit("main", part);
      return;
    case "read": {
      const tracker = { tryClaim: () => true, claimWhile: (positions: ArrayLike<number>) => positions.length };
      if (fn.of.kind === "doFn") throw new Error("splittable DoFns are tested on runners");
      for await (const chunk of fn.of.source.read(value as never, tracker, sourceContext)) {
        if (chunk instanceof Resume) return;
        const { values, timestamps } = chunk;
        values.forEach((each, i) => emit("main", each, timestamps === undefined ? {} : { timestamp: timestamps[i]! }));
      }
    }
  }
}

async function partsOf(of: Splittable, element: unknown): Promise<readonly unknown[]> {
  if (of.kind === "source") return of.source.split(await of.source.restriction(sourceContext), 3);
  return [[element, await of.doFn.restriction(element)]];
}

/** One element for each key and window. Keys are compared by their text, which is enough for tests. */
function grouped(inputs: readonly Element[]): readonly Element[] {
  const groups = new Map<string, { readonly key: unknown; readonly window: Window; readonly values: unknown[] }>();
  for (const { value, window } of inputs) {
    const [key, each] = value as KV<unknown, unknown>;
    const name = `${typeof key} ${JSON.stringify(key)} ${JSON.stringify(window)}`;
    const group = groups.get(name) ?? { key, window, values: [] };
    group.values.push(each);
    groups.set(name, group);
  }
  return [...groups.values()].map(({ key, window, values }) => ({
    value: [key, values],
    timestamp: window.maxTimestamp,
    window,
    pane: NO_FIRING,
  }));
}
