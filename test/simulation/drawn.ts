import fc from "fast-check";
import type { Choices } from "./choices.ts";

/** Something that others make at random. */
export const drawn = <T>(arbitrary: fc.Arbitrary<T>, choices: Choices): T => fc.sample(arbitrary, { seed: choices.seed(), numRuns: 1 })[0]!;
