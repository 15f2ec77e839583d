import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { AnyCombineFn } from "../combine/combine-fn.ts";
import type { ElementContext } from "../contexts.ts";
import { builderOf, expansionOf, primitive, type CollectionSpec } from "../graph-builder.ts";
import type { Collection } from "../graph.ts";
import { asKeyCoder, pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { Instant } from "../time.ts";
import type { Accumulation, WindowingStrategy } from "../windowing.ts";
import { groupByKey } from "./group-by-key.ts";

type Pairs = PCollection<KV<unknown, unknown>>;

/** How the values of a key are combined. */
export interface Combining {
  /** Over how many partial results the values of a key are spread first; not at all unless more than 1. */
  readonly fanout?: number | ((key: unknown) => number) | undefined;
  /** See `CompositeSpec.emitsDefault`. */
  readonly emitsDefault?: boolean;
}

/** Combines the values of each key, window and pane, in one step that an engine knows, or in two where they are spread. */
export function combining(fn: AnyCombineFn, { fanout = 1, emitsDefault = false }: Combining): PTransform<Pairs, Pairs> {
  const name = `CombinePerKey(${fn.name})`;
  const isSpread = typeof fanout === "function" || fanout > 1;
  if (fn.addAt === undefined && !isSpread) return combined(name, fn, { emitsDefault });
  return expansionOf({
    name,
    spec: undefined,
    expand(input: Pairs) {
      const [inputs, untimed] = fn.addAt === undefined ? [input, fn] : [input.apply(withTimes()), ofTimed(fn, fn.addAt)];
      if (!isSpread) return inputs.apply(combined("Combine", untimed, { emitsDefault }));
      const outputCoder = untimed.accumulatorCoder;
      return inputs
        .apply(spread(fanout))
        .apply(combined("CombineShards", partsOf(untimed), { outputCoder }))
        .apply(gathered(builderOf(input).collectionOf(input)))
        .apply(combined("Combine", ofParts(untimed), { emitsDefault }));
    },
  });
}

/**
 * The step keeps its identity, so that the engine may fold on arrival and before a shuffle. What it expands to is what it
 * means, but for the default.
 */
function combined(
  name: string,
  fn: AnyCombineFn,
  { emitsDefault = false, outputCoder = structuralCoder }: { readonly emitsDefault?: boolean; readonly outputCoder?: AnyCoder | undefined },
): PTransform<Pairs, Pairs> {
  return expansionOf({
    name,
    spec: emitsDefault ? { kind: "combine", fn, emitsDefault } : { kind: "combine", fn },
    expand: (input: Pairs) =>
      input.apply(groupByKey()).apply(
        ofPairs("Fold", ({ coder }) => ({
          call: ([key, values]) => [key, fold(fn, values as Iterable<unknown>)],
          coder: kvCoder(pairCodersOf(coder).keyCoder, outputCoder),
        })),
      ),
  });
}

function fold(fn: AnyCombineFn, values: Iterable<unknown>): unknown {
  let accumulator: unknown = fn.create();
  for (const value of values) accumulator = fn.add(accumulator, value);
  return fn.extract(accumulator);
}

/** Each value with its time, for combiners that need to know it. */
const withTimes = (): PTransform<Pairs, Pairs> =>
  primitive("WithTimes", ({ coder }) => {
    const { keyCoder, valueCoder } = pairCodersOf(coder);
    const call = (element: unknown, ctx?: ElementContext): unknown => {
      const [key, value] = pairOf(element);
      return [key, [value, ctx!.timestamp]];
    };
    return { kind: "parDo", fn: { kind: "map", call }, output: { coder: kvCoder(keyCoder, kvCoder(valueCoder, numberCoder)) } };
  });

/** The combiner of values that come with their times. */
const ofTimed = (fn: AnyCombineFn, addAt: NonNullable<AnyCombineFn["addAt"]>): AnyCombineFn => ({
  ...partsOf(fn),
  add: (accumulator, [value, time]: readonly [unknown, Instant]): unknown => addAt(accumulator, value, time),
  extract: (accumulator): unknown => fn.extract(accumulator),
  ...(fn.empty === undefined ? {} : { empty: fn.empty }),
});

/** The combiner that gives the accumulator itself. Written out, because a combiner may be an object of a class. */
const partsOf = (fn: AnyCombineFn): AnyCombineFn => ({
  name: fn.name,
  create: (): unknown => fn.create(),
  add: (accumulator, input): unknown => fn.add(accumulator, input),
  merge: (a, b): unknown => fn.merge(a, b),
  extract: (accumulator): unknown => accumulator,
  ...(fn.accumulatorCoder === undefined ? {} : { accumulatorCoder: fn.accumulatorCoder }),
});

/** The combiner of such accumulators. */
const ofParts = (fn: AnyCombineFn): AnyCombineFn => ({
  ...partsOf(fn),
  add: (accumulator, part): unknown => fn.merge(accumulator, part),
  extract: (accumulator): unknown => fn.extract(accumulator),
  ...(fn.empty === undefined ? {} : { empty: fn.empty }),
});

/**
 * Spreads the values of a key over shards in turn. What a shard gives is a part of the whole that is combined again, so its
 * panes may not repeat what earlier ones held, whatever the panes of the whole do.
 */
const spread = (fanout: number | ((key: unknown) => number)): PTransform<Pairs, Pairs> =>
  ofPairs("Spread", ({ coder, windowing }) => {
    const { keyCoder, valueCoder } = pairCodersOf(coder);
    const shardsOf = typeof fanout === "function" ? fanout : () => fanout;
    // A field, as a number in a captured variable would be slower. Which shard takes which value makes no difference.
    const turn = { next: 0 };
    return {
      call([key, value]) {
        const shards = shardsOf(key);
        turn.next = (turn.next + 1) & 0xffffff;
        return [[key, shards > 1 ? turn.next % shards : 0], value];
      },
      coder: kvCoder(asKeyCoder(kvCoder(keyCoder, structuralCoder)), valueCoder),
      windowing: withAccumulation(windowing, windowing.accumulation === undefined ? undefined : "discarding"),
    };
  });

/** The parts under the keys of the input again, with panes as the input has them. */
const gathered = (input: Collection): PTransform<Pairs, Pairs> =>
  ofPairs("Gather", ({ coder, windowing }) => ({
    call: ([sharded, part]) => [(sharded as KV<unknown, number>)[0], part],
    coder: kvCoder(pairCodersOf(input.coder).keyCoder, pairCodersOf(coder).valueCoder),
    windowing: withAccumulation(windowing, input.windowing.accumulation),
  }));

function withAccumulation(windowing: WindowingStrategy, accumulation: Accumulation | undefined): WindowingStrategy {
  return accumulation === windowing.accumulation || accumulation === undefined ? windowing : Object.freeze({ ...windowing, accumulation });
}

/** A function of each pair. */
function ofPairs(
  name: string,
  describe: (
    input: Collection,
  ) => CollectionSpec & { readonly call: (pair: KV<unknown, unknown>) => KV<unknown, unknown>; readonly coder: AnyCoder },
): PTransform<Pairs, Pairs> {
  return primitive(name, (input) => {
    const { call, ...output } = describe(input);
    return { kind: "parDo", fn: { kind: "map", call: (element) => call(pairOf(element)) }, output };
  });
}
