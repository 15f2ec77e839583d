import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError } from "../errors.ts";
import { primitive } from "../transform.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";

/**
 * Pairs each element with the same key.
 *
 * Shape: `PCollection<V>` → `PCollection<KV<K, V>>`; time and windows stay.
 *
 * @param key - the key itself. For a function of the element there is {@link keyBy}.
 * @throws PipelineError `BAD_ARGUMENT` when the key is a function.
 *
 * @example
 * ```ts
 * p.apply(create(["a", "b"])).apply(withKeys(7)); // [7, "a"], [7, "b"]
 * ```
 */
export function withKeys<K, V>(key: K): PTransform<PCollection<V>, PCollection<KV<K, V>>> {
  if (typeof key === "function") {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "withKeys takes a key, and no key is a function",
      fix: "for a key of each element write keyBy(…)",
    });
  }
  return primitive("WithKeys", ({ coder }) => ({
    kind: "parDo",
    // The parameter says that the context is not looked at.
    fn: { kind: "keyBy", call: (_element) => key, constant: { key } },
    output: { coder: kvCoder(structuralCoder, coder) },
  }));
}
