import type { AnyCoder } from "./coders/coder.ts";
import { isKvCoder, kvCoder } from "./coders/kv.ts";
import { structuralCoder } from "./coders/structural.ts";
import { PipelineError, shortText } from "./errors.ts";
import type { KV } from "./pipeline.ts";

/** The element as a pair; an error where it is none, since types do not exist at run time. */
export function pairOf(element: unknown): KV<unknown, unknown> {
  if (Array.isArray(element) && element.length === 2) return element as unknown as KV<unknown, unknown>;
  throw new PipelineError("NOT_A_PAIR", {
    what: "this step takes pairs [key, value] only",
    got: shortText(element),
    fix: "put keyBy(…) before it",
  });
}

/** The coders of the two parts of a collection of pairs. */
export function pairCodersOf(coder: AnyCoder): { readonly keyCoder: AnyCoder; readonly valueCoder: AnyCoder } {
  return isKvCoder(coder) ? coder : { keyCoder: structuralCoder, valueCoder: structuralCoder };
}

/**
 * The coder that elements of this coder have as keys. The structural coder compares keys by their canonical form, and so it
 * does for pairs that consist of nothing else.
 */
export const asKeyCoder = (coder: AnyCoder): AnyCoder => (isStructural(coder) ? structuralCoder : coder);

const isStructural = (coder: AnyCoder): boolean =>
  isKvCoder(coder) ? isStructural(coder.keyCoder) && isStructural(coder.valueCoder) : coder === structuralCoder;

/** A coder that takes what any of the given ones takes: theirs where they are one, else the structural coder, for pairs part by part. */
export function commonCoder(coders: readonly AnyCoder[]): AnyCoder {
  const [first, ...others] = coders;
  return others.reduce(commonOfTwo, first ?? structuralCoder);
}

function commonOfTwo(a: AnyCoder, b: AnyCoder): AnyCoder {
  if (a === b) return a;
  if (!isKvCoder(a) || !isKvCoder(b)) return structuralCoder;
  const [keyCoder, valueCoder] = [commonOfTwo(a.keyCoder, b.keyCoder), commonOfTwo(a.valueCoder, b.valueCoder)];
  // The one that is there already, so that comparing by identity goes on working.
  return keyCoder === a.keyCoder && valueCoder === a.valueCoder ? a : kvCoder(keyCoder, valueCoder);
}
