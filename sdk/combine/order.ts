import { PipelineError, shortText } from "../errors.ts";

/** What has an order of its own. */
export type Ordered = number | string | bigint;

/** Which of two elements comes first. */
export interface Order<in T> {
  /** Less than 0 where `a` comes before `b`, more than 0 where it comes after, 0 where they are equal; total and transitive. */
  readonly compare: (a: T, b: T) => number;
}

/**
 * The order of what a function gives of each element: numbers by size, texts by their UTF-16 units. `NaN` comes after all numbers.
 *
 * @throws PipelineError `NO_ORDER` in the run, when two of the values cannot be compared, such as `undefined` and a number.
 *
 * @example
 * ```ts
 * orders.apply(combineGlobally(max(by((order) => order.amount)))); // the order with the greatest amount
 * ```
 */
export const by = <T>(f: (element: T) => Ordered): Order<T> => ({ compare: (a, b) => compareOrdered(f(a), f(b)) });

/** The order of {@link by}, for the values themselves. */
export function compareOrdered(a: Ordered, b: Ordered): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : compareOddOnes(a, b);
}

function compareOddOnes(a: unknown, b: unknown): number {
  const [isLast, isOtherLast] = [Number.isNaN(a), Number.isNaN(b)];
  if (isLast && isOtherLast) return 0;
  if (isLast && isNumeric(b)) return 1;
  if (isOtherLast && isNumeric(a)) return -1;
  // 1 and 1n are neither less, nor greater, nor the same.
  if (isNumeric(a) && isNumeric(b)) return 0;
  throw new PipelineError("NO_ORDER", {
    what: "these two values have no order",
    got: `${shortText(a)} and ${shortText(b)}`,
    fix: "filter out elements without a value before, or compare by something that all of them have",
  });
}

const isNumeric = (value: unknown): boolean => typeof value === "number" || typeof value === "bigint";
