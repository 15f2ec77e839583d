import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { nullableCoder } from "../coders/nullable.ts";
import { numberCoder } from "../coders/number.ts";
import { PipelineError } from "../errors.ts";
import type { Instant } from "../time.ts";
import type { CombineFn, Kept } from "./combine-fn.ts";
import { changingNothing } from "./two-steps.ts";

/** Nothing yet, or an element and its time. */
type Dated<T> = readonly [] | readonly [readonly [element: T, timestamp: Instant]];

/**
 * The element with the latest event time. Output: `undefined` for no inputs; of several with one time any.
 *
 * @throws PipelineError `NOT_SUPPORTED` when it is used where inputs have no time of their own, as by calling `add`.
 *
 * @example
 * ```ts
 * prices.apply(combinePerKey({ price: latest(), changes: count() })); // ["tea", { price: 4, changes: 9 }]
 * ```
 */
export function latest<T>(): CombineFn<T, Kept, T, undefined> {
  return theLatest as unknown as CombineFn<T, Kept, T, undefined>;
}

const theLatest: CombineFn<unknown, Dated<unknown>, unknown, undefined> = changingNothing<
  CombineFn<unknown, Dated<unknown>, unknown, undefined>
>({
  name: "latest",
  create: () => [],
  add() {
    throw new PipelineError("NOT_SUPPORTED", {
      what: "latest() has to know when each element was",
      fix: "use it in combinePerKey or combineGlobally, or call addAt with the time",
    });
  },
  addAt: (kept, element, timestamp) => later(kept, [[element, timestamp]]),
  merge: (a, b) => later(a, b),
  extract: ([dated]) => dated?.[0],
  empty: () => undefined,
  codersFor: (input, orEmpty) => ({
    accumulator: iterableCoder(kvCoder(input, numberCoder)),
    output: orEmpty ? nullableCoder(input) : input,
  }),
});

function later(a: Dated<unknown>, b: Dated<unknown>): Dated<unknown> {
  if (a.length === 0) return b;
  return b.length === 0 || b[0][1] <= a[0][1] ? a : b;
}
