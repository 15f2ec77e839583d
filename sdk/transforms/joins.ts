import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { nullableCoder } from "../coders/nullable.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError } from "../errors.ts";
import type { Collection, ElementCall } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { groupedWindowing } from "../grouped-windowing.ts";
import { expansionOf, primitive } from "../transform.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { never } from "../trigger.ts";
import { mayFireEarly } from "../triggers/may-fire-early.ts";
import type { WindowingStrategy } from "../windowing.ts";
import { isGlobal } from "../windows/global.ts";
import { coGroupByKey } from "./co-group-by-key.ts";
import { pairsAsTheyCome } from "./pairs-as-they-come.ts";
import { valueCodersOf } from "./tagged.ts";
import { withWindowing } from "./with-windowing.ts";

/** When a join gives its pairs out. */
export interface JoinOptions {
  /**
   * `"atWindowClose"`: all pairs of a key and window when the window expires. `"asTheyCome"`: a pair as soon as both values are there,
   * with the later of their times; a value without a partner when the window expires, since only then none can come. Unless given
   * it is the latter where elements may come after the end of a window, or where the trigger fires before, and the former otherwise and
   * where windows merge.
   */
  readonly emit?: "atWindowClose" | "asTheyCome";
}

/**
 * Pairs each value of the left collection with each value of the right one that has its key and window.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R]>>`, one element for each matching pair and window, once, whatever
 * the trigger is. Keys that one side lacks are left out. All values of a key are kept until their window expires, and are in
 * memory when its pairs are made; see {@link JoinOptions} for when pairs are given out.
 *
 * @param right - the other collection, in windows of the same kind.
 * @throws PipelineError as {@link coGroupByKey}; `UNBOUNDED_GROUP` for an input without end in the global window, which would be kept for
 * ever; `STATE_IN_MERGING_WINDOW` for pairs that are to leave as they come where windows merge.
 *
 * @example
 * ```ts
 * orders.apply(innerJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]]
 * ```
 */
export const innerJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
  options?: JoinOptions,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R]>>> => join("InnerJoin", right, [], options);

/**
 * Like {@link innerJoin}; a value of the left collection whose key the right one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R | undefined]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 * @throws PipelineError as {@link innerJoin}.
 *
 * @example
 * ```ts
 * orders.apply(leftJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]], ["bob", [{ amount: 1 }, undefined]]
 * ```
 */
export const leftJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
  options?: JoinOptions,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R | undefined]>>> => join("LeftJoin", right, ["right"], options);

/**
 * Like {@link innerJoin}; a value of the right collection whose key the left one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L | undefined, R]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 * @throws PipelineError as {@link innerJoin}.
 *
 * @example
 * ```ts
 * orders.apply(rightJoin(users)); // ["ann", [{ amount: 3 }, { name: "Ann" }]], ["cem", [undefined, { name: "Cem" }]]
 * ```
 */
export const rightJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
  options?: JoinOptions,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L | undefined, R]>>> => join("RightJoin", right, ["left"], options);

/**
 * Like {@link innerJoin}; a value of either collection whose key the other one lacks is paired with `undefined`.
 *
 * Shape: `PCollection<KV<K, L>>` → `PCollection<KV<K, readonly [L, R] | readonly [L, undefined] | readonly [undefined, R]>>`.
 *
 * @param right - the other collection, in windows of the same kind.
 * @throws PipelineError as {@link innerJoin}.
 *
 * @example
 * ```ts
 * orders.apply(fullJoin(users)); // ["bob", [{ amount: 1 }, undefined]], ["cem", [undefined, { name: "Cem" }]]
 * ```
 */
