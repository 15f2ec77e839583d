import type { AnyCoder, Coder } from "../coders/coder.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { AnyCombineFn, CombineFn } from "../combine/combine-fn.ts";
import { combineFnOf } from "../combine/composite.ts";
import type { BagCell, CombiningCell, MapCell, MultimapCell, OrderedListCell, SetCell, ValueCell } from "./cells.ts";

declare const cellType: unique symbol;

/** A state that a DoFn declares. The DoFn's callbacks find its cell, of type `C`, under the name that it was declared under. */
export interface StateSpec<out C> {
  /** Never there at run time. */
  readonly [cellType]: C;
}

/** What a {@link StateSpec} is at run time. */
export type StateDeclaration =
  | { readonly kind: "value" | "bag" | "set" | "orderedList"; readonly coder: AnyCoder }
  | { readonly kind: "map" | "multimap"; readonly keyCoder: AnyCoder; readonly coder: AnyCoder }
  | { readonly kind: "combining"; readonly fn: AnyCombineFn; readonly coder: AnyCoder };

/** The kinds of state there are. */
export const stateKinds: ReadonlySet<unknown> = new Set(["value", "bag", "set", "orderedList", "map", "multimap", "combining"]);

/** The coders of a map's keys and values; the structural coder unless given. */
export interface MapCoders<in out K, in out V> {
  readonly key?: Coder<K>;
  readonly value?: Coder<V>;
}

const declared = <C>(declaration: StateDeclaration): StateSpec<C> => Object.freeze(declaration) as unknown as StateSpec<C>;

const ofElements = <C>(kind: "value" | "bag" | "set" | "orderedList", coder: unknown): StateSpec<C> =>
  declared({ kind, coder: (coder as AnyCoder | undefined) ?? structuralCoder });

const ofEntries = <C>(kind: "map" | "multimap", { key, value }: { readonly key?: unknown; readonly value?: unknown }): StateSpec<C> =>
  declared({
    kind,
    keyCoder: (key as AnyCoder | undefined) ?? structuralCoder,
    coder: (value as AnyCoder | undefined) ?? structuralCoder,
  });

/** Declares one value per key and window. */
export const valueState = <T>(coder?: Coder<T>): StateSpec<ValueCell<T>> => ofElements("value", coder);

/** Declares a bag of values per key and window. */
export const bagState = <T>(coder?: Coder<T>): StateSpec<BagCell<T>> => ofElements("bag", coder);

/** Declares a set of values per key and window. Values are equal when they would be equal as grouping keys. */
export const setState = <T>(coder?: Coder<T>): StateSpec<SetCell<T>> => ofElements("set", coder);

/** Declares a map per key and window. Its keys are equal when they would be equal as grouping keys. */
export const mapState = <K, V>(coders: MapCoders<K, V> = {}): StateSpec<MapCell<K, V>> => ofEntries("map", coders);

/** Declares a map of lists per key and window. Its keys are equal when they would be equal as grouping keys. */
export const multimapState = <K, V>(coders: MapCoders<K, V> = {}): StateSpec<MultimapCell<K, V>> => ofEntries("multimap", coders);

/** Declares a list in the order of time per key and window. */
export const orderedListState = <T>(coder?: Coder<T>): StateSpec<OrderedListCell<T>> => ofElements("orderedList", coder);

/**
 * Declares what a combiner makes of values, per key and window: only its accumulator is kept.
 *
 * @throws PipelineError `NOT_A_COMBINE_FN` for something else.
 */
export function combiningState<In, Acc, Out, Empty = Out>(fn: CombineFn<In, Acc, Out, Empty>): StateSpec<CombiningCell<In, Out | Empty>> {
  const checked = combineFnOf("combiningState", fn as AnyCombineFn);
  return declared({ kind: "combining", fn: checked, coder: (checked.accumulatorCoder as AnyCoder | undefined) ?? structuralCoder });
}
