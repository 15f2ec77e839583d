import { kvCoder } from "../coders/kv.ts";
import { primitive } from "../transform.ts";
import { asKeyCoder, pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * Each pair with its parts exchanged.
 *
 * Shape: `PCollection<KV<K, V>>` → `PCollection<KV<V, K>>`, one element for each; time and windows stay.
 *
 * @throws PipelineError `NOT_A_PAIR` in the run, for an element that is none.
 */
export const swapKv = <K, V>(): PTransform<PCollection<KV<K, V>>, PCollection<KV<V, K>>> =>
  primitive("SwapKv", ({ coder }) => {
    const { keyCoder, valueCoder } = pairCodersOf(coder);
    return { kind: "parDo", fn: { kind: "map", call: swapped }, output: { coder: kvCoder(asKeyCoder(valueCoder), keyCoder) } };
  });

function swapped(element: unknown): KV<unknown, unknown> {
  const [key, value] = pairOf(element);
  return [value, key];
}
