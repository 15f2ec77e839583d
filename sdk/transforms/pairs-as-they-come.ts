import type { AnyCoder, Coder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import { output, parDo } from "./par-do.ts";
import { PipelineError } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection } from "../pipeline.ts";
import type { BagCell } from "../state/cells.ts";
import { bagState } from "../state/specs.ts";
import { isGlobal } from "../windows/global.ts";
import { tagged, valueCodersOf, type Tagged } from "./tagged.ts";

/** A value with its time. */
type Timed = KV<number, unknown>;

const LEFT = 0;

/**
 * The pairs of a join: both sides are kept until their window expires, so that each value meets all those that came before it. One
 * whose key the other side lacks until then is paired with `undefined`, where that side is optional.
 */
export function pairsAsTheyCome<K, Pair>(
  left: PCollection<KV<K, unknown>>,
  right: PCollection<KV<K, unknown>>,
  optional: readonly ("left" | "right")[],
  pairCoder: AnyCoder,
): PCollection<KV<K, Pair>> {
  const builder = builderOf(left);
  const collection = builder.collectionOf(left);
  if (optional.length > 0) mustEnd(collection, builder.path);
  const [leftCoder, rightCoder] = valueCodersOf(builder, [left, right]) as [AnyCoder, AnyCoder];
  const { keyCoder } = pairCodersOf(collection.coder);
  const pairs = tagged(builder, { left, right }).apply(
    "Pair",
    parDo({
      state: { lefts: bagState(timedCoder(leftCoder)), rights: bagState(timedCoder(rightCoder)) },
      output: output<KV<unknown, KV<unknown, unknown>>>(kvCoder(keyCoder, pairCoder) as AnyCoder),
      process([key, [side, value]]: KV<unknown, Tagged>, ctx) {
        const { lefts: ofLeft, rights: ofRight } = ctx.state;
        const [own, others] = side === LEFT ? [ofLeft, ofRight] : [ofRight, ofLeft];
        own.add([ctx.timestamp, value]);
        for (const [time, other] of others.read()) {
          const pair: KV<unknown, unknown> = side === LEFT ? [value, other] : [other, value];
          ctx.output([key, pair], { timestamp: Math.max(time, ctx.timestamp) });
        }
      },
      onWindowExpiration(ctx) {
        const { lefts: ofLeft, rights: ofRight } = ctx.state;
        if (optional.includes("right")) for (const value of alone(ofLeft, ofRight)) ctx.output([ctx.key, [value, undefined]]);
        if (optional.includes("left")) for (const value of alone(ofRight, ofLeft)) ctx.output([ctx.key, [undefined, value]]);
      },
    }),
  );
  return pairs as unknown as PCollection<KV<K, Pair>>;
}

const timedCoder = (coder: AnyCoder): Coder<Timed> => kvCoder(numberCoder, coder) as AnyCoder;

/** The values of one side, if the other one has none. */
const alone = (own: BagCell<Timed>, others: BagCell<Timed>): readonly unknown[] =>
  others.isEmpty() ? [...own.read()].map(([, value]) => value) : [];

function mustEnd({ isBounded, windowing }: Collection, at: string): void {
  if (isBounded || !isGlobal(windowing)) return;
  throw new PipelineError("UNBOUNDED_GROUP", {
    what: "this join would never give out a value without a partner, because its window never ends",
    at,
    got: "an unbounded input in the global window",
    fix: "put both inputs into windows, by windowInto(fixedWindows(…)), or use innerJoin",
  });
}
