import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { rowCoder } from "../coders/row.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError } from "../errors.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf, primitive } from "../transform.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { recordsOf } from "../record.ts";
import { groupByKey } from "./group-by-key.ts";
import { inputOf, tagged, untagged, valueCodersOf, type Tagged } from "./tagged.ts";

/** The value of the pairs in a collection. */
export type ValueIn<P> = P extends PCollection<KV<unknown, infer V>> ? V : never;

/** Collections of pairs with one kind of key, by tag. */
export type Keyed<K> = Readonly<Record<string, PCollection<KV<K, unknown>>>>;

/** The values of each key, by tag. */
export type Grouped<K, R> = PCollection<KV<K, { readonly [N in keyof R]: Iterable<ValueIn<R[N]>> }>>;

type Pairs = PCollection<KV<unknown, unknown>>;

/**
 * Collects the values of each key from several collections.
 *
 * Shape: an object of `PCollection<KV<K, …>>` → `PCollection<KV<K, { tag: Iterable<…>, … }>>`, one element per key, window and pane,
 * for each key that occurs in any of them; its time is the end of its window. A tag without values for the key has an empty
 * iterable. Iterables can be gone through any number of times. It is called directly, with the name of the step first if it has one.
 *
 * @throws PipelineError `NO_INPUTS` when there are none; `INCOMPATIBLE_WINDOWS` when their window functions or triggers differ;
 * `KEY_NOT_DETERMINISTIC` and `UNBOUNDED_GROUP` as for {@link groupByKey}.
 *
 * @example
 * ```ts
 * coGroupByKey("PerUser", { orders, visits }); // ["ann", { orders: [{ amount: 3 }], visits: [] }]
 * ```
 */
export function coGroupByKey<K, const R extends Keyed<unknown>>(inputs: R & Keyed<K>): Grouped<K, R>;
export function coGroupByKey<K, const R extends Keyed<unknown>>(name: string, inputs: R & Keyed<K>): Grouped<K, R>;
export function coGroupByKey(
  ...given: readonly [inputs: Keyed<never>] | readonly [name: string, inputs: Keyed<never>]
): Grouped<never, never> {
  const [name, inputs] = given.length === 1 ? [undefined, given[0]] : given;
  if (Object.keys(inputs).length === 0) {
    throw new PipelineError("NO_INPUTS", { what: "coGroupByKey needs at least one input", ...(name === undefined ? {} : { at: name }) });
  }
  const output = name === undefined ? coGrouping(inputs) : builderOf(inputs).apply(inputs, name, coGrouping);
  return output as Grouped<never, never>;
}

const coGrouping = expansionOf({
  name: "CoGroupByKey",
  spec: undefined,
  expand(inputs: Keyed<unknown>): Pairs {
    const builder = builderOf(inputs);
    const tags = Object.keys(inputs);
    const valueCoders = valueCodersOf(builder, Object.values(inputs));
    const isPlain = valueCoders.every((coder) => coder === structuralCoder);
    return tagged(builder, inputs)
      .apply(groupByKey())
      .apply(separating(tags, isPlain ? structuralCoder : separatedCoder(tags, valueCoders)));
  },
});

/** The values by tag. In lists and not by filtering all values anew for each tag, since lists are data that can leave the thread. */
function separating(tags: readonly string[], coder: AnyCoder): PTransform<PCollection<KV<unknown, Iterable<Tagged>>>, Pairs> {
  const recordOf = recordsOf(tags);
  const call = (element: unknown): KV<unknown, unknown> => {
    const [key, values] = element as KV<unknown, Iterable<Tagged>>;
    const lists = tags.map((): unknown[] => []);
    for (const value of values) lists[inputOf(value, tags.length)]!.push(untagged(value));
    return [key, recordOf((i) => lists[i])];
  };
  return primitive("Separate", (input) => ({
    kind: "parDo",
    fn: { kind: "map", call },
    output: { coder: kvCoder(pairCodersOf(input.coder).keyCoder, coder) },
  }));
}

const separatedCoder = (tags: readonly string[], valueCoders: readonly AnyCoder[]): AnyCoder =>
  rowCoder(Object.fromEntries(tags.map((tag, i) => [tag, iterableCoder(valueCoders[i]!)])));
