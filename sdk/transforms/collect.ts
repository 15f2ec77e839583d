import type { NodeId } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

declare const collectedType: unique symbol;

/** A handle for the elements that a run collected; see `PipelineResult.collected`. */
export interface Collected<out T> {
  /** Never there at run time: it keeps handles for different elements apart for the compiler. */
  readonly [collectedType]: () => T;
}

/**
 * Hands the elements to whoever runs the pipeline, in any order.
 *
 * Shape: `PCollection<T>` → {@link Collected}, a handle that `result.collected(…)` takes.
 *
 * @example
 * ```ts
 * let lengths!: Collected<number>;
 * const result = await directRunner().run((p) => {
 *   lengths = p.apply(create(["a", "bc"])).apply(map((w) => w.length)).apply(collect());
 * });
 * result.collected(lengths); // [1, 2]
 * ```
 */
export const collect = <T>(): PTransform<PCollection<T>, Collected<T>> =>
  expansionOf({
    name: "Collect",
    spec: undefined,
    expand: (input: PCollection<T>) => {
      const builder = builderOf(input);
      const collection = builder.collectionOf(input);
      builder.add({ kind: "collect" }, [collection.id], collection, {});
      return new CollectedFrom(builder.node) as unknown as Collected<T>;
    },
  });

/** What a handle is at run time: the node of its step, which is the same in every build of the graph. */
export class CollectedFrom {
  readonly node: NodeId;

  constructor(node: NodeId) {
    this.node = node;
  }
}
