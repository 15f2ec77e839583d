import { iterableCoder } from "../../../sdk/coders/iterable.ts";
import { isKvCoder } from "../../../sdk/coders/kv.ts";
import { structuralCoder } from "../../../sdk/coders/structural.ts";
import type { Graph } from "../../../sdk/graph.ts";
import type { Head, Stage } from "../plan.ts";
import type { RunFormat } from "./sorted-run.ts";

/** A block is such a part of the budget, so that blocks of many runs are together a small part of it. */
const PART_OF_BUDGET = 1 / 512;
const LEAST_BYTES = 1_024;
const MOST_BYTES = 256 * 1_024;

/** How the entries of a grouping are written: by the coders by which they travel. */
export function runFormatOf(
  { inputs }: Stage,
  { fn, keyCoder, isCombine }: Extract<Head, { kind: "group" }>,
  { collections }: Graph,
  budget: number,
): RunFormat {
  const { coder } = collections[inputs[0]!]!;
  const valueCoder = isKvCoder(coder) ? coder.valueCoder : structuralCoder;
  return {
    keyCoder,
    // The values of all lists as one column.
    accumulatorCoder: isCombine ? (fn.accumulatorCoder ?? structuralCoder) : iterableCoder(valueCoder),
    valueCoder: isCombine ? undefined : valueCoder,
    blockBytes: Math.min(MOST_BYTES, Math.max(LEAST_BYTES, budget * PART_OF_BUDGET)),
  };
}
