/** An element with a field `F` that holds a `V`. */
export type Having<F extends string, V> = { readonly [P in F]: V };

/** Reads the part of an element that a combiner is about: the element itself, a field of it, or what a function gives. */
export function readerOf<V>(part: string | ((element: never) => V) | undefined): (element: never) => V {
  if (part === undefined) return (element) => element;
  return typeof part === "function" ? part : (element: Readonly<Record<string, V>>) => element[part]!;
}
