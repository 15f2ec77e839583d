import fc from "fast-check";
import type { InnerSizes } from "../../../io/files/record-source.ts";

/** Texts of few different parts, so that line ends and characters of several bytes meet every border. */
export const content: fc.Arbitrary<string> = fc
  .array(fc.constantFrom("a", "bc", "\n", "\n", "\r", "\r\n", "é", "€", "😀", "\uFEFF", "\u0000"), { maxLength: 40 })
  .map((parts) => parts.join(""));

/** Reads and blocks of few bytes. */
export const smallSizes: fc.Arbitrary<InnerSizes> = fc.record({
  readBytes: fc.integer({ min: 1, max: 20 }),
  blockBytes: fc.integer({ min: 1, max: 20 }),
  minPartBytes: fc.integer({ min: 1, max: 5 }),
});

/** After how many claims reads are stopped, and how far behind the last claim they go on at most. */
export const stops = fc.array(fc.record({ claims: fc.integer({ min: 0, max: 4 }), skip: fc.integer({ min: 0, max: 6 }) }), {
  maxLength: 12,
});
