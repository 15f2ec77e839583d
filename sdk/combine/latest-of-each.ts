import { answerFor } from "../coders/byte-reader.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { numberCoder } from "../coders/number.ts";
import { PipelineError } from "../errors.ts";
import type { Instant } from "../time.ts";
import { combineFn, type CombineFn } from "./combine-fn.ts";

/** By what makes an element one of those that replace each other: the last of them, and its time. */
type Latest<T> = Map<unknown, readonly [element: T, timestamp: Instant]>;

/**
 * Of elements that replace each other the one with the latest event time; of several with one time, the one that came last. Output:
 * a list of them.
 *
 * @param identityOf - what elements that replace each other have in common, as a `Map` tells it apart from others.
 */
export function latestOfEach<T>(identityOf: (element: T) => unknown): CombineFn<T, Latest<T>, readonly T[]> {
  const put = (kept: Latest<T>, element: T, timestamp: Instant): Latest<T> => {
    const identity = identityOf(element);
    const known = kept.get(identity);
    return known !== undefined && known[1] > timestamp ? kept : kept.set(identity, [element, timestamp]);
  };
  const from = (dated: Iterable<readonly [T, Instant]>, kept: Latest<T> = new Map()): Latest<T> => {
    for (const [element, timestamp] of dated) put(kept, element, timestamp);
    return kept;
  };
  return combineFn<T, Latest<T>, readonly T[]>({
    name: "latestOfEach",
    create: () => new Map(),
    add() {
      throw new PipelineError("NOT_SUPPORTED", { what: "latestOfEach has to know when each element was" });
    },
    addAt: put,
    merge: (a, b) => from(b.values(), a),
    extract: (kept) => Array.from(kept.values(), ([element]) => element),
    codersFor: (input) => ({ accumulator: latestCoder(input, from), output: iterableCoder(input) }),
  });
}

function latestCoder<T>(elementCoder: AnyCoder, from: (dated: Iterable<readonly [T, Instant]>) => Latest<T>): AnyCoder {
  const listCoder = iterableCoder(kvCoder<T, Instant>(elementCoder, numberCoder));
  return {
    name: `latest(${elementCoder.name ?? "?"})`,
    encode: (kept: Latest<T>) => listCoder.encode(kept.values()),
    decode: (bytes: Uint8Array) => answerFor(bytes, (reader) => from(reader.last(listCoder))),
  };
}