export const fullJoin = <K, L, R>(
  right: PCollection<KV<K, R>>,
  options?: JoinOptions,
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, readonly [L, R] | readonly [L, undefined] | readonly [undefined, R]>>> =>
  join("FullJoin", right, ["left", "right"], options);

type Side = "left" | "right";
type BothSides = { readonly [S in Side]: Iterable<unknown> };

/** A side that is `optional` takes part with `undefined` where it has no values for a key. */
function join<K, L, Pair>(
  name: string,
  right: PCollection<KV<K, unknown>>,
  optional: readonly Side[],
  { emit }: JoinOptions = {},
): PTransform<PCollection<KV<K, L>>, PCollection<KV<K, Pair>>> {
  return expansionOf({
    name,
    spec: undefined,
    reads: [right],
    expand(left: PCollection<KV<K, L>>) {
      const builder = builderOf(left);
      for (const input of [left, right]) mustEnd(builder.collectionOf(input), builder.path);
      const { windowing } = builder.collectionOf(left);
      const [leftCoder, rightCoder] = valueCodersOf(builder, [left, right]) as [AnyCoder, AnyCoder];
      const pairCoder = kvCoder(maybe(leftCoder, optional.includes("left")), maybe(rightCoder, optional.includes("right")));
      const usual = isOnePaned(windowing) || windowing.windowFn.merge !== undefined ? "atWindowClose" : "asTheyCome";
      if ((emit ?? usual) === "asTheyCome") return pairsAsTheyCome<K, Pair>(left, right, optional, pairCoder);
      const sides = isOnePaned(windowing)
        ? { left, right }
        : { left: left.apply("Left", asOnePane()), right: right.apply("Right", asOnePane()) };
      // Two steps, so that all pairs of a key are never there at once.
      return coGroupByKey(sides)
        .apply(eachLeft(optional, kvCoder(pairCoder.keyCoder, iterableCoder(pairCoder.valueCoder))))
        .apply(eachRight<K, Pair>(pairCoder, windowing));
    },
  });
}

function mustEnd({ isBounded, windowing }: Collection, at: string): void {
  if (isBounded || !isGlobal(windowing) || windowing.allowUnsafeTriggers) return;
  throw new PipelineError("UNBOUNDED_GROUP", {
    what: "this join would keep all values for ever, because its window never ends",
    at,
    got: "an unbounded input in the global window",
    fix: "put both inputs into windows, by windowInto(fixedWindows(…)) before the join; for a table that changes there is tableJoin",
  });
}

const maybe = (coder: AnyCoder, isOptional: boolean): AnyCoder => (isOptional && coder !== structuralCoder ? nullableCoder(coder) : coder);

/** Whether a grouping in these windows gives all that a window has at once. */
const isOnePaned = ({ allowedLateness, trigger }: WindowingStrategy): boolean => allowedLateness === 0 && !mayFireEarly(trigger);

/** What no trigger has fired is the one pane that a window has when it expires. */
const asOnePane = <T>(): PTransform<PCollection<T>, PCollection<T>> => withWindowing({ trigger: never() });

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

/** @param windowing - that of the inputs, whatever trigger the grouping had. */
const eachRight = <K, Pair>(
  coder: AnyCoder,
  windowing: WindowingStrategy,
): PTransform<PCollection<KV<K, readonly [unknown, readonly unknown[]]>>, PCollection<KV<K, Pair>>> =>
  flatMapped(
    "EachRight",
    coder,
    ([key, [left, rights]]: KV<K, readonly [unknown, readonly unknown[]]>) => rights.map((right) => [key, [left, right]]),
    groupedWindowing(windowing),
  );

/** A flatMap whose outputs keep the coder of their keys. */
const flatMapped = <In, Out>(
  name: string,
  valueCoder: AnyCoder,
  call: (element: In) => Iterable<KV<unknown, unknown>>,
  windowing?: WindowingStrategy,
): PTransform<PCollection<In>, PCollection<Out>> =>
  primitive(name, ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "flatMap", call: call as ElementCall<Iterable<unknown>> },
    output: { coder: kvCoder(pairCodersOf(coder).keyCoder, valueCoder), windowing },
  }));
