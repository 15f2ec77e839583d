import type { AnyCombineFn } from "./combine-fn.ts";

/** A combiner that differs from another one in some members. Written out, because a combiner may be an object of a class. */
export function derived(fn: AnyCombineFn, changes: Partial<AnyCombineFn>): AnyCombineFn {
  const { addAt, empty, accumulatorCoder, codersFor } = fn;
  return {
    name: fn.name,
    create: (): unknown => fn.create(),
    add: (accumulator, input): unknown => fn.add(accumulator, input),
    merge: (a, b): unknown => fn.merge(a, b),
    extract: (accumulator): unknown => fn.extract(accumulator),
    ...(addAt === undefined ? {} : { addAt: (accumulator, input, timestamp): unknown => fn.addAt!(accumulator, input, timestamp) }),
    ...(empty === undefined ? {} : { empty: (): unknown => fn.empty!() }),
    ...(accumulatorCoder === undefined ? {} : { accumulatorCoder }),
    ...(codersFor === undefined ? {} : { codersFor: (input, orEmpty) => fn.codersFor!(input, orEmpty) }),
    ...changes,
  };
}
