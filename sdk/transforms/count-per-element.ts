import { count } from "../combine/count.ts";
import { ptransform, type KV, type PCollection, type PTransform } from "../pipeline.ts";
import { combinePerKey } from "./combine-per-key.ts";
import { keyByItself } from "./key-by.ts";

/**
 * Counts how often each element occurs.
 *
 * Shape: `PCollection<T>` → `PCollection<KV<T, number>>`, one element per different element, window and pane.
 *
 * @throws PipelineError `KEY_NOT_DETERMINISTIC` when the elements' coder may give equal elements different bytes.
 *
 * @example
 * ```ts
 * words.apply(countPerElement()); // "to", "be", "to" → ["to", 2], ["be", 1]
 * ```
 */
export const countPerElement = <T>(): PTransform<PCollection<T>, PCollection<KV<T, number>>> =>
  ptransform("CountPerElement", (elements: PCollection<T>) => elements.apply(keyByItself()).apply(combinePerKey(count())));
