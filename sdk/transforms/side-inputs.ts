import { PipelineError } from "../errors.ts";
import type { Collection, ViewForm } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { ViewHandle, type SideInput } from "../side-input.ts";
import { mayFireEarly } from "../triggers/may-fire-early.ts";
import { triggerText } from "../triggers/trigger-text.ts";
import { isGlobal } from "../windows/global.ts";
import { isOnePerPane } from "./combine-globally.ts";
import { groupByKey } from "./group-by-key.ts";
import { withKeys } from "./with-keys.ts";

/** What an empty collection is read as. */
export interface SingletonOptions<out T> {
  /** What is read where there is no element; without it that is an error of the read. */
  readonly default: T;
}

/**
 * A side input that is one element: for each window the only one, or the one that the last pane held.
 *
 * What a combine of a whole collection gives may be read so, pane by pane; of other collections a window has to have one element.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` for a collection without end in the global window whose trigger waits for its end.
 * In the run `SINGLETON_NOT_SINGLE` where there are several elements; `SINGLETON_EMPTY` where there is none and no default, when it is read.
 *
 * @example
 * ```ts
 * const limit = asSingleton(limits.apply(combineGlobally(max())), { default: 100 });
 * orders.apply(filter((order, ctx) => order.amount > ctx.sideInputs.limit, { sideInputs: { limit } }));
 * ```
 */
export const asSingleton = <T>(pc: PCollection<T>, options?: SingletonOptions<T>): SideInput<T> =>
  viewOf("AsSingleton", pc, { kind: "singleton", ...(options === undefined ? {} : { default: { value: options.default } }) });

/**
 * A side input of all elements, in any order.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` as for {@link asSingleton}.
 */
export const asIterable = <T>(pc: PCollection<T>): SideInput<Iterable<T>> => viewOf("AsIterable", pc, { kind: "iterable" });

/**
 * A side input of all elements as a list, in any order, which is the same for all who read it.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` as for {@link asSingleton}.
 */
export const asList = <T>(pc: PCollection<T>): SideInput<readonly T[]> => viewOf("AsList", pc, { kind: "list" });

/**
 * A side input of pairs as a map. Keys are equal when they would be equal as grouping keys.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` as for {@link asSingleton}. In the run `DUPLICATE_KEY` where two pairs of a window have
 * one key, `NOT_A_PAIR` for an element that is none, when it is read.
 *
 * @example
 * ```ts
 * orders.apply(map((order, ctx) => [ctx.sideInputs.names.get(order.user), order.amount], { sideInputs: { names: asMap(names) } }));
 * ```
 */
export const asMap = <K, V>(pc: PCollection<KV<K, V>>): SideInput<ReadonlyMap<K, V>> =>
  viewOf("AsMap", pc, { kind: "map", isLatest: false });

/**
 * A side input of pairs as a map of all values of each key. Keys are equal when they would be equal as grouping keys.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` as for {@link asSingleton}; `NOT_A_PAIR` for an element that is none, when it is read.
 */
export const asMultimap = <K, V>(pc: PCollection<KV<K, V>>): SideInput<ReadonlyMap<K, Iterable<V>>> =>
  viewOf("AsMultimap", pc, { kind: "multimap" });

/** A view: all elements of a pane in a list, as a grouping under one key gives them, or the one that a combine gave. */
function viewOf<T, V>(name: string, pc: PCollection<T>, form: ViewForm): SideInput<V> {
  const view: PTransform<PCollection<T>, SideInput<V>> = expansionOf({
    name,
    spec: undefined,
    expand(input: PCollection<T>) {
      const builder = builderOf(input);
      const of = builder.collectionOf(input);
      if (form.kind === "singleton" && isOnePerPane(of)) return kept(input, of, form);
      mustBecomeReady(of, builder.path);
      return kept(input.apply(withKeys(undefined)).apply(groupByKey()), of, form);
    },
  });
  return builderOf(pc).apply(pc, view);
}

/** @param input - what the view is made from. */
function kept<V>(input: PCollection<unknown>, of: Collection, form: ViewForm): SideInput<V> {
  const keep: PTransform<PCollection<unknown>, SideInput<V>> = expansionOf({
    name: "View",
    spec: undefined,
    expand() {
      const builder = builderOf(input);
      const collection = builder.collectionOf(input);
      builder.add({ kind: "view", of: of.id, form }, [collection.id], collection, {});
      return new ViewHandle(builder, builder.node, of) as unknown as SideInput<V>;
    },
  });
  return input.apply(keep);
}

function mustBecomeReady({ isBounded, windowing, name }: Collection, at: string): void {
  if (isBounded || !isGlobal(windowing) || mayFireEarly(windowing.trigger)) return;
  throw new PipelineError("SIDE_INPUT_NEVER_READY", {
    what: "a side input would never be ready: its collection has no end, and neither has its window",
    at,
    got: `the collection ${name}, which is not bounded, in the global window with the trigger ${triggerText(windowing.trigger)}`,
    fix: "put windowInto(fixedWindows(…)) before it, or set a trigger that fires earlier, such as repeatedly(afterProcessingTime(minutes(1)))",
  });
}
