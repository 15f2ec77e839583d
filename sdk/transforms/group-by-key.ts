import type { AnyCoder } from "../coders/coder.ts";
import { iterableCoder } from "../coders/iterable.ts";
import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { groupedWindowing, mustKeepData } from "../grouped-windowing.ts";
import { pairCodersOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { primitiveWith } from "../transform.ts";
import { mayFireEarly } from "../triggers/may-fire-early.ts";
import { triggerText } from "../triggers/trigger-text.ts";
import { isGlobal } from "../windows/global.ts";
import { mustBeLateTag, type LateTo, type WithLate } from "./late-to.ts";

/**
 * Collects the values of each key.
 *
 * Shape: `PCollection<KV<K, V>>` → `PCollection<KV<K, Iterable<V>>>`, one element per key, window and pane; its time is
 * the end of its window, unless the windowing says otherwise. The iterable can be gone through any number of times; the order of
 * its values is not defined. Keys are equal when they are built alike: `{ a: 1, b: 2 }` equals `{ b: 2, a: 1 }`, while `1` and
 * `"1"` differ. With `lateTo` it gives `{ main, … }`, the elements that came too late under the name that is given.
 *
 * @throws PipelineError `KEY_NOT_DETERMINISTIC` when the key's coder may give equal keys different bytes.
 * @throws PipelineError `UNBOUNDED_GROUP` when the input has no end, its window has none either, and the trigger waits for it or
 * never fires.
 * @throws PipelineError `UNSAFE_TRIGGER` when the trigger may finish while elements still come, and the windowing does not allow that.
 * @throws PipelineError `BAD_NAME` when `lateTo` is empty or `main`.
 *
 * @example
 * ```ts
 * const { main, tooLate } = visits.apply(groupByKey({ lateTo: "tooLate" }));
 * ```
 */
export function groupByKey<K, V, const L extends string = never>({ lateTo }: LateTo<L> = {}): PTransform<
  PCollection<KV<K, V>>,
  WithLate<PCollection<KV<K, V>>, PCollection<KV<K, Iterable<V>>>, L>
> {
  mustBeLateTag(lateTo);
  return primitiveWith(
    "GroupByKey",
    (input, at) => {
      const { keyCoder, valueCoder } = groupable(input, at);
      const valuesCoder = valueCoder === structuralCoder ? structuralCoder : iterableCoder(valueCoder);
      const main = { coder: kvCoder(keyCoder, valuesCoder), windowing: groupedWindowing(input.windowing) };
      return { spec: { kind: "groupByKey" }, outputs: lateTo === undefined ? { main } : { main, [lateTo]: { coder: input.coder } } };
    },
    (outputs) => (lateTo === undefined ? outputs["main"] : outputs) as WithLate<PCollection<KV<K, V>>, PCollection<KV<K, Iterable<V>>>, L>,
  );
}

/** The coders of a collection that can be grouped by key; an error where it cannot. */
export function groupable(
  { coder, isBounded, windowing }: Collection,
  at: string,
): { readonly keyCoder: AnyCoder; readonly valueCoder: AnyCoder } {
  const { keyCoder, valueCoder } = pairCodersOf(coder);
  if (keyCoder.deterministic !== true) {
    throw new PipelineError("KEY_NOT_DETERMINISTIC", {
      what: "the keys of this grouping have a coder that may give equal keys different bytes, so equal keys would not meet",
      at,
      got: `the coder ${keyCoder.name ?? "without a name"}`,
      fix: "give the key a deterministic coder, by withCoder(kvCoder(…)) before this step",
    });
  }
  if (!isBounded && isGlobal(windowing) && !mayFireEarly(windowing.trigger) && !windowing.allowUnsafeTriggers) {
    throw new PipelineError("UNBOUNDED_GROUP", {
      what: "this grouping would never emit, because its window never ends",
      at,
      got: `an unbounded input in the global window with the trigger ${triggerText(windowing.trigger)}, which fires at its end or never`,
      fix: "put windowInto(fixedWindows(…)) before it, or set a trigger that fires earlier, such as repeatedly(afterCount(100))",
    });
  }
  mustKeepData(windowing, at);
  return { keyCoder, valueCoder };
}
