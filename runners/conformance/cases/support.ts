import type { KV, PCollection, Pipeline, PTransform } from "../../../sdk/pipeline.ts";
import { ptransform } from "../../../sdk/pipeline.ts";
import type { Instant } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { map } from "../../../sdk/transforms/map.ts";

/** A value with its event time, for {@link createAt}. */
export interface At<out T> {
  readonly value: T;
  readonly timestamp: Instant;
}

/** `v@t` of the catalogue. */
export const at = <T>(timestamp: Instant, value: T): At<T> => ({ value, timestamp });

/** A collection of values with their event times. */
export const createAt = <T>(values: readonly At<T>[]): PTransform<Pipeline, PCollection<T>> =>
  ptransform("CreateAt", (p: Pipeline) =>
    p.apply(create(values, { timestampOf: ({ timestamp }) => timestamp })).apply(flatMap(({ value }) => [value])),
  );

/** Groups with their values in order, so that they can be compared. */
export const sortedGroups = <K, V>(): PTransform<PCollection<KV<K, Iterable<V>>>, PCollection<KV<K, readonly V[]>>> =>
  ptransform("SortedGroups", (groups: PCollection<KV<K, Iterable<V>>>) =>
    groups.apply(map(([key, values]): KV<K, readonly V[]> => [key, [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))])),
  );
