import { numberCoder } from "../coders/number.ts";
import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { AnyCombineFn } from "../combine/combine-fn.ts";
import { expansionOf, primitive } from "../graph-builder.ts";
import { asKeyCoder, pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import type { Instant } from "../time.ts";
import type { WindowingStrategy } from "../windowing.ts";
import { groupByKey } from "./group-by-key.ts";

type Pairs = PCollection<KV<unknown, unknown>>;

/** How the values of a key are combined. */
export interface Combining {
  /** Over how many partial results the values of each key are spread first; not at all unless more than 1. */
  readonly fanout?: number | ((key: unknown) => number) | undefined;
  /** See `CompositeSpec.emitsDefault`. */
  readonly emitsDefault?: boolean;
}

/** Combines the values of each key, window and pane; each way of doing so is one or two {@link combined}. */
export function combining(fn: AnyCombineFn, { fanout = 1, emitsDefault = false }: Combining): PTransform<Pairs, Pairs> {
  const name = `CombinePerKey(${fn.name})`;
  const isSpread = typeof fanout === "function" || fanout > 1;
  if (fn.addAt === undefined && !isSpread) return combined(name, fn, emitsDefault);
  return expansionOf({
    name,
    spec: undefined,
    expand(input: Pairs) {
      const [inputs, untimed] = fn.addAt === undefined ? [input, fn] : [input.apply(withTimes()), ofTimed(fn)];
      if (!isSpread) return inputs.apply(combined("Combine", untimed, emitsDefault));
      return inputs
        .apply(spread(fanout))
        .apply(combined("CombineShards", partsOnly(untimed), false))
        .apply(gather())
        .apply(combined("Combine", ofParts(untimed), emitsDefault));
    },
  });
}

/**
 * The step keeps its identity, so that the engine may fold on arrival and before a shuffle. What it expands to is what it
 * means, but for the default.
 */
function combined(name: string, fn: AnyCombineFn, emitsDefault: boolean): PTransform<Pairs, Pairs> {
  return expansionOf({
    name,
    spec: emitsDefault ? { kind: "combine", fn, emitsDefault } : { kind: "combine", fn },
    expand: (input: Pairs) => input.apply(groupByKey()).apply(folded(fn)),
  });
}

const folded = (fn: AnyCombineFn): PTransform<PCollection<KV<unknown, Iterable<unknown>>>, Pairs> =>
  primitive("Fold", ({ coder }) => ({
    kind: "parDo",
    fn: {
      kind: "map",
      call(element) {
        const [key, values] = element as KV<unknown, Iterable<unknown>>;
        return [key, fold(fn, values)];
      },
    },
    output: { coder: kvCoder(pairCodersOf(coder).keyCoder, (fn as Emitting).outputCoder ?? structuralCoder) },
  }));

function fold({ create, add, extract }: AnyCombineFn, values: Iterable<unknown>): unknown {
  let accumulator: unknown = create();
  for (const value of values) accumulator = add(accumulator, value);
  return extract(accumulator);
}

/** A combiner whose outputs have a coder of their own. */
interface Emitting extends AnyCombineFn {
  readonly outputCoder?: AnyCoder;
}
