import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textSource } from "../../io/text/read-text.ts";
import { temporaryFolder } from "./support/folder.ts";
import { readAll, readStopped, readUpTo } from "./support/trackers.ts";

const folder = temporaryFolder();
let files = 0;

function fileOf(content: string | Uint8Array, name = `${files++}.txt`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Lines as they are understood: an end is LF or CRLF, a byte order mark at the start is none of the text. */
function linesIn(content: string): readonly string[] {
  const lines = content.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

const content = fc
  .array(fc.constantFrom("a", "bc", "\n", "\n", "\r", "\r\n", "é", "€", "😀", "\uFEFF", ""), { maxLength: 40 })
  .map((parts) => parts.join(""));
const sizes = fc.record({ readBytes: fc.integer({ min: 1, max: 20 }), blockBytes: fc.integer({ min: 1, max: 20 }) });
const stops = fc.array(fc.record({ claims: fc.integer({ min: 0, max: 4 }), skip: fc.integer({ min: 0, max: 6 }) }), { maxLength: 12 });

test("every line is read once and in order, however the file is split, read and stopped", async () => {
  await fc.assert(
    fc.asyncProperty(content, sizes, fc.integer({ min: 1, max: 50 }), stops, async (text, small, parts, stopped) => {
      const source = textSource(fileOf(text, "property.txt"), {}, { ...small, minPartBytes: 1 });
      const lines: string[] = [];
      for (const part of await source.split(await source.restriction(), parts)) lines.push(...(await readStopped(source, part, stopped)));
      expect(lines).toEqual(linesIn(text));
    }),
    { numRuns: 1_000 },
  );
});

test("a file in gzip gives the same lines, stopped or not", async () => {
  await fc.assert(
    fc.asyncProperty(content, sizes, stops, async (text, small, stopped) => {
      const source = textSource(fileOf(gzipSync(text), "property.txt.gz"), {}, small);
      const parts = await source.split(await source.restriction(), 4);
      expect(parts).toHaveLength(1);
      expect(await readStopped(source, parts[0]!, stopped)).toEqual(linesIn(text));
    }),
    { numRuns: 300 },
  );
});
void readAll;
void readUpTo;
