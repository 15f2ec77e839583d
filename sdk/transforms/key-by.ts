import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import { primitive } from "../graph-builder.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * Pairs each element with a key of its own.
 *
 * Shape: `PCollection<V>` → `PCollection<KV<K, V>>`; time and windows stay.
 */
export function keyBy<K, V>(f: (element: V) => K): PTransform<PCollection<V>, PCollection<KV<K, V>>> {
  return primitive("KeyBy", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "keyBy", call: f as (element: unknown) => unknown },
    output: { coder: kvCoder(structuralCoder, coder) },
  }));
}
