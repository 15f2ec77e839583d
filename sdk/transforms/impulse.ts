import { primitive } from "../transform.ts";
import type { PCollection, Pipeline, PTransform } from "../pipeline.ts";

/**
 * One empty element at the beginning of time, in the global window: where every pipeline starts.
 *
 * Shape: `Pipeline` → bounded `PCollection<undefined>` of one element.
 */
export const impulse = (): PTransform<Pipeline, PCollection<undefined>> =>
  primitive("Impulse", () => ({ kind: "impulse", output: { isBounded: true } }));
