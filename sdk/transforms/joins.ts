import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { nullableCoder } from "../coders/nullable.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { ElementCall } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf, primitive } from "../transform.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { coGroupByKey } from "./co-group-by-key.ts";

/**
 * Pairs each value of the left collection with each value of the right one that has its key.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R]>>`, one element per matching pair, window and pane; its time is
 * the end of its window. Keys that one side lacks are left out. All values of a key are held in memory while they are paired.
 *
 * @param right - the other collection, in windows of the same kind.
 * @throws PipelineError as {@link coGroupByKey}.
 *
 * @example
 * ```ts
 * orders.apply(innerJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]]
 * ```
 */
export const innerJoin = <K, L, R>(right: PCollection<KV<K, R>>): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R]>>> =>
  join("InnerJoin", right, []);

/**
 * Like {@link innerJoin}; a value of the left collection whose key the right one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R | undefined]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 *
 * @example
 * ```ts
 * orders.apply(leftJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]], ["bob", [{ amount: 1 }, undefined]]
 * ```
 */
export const leftJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R | undefined]>>> => join("LeftJoin", right, ["right"]);

/**
 * Like {@link innerJoin}; a value of the right collection whose key the left one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L | undefined, R]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 *
 * @example
 * ```ts
 * orders.apply(rightJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]], ["cem", [undefined, { name: "Cem" }]]
 * ```
 */
export const rightJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L | undefined, R]>>> => join("RightJoin", right, ["left"]);

/**
 * Like {@link innerJoin}; a value of either collection whose key the other one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R] | readonly [L, undefined] | readonly [undefined, R]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 *
 * @example
 * ```ts
 * orders.apply(fullJoin(users)); // ["bob", [{ amount: 1 }, undefined]], ["cem", [undefined, { name: "Cem" }]]
 * ```
 */
export const fullJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R] | readonly [L, undefined] | readonly [undefined, R]>>> =>
  join("FullJoin", right, ["left", "right"]);

type Side = "left" | "right";
type BothSides = { readonly [S in Side]: Iterable<unknown> };

/** A side that is `optional` takes part with `undefined` where it has no values for a key. */
function join<K, L, Pair>(
  name: string,
  right: PCollection<KV<K, unknown>>,
  optional: readonly Side[],
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, Pair>>> {
  return expansionOf({
    name,
    spec: undefined,
    reads: [right],
    expand(left: PCollection<KV<K, L>>) {
      const builder = builderOf(left);
      const coderOf = (side: Side, input: unknown): AnyCoder => {
        const { valueCoder } = pairCodersOf(builder.collectionOf(input).coder);
        return optional.includes(side) && valueCoder !== structuralCoder ? nullableCoder(valueCoder) : valueCoder;
      };
      const [leftCoder, rightCoder] = [coderOf("left", left), coderOf("right", right)];
      // Two steps, so that all pairs of a key are never there at once.
      return coGroupByKey({ left, right })
        .apply(eachLeft(optional, kvCoder(leftCoder, iterableCoder(rightCoder))))
        .apply(eachRight<K, Pair>(kvCoder(leftCoder, rightCoder)));
    },
  });
}

/** Each value of the left side with all those of the right one. */
const eachLeft = <K>(
  optional: readonly Side[],
  coder: AnyCoder,
): PTransform<PCollection<KV<K, BothSides>>, PCollection<KV<K, readonly [unknown, readonly unknown[]]>>> => {
  const valuesOf = (side: Side, { [side]: found }: BothSides): readonly unknown[] => {
    const values = [...found];
    return values.length === 0 && optional.includes(side) ? [undefined] : values;
  };
  return flatMapped("EachLeft", coder, ([key, sides]: KV<K, BothSides>) => {
    const rights = valuesOf("right", sides);
    return rights.length === 0 ? [] : valuesOf("left", sides).map((left) => [key, [left, rights]]);
  });
};

const eachRight = <K, Pair>(
  coder: AnyCoder,
): PTransform<PCollection<KV<K, readonly [unknown, readonly unknown[]]>>, PCollection<KV<K, Pair>>> =>
  flatMapped("EachRight", coder, ([key, [left, rights]]: KV<K, readonly [unknown, readonly unknown[]]>) =>
    rights.map((right) => [key, [left, right]]),
  );

/** A flatMap whose outputs keep the coder of their keys. */
const flatMapped = <In, Out>(
  name: string,
  valueCoder: AnyCoder,
  call: (element: In) => Iterable<KV<unknown, unknown>>,
): PTransform<PCollection<In>, PCollection<Out>> =>
  primitive(name, ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "flatMap", call: call as ElementCall<Iterable<unknown>> },
    output: { coder: kvCoder(pairCodersOf(coder).keyCoder, valueCoder) },
  }));
