import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import { structuralCoder } from "../coders/structural.ts";
import { NO_SIDE_INPUTS, type AnyCombineFn, type CombineContext } from "../combine/combine-fn.ts";
import { derived } from "../combine/derived.ts";
import type { ElementContext } from "../contexts.ts";
import { builderOf, type CollectionSpec } from "../graph-builder.ts";
import { expansionOf, primitive } from "../transform.ts";
import type { Collection } from "../graph.ts";
import { asKeyCoder, pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { viewsRead } from "../side-input.ts";
import type { Instant } from "../time.ts";
import type { Accumulation, WindowingStrategy } from "../windowing.ts";
import { groupByKey } from "./group-by-key.ts";

type Pairs = PCollection<KV<unknown, unknown>>;

/** What a combine gives: its output, or with `lateTo` that as `main` and what came too late under its name. */
type Given = Pairs | Readonly<Record<string, Pairs>>;

/** How the values of a key are combined. */
export interface Combining {
  /** Over how many partial results the values of a key are spread first; not at all unless more than 1. */
  readonly fanout?: number | ((key: unknown) => number) | undefined;
  /** See `CompositeSpec.emitsDefault`. */
  readonly emitsDefault?: boolean;
  /** The name of the output for elements that come too late; they are dropped without it. */
  readonly lateTo?: string | undefined;
  /** What the combiner reads besides its inputs. */
  readonly sideInputs?: object | undefined;
}

/** Combines the values of each key, window and pane, in one step that an engine knows, or in two where they are spread. */
export function combining(given: AnyCombineFn, options: Combining & { readonly lateTo?: undefined }): PTransform<Pairs, Pairs>;
export function combining(given: AnyCombineFn, options: Combining): PTransform<Pairs, Given>;
export function combining(
  given: AnyCombineFn,
  { fanout = 1, emitsDefault = false, lateTo, sideInputs }: Combining,
): PTransform<Pairs, Given> {
  const name = `CombinePerKey(${given.name})`;
  const isSpread = typeof fanout === "function" || fanout > 1;
  const { addAt } = given;
  if (addAt === undefined && !isSpread) {
    return combined(name, (input) => ({ ...withCodersFor(input, given, emitsDefault), sideInputs }), lateTo);
  }
  return expansionOf({
    name,
    spec: undefined,
    expand(input: Pairs) {
      const collection = builderOf(input).collectionOf(input);
      const { fn, outputCoder } = withCodersFor(collection, given, emitsDefault);
      const [inputs, untimed] = addAt === undefined ? [input, fn] : [input.apply(withTimes()), ofTimed(fn, addAt)];
      // The parts of shards would end at times of their own, before windows of other shards that they have to merge with have come.
      const spreads = isSpread && (collection.windowing.windowFn.merge === undefined || collection.windowing.isMerged === true);
      // What comes too late does so at the first grouping: the parts of the second come in time.
      const late = (first: Given): Pairs => lateOf(first, lateTo).apply(asBefore(collection, spreads, addAt !== undefined));
      if (!spreads) {
        const first = inputs.apply(combined("Combine", () => ({ fn: untimed, outputCoder, emitsDefault, sideInputs }), lateTo));
        return withLate(mainOf(first), lateTo, () => late(first));
      }
      const partCoder = untimed.accumulatorCoder ?? structuralCoder;
      const shards = () => ({ fn: partsOf(untimed), outputCoder: partCoder, emitsDefault: false, sideInputs });
      const first = inputs.apply(spread(fanout)).apply(combined("CombineShards", shards, lateTo));
      const main = mainOf(first)
        .apply(gathered(collection))
        .apply(combined("Combine", () => ({ fn: ofParts(untimed), outputCoder, emitsDefault, fanout, sideInputs })));
      return withLate(mainOf(main), lateTo, () => late(first));
    },
  });
}

const mainOf = (given: Given): Pairs => ("main" in given ? (given["main"] as Pairs) : (given as Pairs));

const lateOf = (given: Given, lateTo: string | undefined): Pairs => (given as Readonly<Record<string, Pairs>>)[lateTo!]!;

const withLate = (main: Pairs, lateTo: string | undefined, late: () => Pairs): Given =>
  lateTo === undefined ? main : { main, [lateTo]: late() };

/** What a combine is, once its input is known. */
interface Combined {
  readonly fn: AnyCombineFn;
  readonly outputCoder: AnyCoder;
  readonly emitsDefault: boolean;
  readonly fanout?: number | ((key: unknown) => number);
  readonly sideInputs?: object | undefined;
}

/** A combiner that keeps inputs has coders that depend on theirs. */
function withCodersFor({ coder }: Collection, fn: AnyCombineFn, emitsDefault: boolean): Combined {
  const { valueCoder } = pairCodersOf(coder);
  if (fn.codersFor === undefined || valueCoder === structuralCoder) return { fn, outputCoder: structuralCoder, emitsDefault };
  const { accumulator, output } = fn.codersFor(valueCoder, emitsDefault);
  // With its prototype, because a combiner may be an object of a class.
  const own = Object.assign(Object.create(Object.getPrototypeOf(fn) as object) as AnyCombineFn, fn, { accumulatorCoder: accumulator });
  return { fn: own, outputCoder: output, emitsDefault };
}

/**
 * The step keeps its identity, so that the engine may fold on arrival and before a shuffle. What it expands to is what it
 * means, but for the default.
 */
function combined(name: string, describe: (input: Collection) => Combined, lateTo?: string): PTransform<Pairs, Given> {
  const describedFor = (input: Pairs): Combined => describe(builderOf(input).collectionOf(input));
  return expansionOf({
    name,
    spec(input: Pairs) {
      const { fn, emitsDefault, fanout, sideInputs } = describedFor(input);
      const builder = builderOf(input);
      return {
        kind: "combine",
        fn,
        ...(sideInputs === undefined ? {} : { sideInputs: viewsRead(builder, builder.collectionOf(input), sideInputs) }),
        ...(emitsDefault ? { emitsDefault } : {}),
        ...(fanout === undefined ? {} : { fanout: typeof fanout === "number" ? fanout : "by key" }),
      };
    },
    expand(input: Pairs) {
      const { fn, outputCoder, sideInputs } = describedFor(input);
      const grouped: Given = input.apply(groupByKey(lateTo === undefined ? {} : { lateTo }));
      const folded = mainOf(grouped).apply(
        sideInputs === undefined ? folding(fn, outputCoder) : foldingBeside(fn, outputCoder, sideInputs),
      );
      return withLate(folded, lateTo, () => lateOf(grouped, lateTo));
    },
  });
}

const folding = (fn: AnyCombineFn, outputCoder: AnyCoder): PTransform<Pairs, Pairs> =>
  ofPairs("Fold", ({ coder }) => ({
    call: ([key, values]) => [key, fold(fn, values as Iterable<unknown>, NO_SIDE_INPUTS)],
    coder: kvCoder(pairCodersOf(coder).keyCoder, outputCoder),
  }));

/** The same with side inputs, as they are for the window of the pane. */
const foldingBeside = (fn: AnyCombineFn, outputCoder: AnyCoder, sideInputs: object): PTransform<Pairs, Pairs> =>
  primitive("Fold", (input, _, builder) => {
    const call = (element: unknown, ctx?: ElementContext): unknown => {
      const [key, values] = pairOf(element);
      return [key, fold(fn, values as Iterable<unknown>, ctx!)];
    };
    const output = { coder: kvCoder(pairCodersOf(input.coder).keyCoder, outputCoder) };
    return { kind: "parDo", fn: { kind: "map", call }, sideInputs: viewsRead(builder, input, sideInputs), output };
  });

function fold(fn: AnyCombineFn, values: Iterable<unknown>, { sideInputs }: CombineContext<{}>): unknown {
  const ctx = { sideInputs };
  let accumulator: unknown = fn.create();
  for (const value of values) accumulator = fn.add(accumulator, value, ctx);
  return fn.extract(accumulator, ctx);
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
function ofTimed(fn: AnyCombineFn, addAt: NonNullable<AnyCombineFn["addAt"]>): AnyCombineFn {
  const { addAt: _, ...timeless } = derived(fn, {});
  return {
    ...timeless,
    add: (accumulator, [value, time]: readonly [unknown, Instant], ctx): unknown => addAt(accumulator, value, time, ctx),
  };
}

/** The combiner that gives the accumulator itself. */
const partsOf = (fn: AnyCombineFn): AnyCombineFn => derived(fn, { extract: (accumulator): unknown => accumulator });

/** The combiner of such accumulators. */
const ofParts = (fn: AnyCombineFn): AnyCombineFn => derived(fn, { add: (accumulator, part): unknown => fn.merge(accumulator, part) });

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

/** Elements as they were before they were spread and got their times. */
const asBefore = (input: Collection, isSpread: boolean, isTimed: boolean): PTransform<Pairs, Pairs> =>
  ofPairs("AsBefore", () => ({
    call: ([key, value]) => [isSpread ? (key as KV<unknown, number>)[0] : key, isTimed ? (value as KV<unknown, Instant>)[0] : value],
    coder: input.coder,
    windowing: input.windowing,
  }));

function withAccumulation(windowing: WindowingStrategy, accumulation: Accumulation | undefined): WindowingStrategy {
  return accumulation === undefined || accumulation === windowing.accumulation ? windowing : Object.freeze({ ...windowing, accumulation });
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
