import { expansionFor, setExpansion, type Expansion } from "./expansion.ts";
import { builderOf, inputsOf, type CollectionSpec, type GraphBuilder, type PrimitiveSpec } from "./graph-builder.ts";
import type { Collection } from "./graph.ts";
import type { PCollection, Pipeline, PTransform } from "./pipeline.ts";

/** A transform from its expansion. Called directly, as in fp-ts' `pipe`, it goes under its own name. */
export function expansionOf<In, Out>(expansion: Expansion<In, Out>): PTransform<In, Out> {
  const transform = (input: In): Out => builderOf(input).expand(expansion, expansion.name, false, input);
  Object.defineProperty(transform, "name", { value: expansion.name });
  setExpansion(transform, expansion);
  return transform;
}

/** A transform under another name. */
export const renamed = <In, Out>(name: string, transform: PTransform<In, Out>): PTransform<In, Out> =>
  expansionOf({ ...expansionFor(transform), name });

/** A transform that is one node with one output. The output inherits windowing and boundedness from the input. */
export function primitive<In extends Pipeline | PCollection<unknown>, Out>(
  name: string,
  describe: (input: Collection, at: string, builder: GraphBuilder) => PrimitiveSpec & { readonly output: CollectionSpec },
): PTransform<In, PCollection<Out>> {
  return primitiveWith(
    name,
    (input, at, builder) => {
      const { output, ...spec } = describe(input, at, builder);
      return { spec: spec as PrimitiveSpec, outputs: { main: output } };
    },
    ({ main }) => main as PCollection<Out>,
  );
}

/** A transform that is one node with any outputs, by tag; `give` makes of them what the transform gives. */
export function primitiveWith<In extends Pipeline | PCollection<unknown>, Out>(
  name: string,
  describe: (
    input: Collection,
    at: string,
    builder: GraphBuilder,
  ) => { readonly spec: PrimitiveSpec; readonly outputs: Readonly<Record<string, CollectionSpec>> },
  give: (outputs: Readonly<Record<string, PCollection<never>>>) => Out,
): PTransform<In, Out> {
  return expansionOf({
    name,
    spec: undefined,
    expand: (input: In) => {
      const builder = builderOf(input);
      const collection = builder.collectionOf(input);
      const { spec, outputs } = describe(collection, builder.path, builder);
      return give(builder.add(spec, inputsOf(collection), collection, outputs));
    },
  });
}
