import type { Coder } from "../coders/coder.ts";
import { ptransform, type PCollection, type Pipeline, type PTransform } from "../pipeline.ts";
import { create } from "./create.ts";

/**
 * A collection without elements: where a branch has nothing to read, or a list of inputs to flatten may be empty.
 *
 * Shape: `Pipeline` → bounded `PCollection<T>` of no element.
 *
 * @param coder - says what its elements would be.
 *
 * @example
 * ```ts
 * const corrections = path === undefined ? p.apply(emptyCollection(stringCoder)) : p.apply(readText(path));
 * ```
 */
export const emptyCollection = <T>(coder: Coder<T>): PTransform<Pipeline, PCollection<T>> =>
  ptransform("EmptyCollection", (p: Pipeline) => p.apply(create<T>([], { coder })));
