import type { CombineFn } from "./combine-fn.ts";
import { readerOf, type Having } from "./part.ts";
import { inTwoSteps } from "./two-steps.ts";

/** A total, and of how many. */
type Total = [total: number, count: number];

/** The mean: `mean()` of numbers, `mean("price")` of a field, `mean(f)` of what `f` gives. Output: `NaN` for no inputs. */
export function mean<T>(f: (element: T) => number): CombineFn<T, [number, number], number>;
export function mean<T extends Having<F, number>, F extends string>(field: F): CombineFn<T, [number, number], number>;
export function mean(): CombineFn<number, [number, number], number>;
export function mean(part?: string | ((element: never) => number)): CombineFn<unknown, Total, number> {
  const numberOf = readerOf<number>(part);
  const fn: CombineFn<unknown, Total, number> = {
    name: "mean",
    create: () => [0, 0],
    add: (total, input) => addTo(total, numberOf(input)),
    merge: (a, b) => addTo(a, b[0], b[1]),
    extract: ([total, count]) => total / count,
  };
  return inTwoSteps(fn, { ready: (_: Total, input: unknown) => numberOf(input), settle: addTo });
}

function addTo(to: Total, total: number, count = 1): Total {
  to[0] += total;
  to[1] += count;
  return to;
}
