import type { Coder } from "../coders/coder.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Gives a collection another coder, which turns its elements into bytes where they leave their thread, and compares keys.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times and windows.
 *
 * @example
 * ```ts
 * moves.apply(map(parseMove)).apply(withCoder(moveCoder)); // instances of a class, which the structural coder refuses
 * ```
 */
export const withCoder = <T>(coder: Coder<T>): PTransform<PCollection<T>, PCollection<T>> =>
  primitive("WithCoder", () => ({ kind: "parDo", fn: { kind: "pass" }, output: { coder } }));
