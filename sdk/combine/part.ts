/** An element with a field `F` that holds a `V`. */
export type Having<F extends string, V> = { readonly [P in F]: V };

/** Reads the part of an element that a combiner is about: the element itself, a field of it, or what a function gives. */
export function readerOf<V>(part: string | ((element: never) => V) | undefined): (element: unknown) => V {
  if (part === undefined) return (element) => element as V;
  // The overloads of the combiners see to it that the elements fit.
  if (typeof part === "function") return part as (element: unknown) => V;
  return (element) => (element as Readonly<Record<string, V>>)[part]!;
}
