import { primitive } from "../transform.ts";
import { pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * The key of each pair.
 *
 * Shape: `PCollection<KV<K, V>>` → `PCollection<K>`, one element for each, so that a key comes as often as it occurs; time and
 * windows stay.
 *
 * @throws PipelineError `NOT_A_PAIR` in the run, for an element that is none.
 */
export const keys = <K, V>(): PTransform<PCollection<KV<K, V>>, PCollection<K>> =>
  primitive("Keys", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "map", call: (element) => pairOf(element)[0] },
    output: { coder: pairCodersOf(coder).keyCoder },
  }));
