import type { Instant } from "../time.ts";
import type { AnyCombineContext, AnyCombineFn } from "./combine-fn.ts";

/**
 * An `add` in two steps: `ready` does everything that can throw and changes nothing, `settle` cannot throw and may change the
 * accumulator. A composite gets all of its parts ready before it settles the first, so that when one of them throws, the
 * others have not taken the input.
 */
export interface TwoSteps {
  // Of `any`, as the accumulators are: whoever holds the steps does not look into them.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly ready: (accumulator: any, input: unknown, timestamp: Instant, ctx: AnyCombineContext) => unknown;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly settle: (accumulator: any, ready: any) => unknown;
}

const known = new WeakMap<AnyCombineFn, TwoSteps>();

/** Declares that neither `add` nor `addAt` of a combiner ever changes an accumulator. */
export function changingNothing<F extends AnyCombineFn>(fn: F): F {
  return inTwoSteps(fn, { ready: addingAt(fn), settle: (_, next) => next });
}

/** Declares how the `add` of a combiner is done in two steps. */
export function inTwoSteps<F extends AnyCombineFn>(fn: F, steps: TwoSteps): F {
  known.set(fn, steps);
  return fn;
}

/** Declares that a combiner adds as another one does. */
export function inStepsOf<F extends AnyCombineFn>(other: AnyCombineFn, fn: F): F {
  const steps = known.get(other);
  return steps === undefined ? fn : inTwoSteps(fn, steps);
}

/** The two steps of each combiner. One whose `add` may change accumulators can still be settled at once if there is only one. */
export function twoStepsOf(fns: readonly AnyCombineFn[]): readonly TwoSteps[] {
  const unknown = fns.filter((fn) => !known.has(fn));
  return fns.map((fn) => known.get(fn) ?? (unknown.length === 1 ? atOnce(fn) : byMerging(fn)));
}

/** Whether a combiner has to be made ready after all others, because that settles it. */
export const isSettledAtOnce = (fn: AnyCombineFn): boolean => !known.has(fn);

const atOnce = (fn: AnyCombineFn): TwoSteps => ({ ready: addingAt(fn), settle: (_, next) => next });

/** How a combiner adds where times are known. */
function addingAt({ add, addAt }: AnyCombineFn): TwoSteps["ready"] {
  return addAt ?? ((accumulator, input, _, ctx): unknown => add(accumulator, input, ctx));
}

/** Adds to an accumulator of its own, which is merged later. Numbers and texts cannot be changed, so they take the short way. */
function byMerging(fn: AnyCombineFn): TwoSteps {
  const { create, merge } = fn;
  const addAt = addingAt(fn);
  return {
    ready: (accumulator: unknown, input, timestamp, ctx) => addAt(isObject(accumulator) ? create() : accumulator, input, timestamp, ctx),
    settle: (accumulator: unknown, ready: unknown) => (isObject(accumulator) ? merge(accumulator, ready) : ready),
  };
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
