import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "../../io/files/block-text.ts";
import type { Block } from "../../io/files/block.ts";
import { mixedLines } from "../../io/files/mixed-lines.ts";
import { lineEnds } from "../../io/files/record-ends.ts";
import { campaign } from "./support/campaign.ts";

/** Lines of which few are not ASCII, and those by a character or two. */
const line = fc.oneof(
  fc.constant(""),
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 90 }).map((length) => "abc ".repeat(30).slice(0, length)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom("é", "€", "😀", "\uFEFF"))
      .map(([length, char]) => `${"x".repeat(length)}${char}${"y".repeat(length)}`),
  },
);
const lines = fc.array(line, { minLength: 1, maxLength: 60 });

/** A block of these bytes, somewhere in a larger buffer. */
function blockOf(bytes: Uint8Array, begin: number): Block {
  const buffer = Buffer.concat([Buffer.alloc(begin, "ÿ"), bytes, Buffer.from("ÿ\nÿ")]);
  return { buffer, begin, end: begin + bytes.length, base: 0, from: begin, ends: lineEnds };
}

test("lines are the same wherever they lie and whichever of them are ASCII", () => {
  let takenApart = 0;
  fc.assert(
    fc.property(lines, fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.integer({ min: 0, max: 9 }), (given, end, hasLast, begin) => {
      const bytes = Buffer.from(given.join(end) + (hasLast ? end : ""));
      if (mixedLines(bytes) !== undefined) takenApart++;
      fc.pre(bytes.length > 0);
      expect(linesOf(blockOf(bytes, begin), "error")).toEqual(
        given.at(-1) === "" && !hasLast && given.length > 1 ? given.slice(0, -1) : given,
      );
    }),
    campaign(500),
  );
  expect(takenApart).toBeGreaterThan(100);
});

test("bytes that are no UTF-8 are replaced as decoding the whole text would", () => {
  const part = fc.constantFrom<number[]>([0x61], [0x0a], [0xc3], [0xc3, 0xa9], [0xf0, 0x9f], [0xff], [0xef, 0xbb]);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 4 }), (parts, begin) => {
      const bytes = Buffer.concat([Buffer.alloc(300, "ascii\n"), Buffer.from(parts.flat()), Buffer.alloc(300, "\nascii")]);
      expect(linesOf(blockOf(bytes, begin), "replace")).toEqual(bytes.toString("utf8").split("\n"));
    }),
    campaign(300),
  );
});
