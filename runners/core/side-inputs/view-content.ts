import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { ViewForm } from "../../../sdk/graph.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import { identityOf, isPrimitive } from "../../../sdk/coders/canonical-key.ts";
import { pairOf } from "../slot.ts";

/** The elements of a view in the form in which they are read. */
export function contentOf(form: ViewForm, elements: readonly unknown[]): unknown {
  switch (form.kind) {
    case "singleton":
      return singletonOf(form, elements);
    case "iterable":
    case "list":
      return elements;
    case "map":
      return mapOf(elements.map(pairOf));
    case "multimap":
      return multimapOf(elements.map(pairOf));
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

function mapOf(pairs: readonly KV<unknown, unknown>[]): ReadonlyMap<unknown, unknown> {
  const map = emptyMapFor(pairs);
  for (const [key, value] of pairs) {
    if (map.has(key)) {
      throw new PipelineError("DUPLICATE_KEY", {
        what: "a map has two elements with one key",
        got: `the key ${shortText(key)}`,
        fix: "combine the values of each key first, or read it by asMultimap(…)",
      });
    }
    map.set(key, value);
  }
  return map;
}

function multimapOf(pairs: readonly KV<unknown, unknown>[]): ReadonlyMap<unknown, Iterable<unknown>> {
  const map = emptyMapFor<unknown[]>(pairs);
  for (const [key, value] of pairs) {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  }
  return map;
}

/** A `Map` tells primitive keys apart as grouping does. */
const emptyMapFor = <V>(pairs: readonly KV<unknown, unknown>[]): Map<unknown, V> | MapByForm<V> =>
  pairs.every(([key]) => isPrimitive(key)) ? new Map<unknown, V>() : new MapByForm<V>();

/** A map whose keys are told apart as grouping keys are, by how they are built. */
class MapByForm<V> implements ReadonlyMap<unknown, V> {
  readonly #entries = new Map<unknown, readonly [unknown, V]>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: unknown): V | undefined {
    return this.#entries.get(identityOf(key))?.[1];
  }

  has(key: unknown): boolean {
    return this.#entries.has(identityOf(key));
  }

  set(key: unknown, value: V): void {
    this.#entries.set(identityOf(key), [key, value]);
  }

  forEach(call: (value: V, key: unknown, map: ReadonlyMap<unknown, V>) => void): void {
    for (const [key, value] of this) call(value, key, this);
  }

  *entries(): MapIterator<[unknown, V]> {
    for (const [key, value] of this.#entries.values()) yield [key, value];
  }

  *keys(): MapIterator<unknown> {
    for (const [key] of this.#entries.values()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.#entries.values()) yield value;
  }

  [Symbol.iterator](): MapIterator<[unknown, V]> {
    return this.entries();
  }
}
