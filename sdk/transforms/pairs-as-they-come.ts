import type { AnyCoder, Coder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import type { TimerContext } from "../do-fn.ts";
import { builderOf } from "../graph-builder.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection } from "../pipeline.ts";
import type { BagCell } from "../state/cells.ts";
import { bagState } from "../state/specs.ts";
import { output, parDo } from "./par-do.ts";
import { inputOf, tagged, untagged, valueCodersOf, type Tagged } from "./tagged.ts";

/** A value with its time. */
type Timed = KV<number, unknown>;

/** What is kept of a key and window. */
interface Sides {
  readonly lefts: BagCell<Timed>;
  readonly rights: BagCell<Timed>;
}

type Joined = KV<unknown, KV<unknown, unknown>>;

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
  const [leftCoder, rightCoder] = valueCodersOf(builder, [left, right]) as [AnyCoder, AnyCoder];
  const { keyCoder } = pairCodersOf(builder.collectionOf(left).coder);
  const giveOutAlone = (ctx: TimerContext<unknown, Sides, {}, Joined, {}, undefined>): void => {
    const { lefts, rights } = ctx.state;
    if (optional.includes("right")) for (const value of alone(lefts, rights)) ctx.output([ctx.key, [value, undefined]]);
    if (optional.includes("left")) for (const value of alone(rights, lefts)) ctx.output([ctx.key, [undefined, value]]);
  };
  const pairs = tagged(builder, { left, right }).apply(
    "Pair",
    parDo({
      showsOrder: false,
      state: { lefts: bagState(timedCoder(leftCoder)), rights: bagState(timedCoder(rightCoder)) },
      output: output<Joined>(kvCoder(keyCoder, pairCoder) as AnyCoder),
      process([key, given]: KV<unknown, Tagged>, ctx) {
        const [side, value] = [inputOf(given, 2), untagged(given)];
        const { lefts, rights } = ctx.state;
        const [own, others] = side === LEFT ? [lefts, rights] : [rights, lefts];
        own.add([ctx.timestamp, value]);
        for (const [time, other] of others.read()) {
          const pair: KV<unknown, unknown> = side === LEFT ? [value, other] : [other, value];
          ctx.output([key, pair], { timestamp: Math.max(time, ctx.timestamp) });
        }
      },
      // Only where there is something to say: it is called for every key.
      ...(optional.length === 0 ? {} : { onWindowExpiration: giveOutAlone }),
    }),
  );
  return pairs as unknown as PCollection<KV<K, Pair>>;
}

const timedCoder = (coder: AnyCoder): Coder<Timed> => kvCoder(numberCoder, coder) as AnyCoder;

/** The values of one side, if the other one has none. */
const alone = (own: BagCell<Timed>, others: BagCell<Timed>): readonly unknown[] =>
  others.isEmpty() ? [...own.read()].map(([, value]) => value) : [];
