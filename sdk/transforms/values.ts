import { primitive } from "../transform.ts";
import { pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * The value of each pair.
 *
 * Shape: `PCollection<KV<K, V>>` → `PCollection<V>`, one element for each; time and windows stay.
 *
 * @throws PipelineError `NOT_A_PAIR` in the run, for an element that is none.
 */
export const values = <K, V>(): PTransform<PCollection<KV<K, V>>, PCollection<V>> =>
  primitive("Values", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "map", call: (element) => pairOf(element)[1] },
    output: { coder: pairCodersOf(coder).valueCoder },
  }));
