import { NO_SIDE_INPUTS, type AnyCombineContext, type AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { codeOf } from "./code.ts";

/** Accumulators by place, and whether there is one. */
export interface FoldTarget {
  readonly accumulators: unknown[];
  readonly seen: Uint8Array;
}

/** Adds values, each to the accumulator of its key. Answers the place of the value that `add` threw for, -1 if it threw for none. */
export type Fold = (
  cells: FoldTarget,
  keyIds: Int32Array,
  values: readonly unknown[],
  from: number,
  to: number,
  onThrow: (error: unknown) => void,
) => number;

/**
 * The loop as text, so that each grouping has one of its own: V8 inlines `add` only where a loop has always seen the same one.
 * Keys that follow themselves keep their accumulator in a local variable.
 *
 * @param rest - what `add` is called with besides.
 */
const textWith = (rest: "" | ", ctx"): string => `"use strict";
const { create, add, ctx } = B;
return function fold(cells, keyIds, values, from, to, onThrow) {
  const accumulators = cells.accumulators, seen = cells.seen;
  let last = -1, accumulator, i = from;
  try {
    for (; i < to; i++) {
      const id = keyIds[i];
      if (id !== last) {
        if (last !== -1) { accumulators[last] = accumulator; last = -1; }
        if (seen[id] === 0) {
          // An add that throws has added nothing, so the key is there only when its first add is done.
          accumulator = add(create(), values[i]${rest});
          seen[id] = 1;
          last = id;
          continue;
        }
        accumulator = accumulators[id];
        last = id;
      }
      accumulator = add(accumulator, values[i]${rest});
    }
    i = -1;
  } catch (error) { onThrow(error); }
  if (last !== -1) accumulators[last] = accumulator;
  return i;
};
//# sourceURL=millrace:fold.js`;

/** The loops that were generated, by `add`: V8 has optimized them when another run needs them. */
const known = new WeakMap<object, Omit<Folding, "add"> & { readonly fold: Fold }>();

/** What a loop calls. */
interface Folding {
  readonly create: () => unknown;
  readonly add: (accumulator: unknown, value: unknown, ctx?: AnyCombineContext) => unknown;
  /** What `add` gets besides; nothing where it is a merge, which takes two accumulators and no more. */
  readonly ctx: AnyCombineContext | undefined;
}

function generatedFold({ create, add, ctx }: Folding): Fold {
  const found = known.get(add);
  if (found?.create === create && found.ctx === ctx) return found.fold;
  const fold = codeOf<Fold>(textWith(ctx === undefined ? "" : ", ctx"), { create, add, ctx });
  // What reads side inputs belongs to its run, and must not outlive it.
  if (ctx === undefined || ctx === NO_SIDE_INPUTS) known.set(add, { create, ctx, fold });
  return fold;
}

/** A loop that adds by a combiner: as generated code, or as a closure where code may not be generated. */
export const foldOf = ({ create, add }: AnyCombineFn, ctx: AnyCombineContext, mayGenerate: boolean): Fold =>
  loopOf({ create, add: add as Folding["add"], ctx }, mayGenerate);

/** The same where values are accumulators already. */
export const mergingFoldOf = ({ create, merge }: AnyCombineFn, mayGenerate: boolean): Fold =>
  loopOf({ create, add: merge, ctx: undefined }, mayGenerate);

function loopOf(folding: Folding, mayGenerate: boolean): Fold {
  if (mayGenerate) return generatedFold(folding);
  const { create, ctx } = folding;
  const add: Folding["add"] = ctx === undefined ? (a, b) => folding.add(a, b) : folding.add;
  return ({ accumulators, seen }, keyIds, values, from, to, onThrow) => {
    for (let i = from; i < to; i++) {
      const id = keyIds[i]!;
      try {
        const accumulator: unknown = seen[id] === 0 ? create() : accumulators[id];
        accumulators[id] = add(accumulator, values[i], ctx);
        seen[id] = 1;
      } catch (error) {
        onThrow(error);
        return i;
      }
    }
    return -1;
  };
}

/** What stands where a key has no accumulator: a number where accumulators are numbers, so that V8 keeps the array unboxed. */
export function fillerOf({ create }: AnyCombineFn): unknown {
  try {
    return typeof create() === "number" ? 0 : undefined;
  } catch {
    return undefined; // it fails again, and is named, for the first element
  }
}
