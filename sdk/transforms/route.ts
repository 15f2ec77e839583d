import { mustBeTags } from "../check.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { usesContext, type ElementCall, type ElementFn } from "../graph.ts";
import { primitiveWith } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { viewsRead, type SideInputs } from "../side-input.ts";

/** How each element gets to one of several outputs; see the kind `route` of {@link ElementFn}. */
export interface Route extends Omit<Extract<ElementFn, { readonly kind: "route" }>, "kind"> {
  /** The coder of an output, by that of the input. */
  readonly coderOf: (input: AnyCoder, tag: string) => AnyCoder | undefined;
  readonly sideInputs?: SideInputs<unknown> | undefined;
}

/** What finds the output for what the user's function gives; it declares its context where that function does. */
export const routing = (f: ElementCall<unknown>, indexOf: (given: unknown, element: unknown) => number): ElementCall<number> =>
  usesContext(f) ? (element, ctx) => indexOf(f(element, ctx), element) : (element) => indexOf(f(element), element);

/** A step that sends each element to one of several outputs; `give` makes of these what the transform gives. */
export function route<T, Out>(
  name: string,
  { coderOf, sideInputs, ...way }: Route,
  give: (outputs: Readonly<Record<string, PCollection<never>>>) => Out,
): PTransform<PCollection<T>, Out> {
  mustBeTags(way.tags);
  return primitiveWith(
    name,
    (input, _, builder) => ({
      spec: { kind: "parDo", fn: { kind: "route", ...way }, sideInputs: viewsRead(builder, input, sideInputs) },
      outputs: Object.fromEntries(way.tags.map((tag) => [tag, { coder: coderOf(input.coder, tag) }])),
    }),
    give,
  );
}
