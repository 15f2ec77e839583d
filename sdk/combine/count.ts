import { numberCoder } from "../coders/number.ts";
import type { CombineFn } from "./combine-fn.ts";
import { changingNothing } from "./two-steps.ts";

/** How many inputs there are; 0 for none. */
export const count = <T>(): CombineFn<T, number, number> => counting;

const counting: CombineFn<unknown, number, number> = changingNothing(
  Object.freeze({
    name: "count",
    create: () => 0,
    add: (seen: number) => seen + 1,
    merge: (a: number, b: number) => a + b,
    extract: (seen: number) => seen,
    accumulatorCoder: numberCoder,
  }),
);
