import { PipelineError, shortText } from "./errors.ts";
import type { Collection, NodeId } from "./graph.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { isGlobal } from "./windows/global.ts";

declare const viewType: unique symbol;

/** A collection as a whole, in a form that steps of other collections read: made by `asMap(…)` and its like, read as `ctx.sideInputs.name`. */
export interface SideInput<out V> {
  /** Never there at run time. */
  readonly [viewType]: V;
}

/** Side inputs by the names under which a step reads them. */
export type SideInputs<SI> = { readonly [N in keyof SI]: SideInput<SI[N]> };

/** How a step of elements is set up. */
export interface ElementOptions<SI> {
  /**
   * Other collections that the function reads as `ctx.sideInputs.name`. Each element waits until they are ready for its window: the
   * side input's window is the one that its windowing gives the last instant of the main window.
   */
  readonly sideInputs: SideInputs<SI>;
}

/** What a side input is at run time: the node that makes the view. */
export class ViewHandle {
  readonly builder: GraphBuilder;
  readonly node: NodeId;
  /** What the view is of. */
  readonly of: Collection;

  constructor(builder: GraphBuilder, node: NodeId, of: Collection) {
    this.builder = builder;
    this.node = node;
    this.of = of;
  }
}

/** The nodes of the views that a step reads, by name; an error for what is none, or has no window for those of the step's input. */
export function viewsRead(builder: GraphBuilder, input: Collection, sideInputs: object = {}): Readonly<Record<string, NodeId>> {
  const read = Object.entries(sideInputs).map(([name, handle]: [string, unknown]): readonly [string, NodeId] => {
    if (!(handle instanceof ViewHandle) || handle.builder !== builder) throw noView(builder.path, name, handle);
    mustMap(builder.path, name, input, handle.of);
    return [name, handle.node];
  });
  return Object.freeze(Object.fromEntries(read));
}

function mustMap(at: string, name: string, main: Collection, { windowing }: Collection): void {
  const { windowFn } = windowing;
  const isMerging = windowFn.sideWindow === undefined;
  if (!isMerging && (isGlobal(windowing) || !isGlobal(main.windowing))) return;
  throw new PipelineError("BAD_SIDE_INPUT", {
    what: isMerging
      ? `the side input "${name}" is in windows that depend on its elements, so no window of it belongs to one of this step's`
      : `the side input "${name}" is in windows that end, and this step's input in the global window, which belongs to none of them`,
    at,
    got: `${windowFn.name ?? "a window function"} for the side input`,
    fix: isMerging
      ? "put the side input into fixed, sliding, calendar or global windows before asMap(…) and its like"
      : "put the step's input into windows too, or the side input into the global window",
  });
}

const noView = (at: string, name: string, got: unknown): PipelineError =>
  new PipelineError("BAD_SIDE_INPUT", {
    what: `the side input "${name}" is none of this pipeline`,
    at,
    got: got instanceof ViewHandle ? "a side input of another pipeline" : shortText(got),
    fix: "pass what asSingleton, asIterable, asList, asMap or asMultimap gave for a collection of this pipeline",
  });
