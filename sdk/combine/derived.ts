import type { AnyCombineFn } from "./combine-fn.ts";

/** A combiner that differs from another one in some members. Written out, because a combiner may be an object of a class. */
export function derived(fn: AnyCombineFn, changes: Partial<AnyCombineFn>): AnyCombineFn {
  const { addAt, empty, emptyIn, accumulatorCoder, codersFor, showsOrder } = fn;
  return {
    name: fn.name,
    create: (): unknown => fn.create(),
    add: (accumulator, input, ctx): unknown => fn.add(accumulator, input, ctx),
    merge: (a, b): unknown => fn.merge(a, b),
    extract: (accumulator, ctx): unknown => fn.extract(accumulator, ctx),
    ...(addAt === undefined
      ? {}
      : { addAt: (accumulator, input, timestamp, ctx): unknown => fn.addAt!(accumulator, input, timestamp, ctx) }),
    ...(empty === undefined ? {} : { empty: (): unknown => fn.empty!() }),
    ...(emptyIn === undefined || changes.empty !== undefined ? {} : { emptyIn: (ctx): unknown => fn.emptyIn!(ctx) }),
    ...(accumulatorCoder === undefined ? {} : { accumulatorCoder }),
    ...(codersFor === undefined ? {} : { codersFor: (input, orEmpty) => fn.codersFor!(input, orEmpty) }),
    ...(showsOrder === undefined ? {} : { showsOrder }),
    ...changes,
  };
}
