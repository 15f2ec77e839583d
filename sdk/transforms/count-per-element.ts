import { count } from "../combine/count.ts";
import { ptransform, type KV, type PCollection, type PTransform } from "../pipeline.ts";
import { combinePerKey } from "./combine-per-key.ts";
import { keyBy } from "./key-by.ts";

/**
 * Counts how often each element occurs.
 *
 * Shape: `PCollection<T>` → `PCollection<KV<T, number>>`, one element per different element, window and pane.
 */
export const countPerElement = <T>(): PTransform<PCollection<T>, PCollection<KV<T, number>>> =>
  ptransform("CountPerElement", (elements: PCollection<T>) => elements.apply(keyBy((element) => element)).apply(combinePerKey(count())));
