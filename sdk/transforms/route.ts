import { mustBeTags } from "../check.ts";
import type { AnyCoder } from "../coders/coder.ts";
import type { ElementFn } from "../graph.ts";
import { primitiveWith } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/** How each element gets to one of several outputs; see the kind `route` of {@link ElementFn}. */
export interface Route extends Omit<Extract<ElementFn, { readonly kind: "route" }>, "kind"> {
  /** The coder of an output, by that of the input. */
  readonly coderOf: (input: AnyCoder, tag: string) => AnyCoder | undefined;
}

/** A step that sends each element to one of several outputs; `give` makes of these what the transform gives. */
export function route<T, Out>(
  name: string,
  { coderOf, ...way }: Route,
  give: (outputs: Readonly<Record<string, PCollection<never>>>) => Out,
): PTransform<PCollection<T>, Out> {
  mustBeTags(way.tags);
  return primitiveWith(
    name,
    ({ coder }) => ({
      spec: { kind: "parDo", fn: { kind: "route", ...way } },
      outputs: Object.fromEntries(way.tags.map((tag) => [tag, { coder: coderOf(coder, tag) }])),
    }),
    give,
  );
}
