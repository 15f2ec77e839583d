import { mustBeDuration } from "../check.ts";
import { identityOf } from "../coders/canonical-key.ts";
import { latestOfEach } from "../combine/latest-of-each.ts";
import { PipelineError } from "../errors.ts";
import type { Collection, ViewForm } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { pairOf } from "../pair.ts";
import { ViewHandle, type SideInput } from "../side-input.ts";
import type { Duration } from "../time.ts";
import { afterProcessingTime, repeatedly } from "../trigger.ts";
import { mayFireEarly } from "../triggers/may-fire-early.ts";
import { triggerText } from "../triggers/trigger-text.ts";
import { isGlobal } from "../windows/global.ts";
import { isOnePerPane } from "./combine-globally.ts";
import { combinePerKey } from "./combine-per-key.ts";
import { groupByKey } from "./group-by-key.ts";
import { withKeys } from "./with-keys.ts";
import { withWindowing } from "./with-windowing.ts";

/** When a side input is made anew. */
export interface RefreshOptions {
  /**
   * For collections without end: every so many ms of processing time the side input becomes what has come until then, in each window,
   * whatever the trigger of its collection is. Without it that trigger says when.
   */
  readonly refreshEvery?: Duration;
}

/** What a side input of one element is. */
export interface SingletonOptions<out T> extends RefreshOptions {
  /** What is read where there is no element; without it that is an error of the read. */
  readonly default?: T;
}

/**
 * A side input that is one element: for each window the only one, or the one that the last pane held.
 *
 * What a combine of a whole collection gives may be read so, pane by pane; of other collections a window has to have one element.
 * One that is refreshed is the latest element by event time, and of several with one time the one that came last.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` for a collection without end in the global window whose trigger waits for its end;
 * `BAD_ARGUMENT` when `refreshEvery` is no duration. In the run `SINGLETON_NOT_SINGLE` where there are several elements;
 * `SINGLETON_EMPTY` where there is none and no default, when it is read.
 *
 * @example
 * ```ts
 * const limit = asSingleton(limits.apply(combineGlobally(max())), { default: 100 });
 * orders.apply(filter((order, ctx) => order.amount > ctx.sideInputs.limit, { sideInputs: { limit } }));
 * ```
 */
export const asSingleton = <T>(pc: PCollection<T>, options: SingletonOptions<T> = {}): SideInput<T> =>
  viewOf("AsSingleton", pc, {
    ...options,
    form: { kind: "singleton", ...("default" in options ? { default: { value: options.default } } : {}) },
    identityOf: () => undefined,
  });

/**
 * A side input of all elements, in any order.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` and `BAD_ARGUMENT` as for {@link asSingleton}.
 */
export const asIterable = <T>(pc: PCollection<T>, options: RefreshOptions = {}): SideInput<Iterable<T>> =>
  viewOf("AsIterable", pc, { ...options, form: { kind: "iterable" } });

/**
 * A side input of all elements as a list, in any order, which is the same for all who read it.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` and `BAD_ARGUMENT` as for {@link asSingleton}.
 */
export const asList = <T>(pc: PCollection<T>, options: RefreshOptions = {}): SideInput<readonly T[]> =>
  viewOf("AsList", pc, { ...options, form: { kind: "list" } });

/**
 * A side input of pairs as a map. Keys are equal when they would be equal as grouping keys.
 *
 * One that is refreshed has for each key the latest value by event time, and of several with one time the one that came last. The
 * values before it are not kept.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` and `BAD_ARGUMENT` as for {@link asSingleton}. In the run `DUPLICATE_KEY` where two
 * pairs of a window have one key, unless it is refreshed; `NOT_A_PAIR` for an element that is none.
 *
 * @example
 * ```ts
 * const prices = asMap(changes, { refreshEvery: minutes(5) }); // changes: a stream of [product, price]
 * orders.apply(map((order, ctx) => order.count * (ctx.sideInputs.prices.get(order.product) ?? 0), { sideInputs: { prices } }));
 * ```
 */
export const asMap = <K, V>(pc: PCollection<KV<K, V>>, options: RefreshOptions = {}): SideInput<ReadonlyMap<K, V>> =>
  viewOf("AsMap", pc, { ...options, form: { kind: "map" }, identityOf: (pair) => identityOf(pairOf(pair)[0]) });

/**
 * A side input of pairs as a map of all values of each key. Keys are equal when they would be equal as grouping keys.
 *
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` and `BAD_ARGUMENT` as for {@link asSingleton}; `NOT_A_PAIR` for an element that is none,
 * when it is read.
 */
export const asMultimap = <K, V>(pc: PCollection<KV<K, V>>, options: RefreshOptions = {}): SideInput<ReadonlyMap<K, Iterable<V>>> =>
  viewOf("AsMultimap", pc, { ...options, form: { kind: "multimap" } });

/** What a collection is read as. */
interface ViewSpec extends RefreshOptions {
  readonly form: ViewForm;
  /** Where only the last of some elements is to be kept when it is refreshed: what those have in common. */
  readonly identityOf?: (element: unknown) => unknown;
}

/** A view: all elements of a pane in a list, as a grouping under one key gives them, or the one that a combine gave. */
function viewOf<T, V>(name: string, pc: PCollection<T>, { form, refreshEvery, identityOf: identity }: ViewSpec): SideInput<V> {
  const view: PTransform<PCollection<T>, SideInput<V>> = expansionOf({
    name,
    spec: undefined,
    expand(input: PCollection<T>) {
      const builder = builderOf(input);
      if (refreshEvery !== undefined) return refreshed(input, refreshEvery, form, identity);
      const of = builder.collectionOf(input);
      if (form.kind === "singleton" && isOnePerPane(of)) return kept(input, of, form);
      mustBecomeReady(of, builder.path);
      return kept(input.apply(withKeys(undefined)).apply(groupByKey()), of, form);
    },
  });
  return builderOf(pc).apply(pc, view);
}

/** A view that every so often is made anew, from all elements or from the last ones. */
function refreshed<V>(input: PCollection<unknown>, every: Duration, form: ViewForm, identity: ViewSpec["identityOf"]): SideInput<V> {
  mustBeDuration("how often a side input is refreshed", every, 1);
  const all = input.apply(withWindowing({ trigger: repeatedly(afterProcessingTime(every)), accumulation: "accumulating" }));
  const pairs = all.apply(withKeys(undefined));
  const lists = identity === undefined ? pairs.apply(groupByKey()) : pairs.apply(combinePerKey(latestOfEach(identity)));
  return kept(lists, builderOf(all).collectionOf(all), form);
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
    fix: "put windowInto(fixedWindows(…)) before it, or say { refreshEvery: minutes(1) }",
  });
}
