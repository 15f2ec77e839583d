import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decoded, type AnyCoder } from "../../sdk/coders/coder.ts";
import { allDecoded, decodeAll, encodeAll } from "../../sdk/coders/frames.ts";
import { mustBePlain, structuralCoder } from "../../sdk/coders/structural.ts";
import { PipelineError } from "../../sdk/errors.ts";
import { identical } from "./same.ts";
import { batches, plain } from "./values.ts";

const back = (value: unknown): unknown => decoded(structuralCoder, structuralCoder.encode(value));

test("any plain value comes back as it was", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(identical(back(value), value)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("a batch comes back as its values do one by one", () => {
  fc.assert(
    fc.property(batches, (values: readonly unknown[]) => {
      const together = allDecoded(structuralCoder, encodeAll(structuralCoder, values));
      expect(identical(together, values)).toBe(true);
      expect(identical(together, values.map(back))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
