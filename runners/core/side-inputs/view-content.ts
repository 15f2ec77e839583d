import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { ViewForm } from "../../../sdk/graph.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import { isPrimitive } from "../../../sdk/coders/canonical-key.ts";
import { pairOf } from "../slot.ts";
import { MapByForm } from "./map-by-form.ts";
import { MapByNumber, placesFor } from "./map-by-number.ts";

/** The elements of a view in the form in which they are read. */
export function contentOf(form: ViewForm, elements: readonly unknown[]): unknown {
  switch (form.kind) {
    case "singleton":
      return singletonOf(form, elements);
    case "iterable":
    case "list":
      return elements;
    case "map":
      return mapOf(elements);
    case "multimap":
      return multimapOf(elements);
  }
}

function singletonOf({ default: instead }: Extract<ViewForm, { kind: "singleton" }>, elements: readonly unknown[]): unknown {
  if (elements.length === 1) return elements[0];
  if (elements.length > 1) {
    throw new PipelineError("SINGLETON_NOT_SINGLE", {
      what: "a singleton has more than one element",
      got: `${elements.length} elements, the first ${shortText(elements[0])}`,
      fix: "combine the collection to one element first, or read it by asIterable(…)",
    });
  }
  if (instead !== undefined) return instead.value;
  throw new PipelineError("SINGLETON_EMPTY", {
    what: "a singleton has no element and no default",
    got: "an empty collection",
    fix: "give it a default: asSingleton(…, { default: … })",
  });
}

function mapOf(elements: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const pairs = elements.map(pairOf);
  const map = emptyMapFor(pairs);
  let size = 0;
  for (const [key, value] of pairs) {
    map.set(key, value);
    // Looking for the key first would take as long again.
    if (map.size === size++) {
      throw new PipelineError("DUPLICATE_KEY", {
        what: "a map has two elements with one key",
        got: `the key ${shortText(key)}`,
        fix: "combine the values of each key first, or read it by asMultimap(…)",
      });
    }
  }
  return map;
}

function multimapOf(elements: readonly unknown[]): ReadonlyMap<unknown, Iterable<unknown>> {
  const pairs = elements.map(pairOf);
  const map = emptyMapFor<unknown[]>(pairs);
  for (const [key, value] of pairs) {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  }
  return map;
}

/** A `Map` tells primitive keys apart as grouping does, a table is faster where keys are whole numbers that lie close together. */
function emptyMapFor<V>(pairs: readonly KV<unknown, unknown>[]): Map<unknown, V> | MapByForm<V> | MapByNumber<V> {
  const places = placesFor(pairs);
  if (places > 0) return new MapByNumber<V>(places);
  return pairs.every(([key]) => isPrimitive(key)) ? new Map<unknown, V>() : new MapByForm<V>();
}
