import { PipelineError } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import { commonCoder } from "../pair.ts";
import type { PCollection } from "../pipeline.ts";
import type { WindowingStrategy } from "../windowing.ts";

/** The elements of a collection. */
export type ElementOf<P> = P extends PCollection<infer T> ? T : never;
/** What {@link flatten} takes: collections in a list or an object. */
export type FlattenInputs<P> = readonly P[] | Readonly<Record<string, P>>;

/**
 * All elements of several collections in one. A collection that is given twice comes twice.
 *
 * Shape: a list or an object of `PCollection<T>` → `PCollection<T>`; times, windows and panes stay, the order is not defined. The
 * coder is that of the inputs where they have one in common, else the structural one. It is called directly, with the name of
 * the step first if it has one.
 *
 * @throws PipelineError `NO_INPUTS` when there are none; `INCOMPATIBLE_WINDOWS` when their window functions or triggers differ.
 * Other settings of windowing are those of the first input.
 *
 * @example
 * ```ts
 * flatten([mornings, evenings]);
 * flatten("AllVisits", { shop, web });
 * ```
 */
export function flatten<P extends PCollection<unknown>>(inputs: readonly P[]): PCollection<ElementOf<P>>;
export function flatten<P extends PCollection<unknown>>(inputs: Readonly<Record<string, P>>): PCollection<ElementOf<P>>;
export function flatten<P extends PCollection<unknown>>(name: string, inputs: FlattenInputs<P>): PCollection<ElementOf<P>>;
export function flatten<P extends PCollection<unknown>>(
  ...given: readonly [inputs: FlattenInputs<P>] | readonly [name: string, inputs: FlattenInputs<P>]
): PCollection<ElementOf<P>> {
  const [name, inputs] = given.length === 1 ? [undefined, given[0]] : given;
  const all = Object.values(inputs) as readonly P[];
  if (all.length === 0) {
    throw new PipelineError("NO_INPUTS", {
      what: "flatten needs at least one input, since the elements and the windows of its output are those of its inputs",
      ...(name === undefined ? {} : { at: name }),
      fix: "where there may be none, add p.apply(emptyCollection(coder)) to them",
    });
  }
  return name === undefined ? flattening(inputs) : builderOf(inputs).apply(inputs, name, flattening);
}

const flattening = expansionOf({
  name: "Flatten",
  spec: undefined,
  expand(inputs: FlattenInputs<PCollection<unknown>>): PCollection<never> {
    const builder = builderOf(inputs);
    const collections = Object.values(inputs).map((input) => builder.collectionOf(input));
    const first = collections[0]!;
    for (const other of collections) mustBeCompatible(first, other, builder.path);
    const ids = collections.map(({ id }) => id);
    const coder = commonCoder(collections.map((collection) => collection.coder));
    const isBounded = collections.every((collection) => collection.isBounded);
    return builder.add({ kind: "flatten" }, ids, first, { main: { coder, isBounded } })["main"]!;
  },
});

function mustBeCompatible(first: Collection, other: Collection, at: string): void {
  const [a, b] = [first.windowing, other.windowing];
  if (a === b || (a.windowFn.isCompatible(b.windowFn) && JSON.stringify(a.trigger) === JSON.stringify(b.trigger))) return;
  throw new PipelineError("INCOMPATIBLE_WINDOWS", {
    what: "collections that are put together have windows and triggers of one kind",
    at,
    got: `${textOf(a)} for ${first.name}, ${textOf(b)} for ${other.name}`,
    fix: "put one windowInto(…) behind all of them, or the same before each",
  });
}

const textOf = ({ windowFn, trigger }: WindowingStrategy): string =>
  `${windowFn.name ?? "a window function"} with the trigger ${trigger.kind}`;
