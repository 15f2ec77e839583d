import type { AnyCoder } from "../../sdk/coders/coder.ts";
import { isKvCoder } from "../../sdk/coders/kv.ts";
import { structuralCoder } from "../../sdk/coders/structural.ts";
import type { Batch } from "./batch.ts";
import type { Plan } from "./plan.ts";

/** The coders of what a batch consists of. */
export interface BatchCoders {
  readonly keyCoder: AnyCoder;
  readonly valueCoder: AnyCoder;
}

/** Pairs for a grouping travel in two columns, or as accumulators of their keys; everything else by the coder of its collection. */
export function batchCodersOf(
  { graph, stages }: Plan,
  { target, collection, isPartial }: Pick<Batch, "target" | "collection" | "isPartial">,
): BatchCoders {
  const { coder } = graph.collections[collection]!;
  const head = stages[target]?.head;
  if (head?.kind !== "group" && head?.kind !== "keyed") return { keyCoder: structuralCoder, valueCoder: coder };
  const { keyCoder, valueCoder } = isKvCoder(coder) ? coder : { keyCoder: structuralCoder, valueCoder: structuralCoder };
  return { keyCoder, valueCoder: isPartial === true && head.kind === "group" ? (head.fn.accumulatorCoder ?? structuralCoder) : valueCoder };
}
