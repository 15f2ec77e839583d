import { PipelineError } from "../errors.ts";
import type { Instant } from "../time.ts";
import type { CombineFn, Kept } from "./combine-fn.ts";
import { changingNothing } from "./two-steps.ts";

/** Nothing yet, or an element and its time. */
type Dated<T> = readonly [] | readonly [element: T, timestamp: Instant];

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

const none: Dated<never> = Object.freeze([]);

const theLatest: CombineFn<unknown, Dated<unknown>, unknown, undefined> = changingNothing({
  name: "latest",
  create: () => none,
  add() {
    throw new PipelineError("NOT_SUPPORTED", {
      what: "latest() has to know when each element was",
      fix: "use it in combinePerKey or combineGlobally, or call addAt with the time",
    });
  },
  addAt: (kept: Dated<unknown>, element: unknown, timestamp: Instant) => later(kept, [element, timestamp]),
  merge: (a: Dated<unknown>, b: Dated<unknown>) => later(a, b),
  extract: ([element]: Dated<unknown>) => element,
  empty: () => undefined,
});

function later(a: Dated<unknown>, b: Dated<unknown>): Dated<unknown> {
  if (a.length === 0) return b;
  return b.length === 0 || b[1] <= a[1] ? a : b;
}
