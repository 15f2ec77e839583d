import type { CombineFn } from "../combine/combine-fn.ts";
import { PipelineError, shortText } from "../errors.ts";
import { expansionOf } from "../graph-builder.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { groupByKey } from "./group-by-key.ts";
import { map } from "./map.ts";

/**
 * Combines the values of each key, window and pane into one output.
 *
 * Shape: `PCollection<KV<K, In>>` → `PCollection<KV<K, Out>>`, one element per key, window and pane; its time is the end of its window.
 *
 * @param combine - see {@link CombineFn} for the laws it keeps.
 */
export function combinePerKey<K, In, Acc, Out, Empty = Out>(
  combine: CombineFn<In, Acc, Out, Empty>,
): PTransform<PCollection<KV<K, In>>, PCollection<KV<K, Out>>> {
  if (typeof combine !== "object" || combine === null || typeof combine.create !== "function") {
    throw new PipelineError("NOT_A_COMBINE_FN", {
      what: "combinePerKey takes a CombineFn",
      got: shortText(combine),
      fix:
        typeof combine === "function"
          ? "call it: combinePerKey(count()), not combinePerKey(count)"
          : "pass count(), sum(…) or a CombineFn of your own",
    });
  }
  return expansionOf({
    name: `CombinePerKey(${combine.name})`,
    // The step keeps its identity, so that the engine may fold on arrival and before a shuffle.
    // What it expands to is what it means.
    spec: { kind: "combine", fn: combine },
    expand: (input: PCollection<KV<K, In>>) =>
      input.apply(groupByKey()).apply(
        "Fold",
        map(([key, values]): KV<K, Out> => [key, fold(combine, values)]),
      ),
  });
}

function fold<In, Acc, Out, Empty>({ create, add, extract }: CombineFn<In, Acc, Out, Empty>, values: Iterable<In>): Out {
  let accumulator = create();
  for (const value of values) accumulator = add(accumulator, value);
  return extract(accumulator);
}
