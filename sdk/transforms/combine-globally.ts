import { mustBeWhole } from "../check.ts";
import type { Combine, OrEmptyOf, OutOf } from "../combine/combine.ts";
import { combineFnOf, type AnyCombine } from "../combine/composite.ts";
import { PipelineError } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { SideInputs } from "../side-input.ts";
import { isGlobal } from "../windows/global.ts";
import { combining } from "./combining.ts";
import { values } from "./values.ts";
import { withKeys } from "./with-keys.ts";

/** How {@link combineGlobally} works. */
export interface GloballyOptions<D, SI = {}> {
  /** Whether an input without elements gives one output all the same, in the global window; `true` unless given. */
  readonly defaults?: D;
  /** Over how many partial results the elements are spread before they are combined for good; 0 and 1 mean not at all. Windows that merge are not spread. */
  readonly fanout?: number;
  /** Other collections that the combiner reads, as for {@link combinePerKey}. What is given for no elements waits for them too. */
  readonly sideInputs?: SideInputs<SI>;
}

/**
 * Combines all elements of each window and pane into one output.
 *
 * Shape: `PCollection<In>` → `PCollection<Out>`, one element per window and pane. An input without elements gives one element
 * all the same, in the global window: what the combiner gives for nothing, such as 0 for `sum()` and `undefined` for `max()`.
 * In other windows nobody knows which of them are without elements, so there `{ defaults: false }` has to be said.
 *
 * @param combine - one {@link CombineFn}, which says what laws it keeps, or an object of them.
 * @throws PipelineError `NOT_A_COMBINE_FN` when it is neither; `DEFAULTS_NEED_GLOBAL_WINDOW` when the input is in other windows
 * and `defaults` are not turned off; `BAD_ARGUMENT` when the fan-out is no whole number; `BAD_SIDE_INPUT` as for {@link map}.
 *
 * @example
 * ```ts
 * p.apply(create([3, 1, 2])).apply(combineGlobally({ most: max(), n: count() })); // { most: 3, n: 3 }
 * ```
 */
export function combineGlobally<In, Out, Empty = Out, C = never, SI = {}, const D extends boolean = true>(
  combine: Combine<In, Out, Empty, NoInfer<SI>, C>,
  { defaults, fanout = 1, sideInputs }: GloballyOptions<D, SI> = {},
): PTransform<PCollection<In>, PCollection<[D] extends [false] ? OutOf<C, Out> : OrEmptyOf<C, Out, Empty>>> {
  mustBeWhole("the fan-out of combineGlobally", fanout, 0);
  const fn = combineFnOf("combineGlobally", combine as AnyCombine);
  const emitsDefault = defaults !== false;
  const transform = expansionOf({
    name: `CombineGlobally(${fn.name})`,
    spec: undefined,
    expand(input: PCollection<unknown>) {
      const builder = builderOf(input);
      if (emitsDefault && !isGlobal(builder.collectionOf(input).windowing)) throw defaultsNeedGlobalWindow(builder.path);
      const combined = input.apply(withKeys(undefined)).apply(combining(fn, { fanout, emitsDefault, sideInputs })).apply(values());
      onePerPane.add(builder.collectionOf(combined));
      return combined;
    },
  });
  return transform as unknown as ReturnType<typeof combineGlobally<In, Out, Empty, C, SI, D>>;
}

/** The collections that hold one element for each window and pane. */
const onePerPane = new WeakSet<Collection>();

/** Whether each pane of a collection has one element, which stands for all of its window. */
export const isOnePerPane = (collection: Collection): boolean => onePerPane.has(collection);

const defaultsNeedGlobalWindow = (at: string): PipelineError =>
  new PipelineError("DEFAULTS_NEED_GLOBAL_WINDOW", {
    what: "combineGlobally gives an output for no elements in the global window only, and this input is in others",
    at,
    fix: "write combineGlobally(…, { defaults: false }); windows without elements then give nothing",
  });
