import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import { withoutContext } from "../graph.ts";
import { primitive } from "../transform.ts";
import { asKeyCoder } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * Pairs each element with a key of its own.
 *
 * Shape: `PCollection<V>` → `PCollection<KV<K, V>>`; time and windows stay.
 *
 * @example
 * ```ts
 * orders.apply(keyBy((order) => order.user)); // { user: "ann", amount: 3 } → ["ann", { user: "ann", amount: 3 }]
 * ```
 */
export function keyBy<K, V>(f: (element: V) => K): PTransform<PCollection<V>, PCollection<KV<K, V>>> {
  return primitive("KeyBy", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "keyBy", call: withoutContext(f) },
    output: { coder: kvCoder(structuralCoder, coder) },
  }));
}

/** Pairs each element with itself, so that the key has the coder of the element. */
export function keyByItself<T>(): PTransform<PCollection<T>, PCollection<KV<T, T>>> {
  return primitive("KeyBy", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "keyBy", call: (element) => element },
    output: { coder: kvCoder(asKeyCoder(coder), coder) },
  }));
}
