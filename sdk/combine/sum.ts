import { numberCoder } from "../coders/number.ts";
import type { CombineFn } from "./combine-fn.ts";
import { readerOf, type Having } from "./part.ts";
import { changingNothing } from "./two-steps.ts";

/** The sum: `sum()` of numbers, `sum("price")` of a field, `sum(f)` of what `f` gives. Output: 0 for no inputs. */
export function sum<T>(f: (element: T) => number): CombineFn<T, number, number>;
export function sum<T extends Having<F, number>, F extends string>(field: F): CombineFn<T, number, number>;
export function sum(): CombineFn<number, number, number>;
export function sum(part?: string | ((element: never) => number)): CombineFn<unknown, number, number> {
  return part === undefined ? plainSum : sumOf(part);
}

function sumOf(part: string | ((element: never) => number) | undefined): CombineFn<unknown, number, number> {
  const numberOf = readerOf<number>(part);
  return changingNothing<CombineFn<unknown, number, number>>({
    name: "sum",
    create: () => 0,
    add: (total, input) => total + numberOf(input),
    merge: (a, b) => a + b,
    extract: (total) => total,
    accumulatorCoder: numberCoder,
  });
}

/** One for all pipelines: loops that were made for it serve all of them. */
const plainSum = sumOf(undefined);
