import type { CompositeSpec } from "./graph.ts";
import type { PTransform } from "./pipeline.ts";

/** A transform that knows its name, and what makes its output. */
export interface Expansion<In, Out> {
  readonly name: string;
  /** What it is as a composite, where an engine may run it in a way of its own; it may depend on the input. */
  readonly spec: CompositeSpec | ((input: In) => CompositeSpec) | undefined;
  /** What it reads besides its input. */
  readonly reads?: readonly unknown[];
  readonly expand: (input: In) => Out;
}

/** How the transforms that know it are expanded when `apply` gives them another name. */
const expansions = new WeakMap<object, Expansion<never, unknown>>();

/** Declares how a transform expands. */
export function setExpansion<In, Out>(transform: PTransform<In, Out>, expansion: Expansion<In, Out>): void {
  expansions.set(transform, expansion);
}

/** How a transform expands; a plain function is a composite under its own name. */
export function expansionFor<In, Out>(transform: PTransform<In, Out>): Expansion<In, Out> {
  const known = expansions.get(transform) as Expansion<In, Out> | undefined;
  return known ?? { name: transform.name, spec: undefined, expand: transform };
}

/** Whether a value is a transform that this library made. */
export const isTransform = (value: unknown): boolean => typeof value === "function" && expansions.has(value);
