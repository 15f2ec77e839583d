import { isUtf8 } from "node:buffer";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quotedEnds } from "../../io/csv/quoted-ends.ts";
import { csvSpec } from "../../io/csv/read-csv.ts";
import type { BrokenRecord } from "../../io/files/broken-record.ts";
import type { ReadRecord } from "../../io/files/record-chunk.ts";
import { outcomeSource, type InnerSizes, type RecordSourceSpec } from "../../io/files/record-source.ts";
import { jsonLinesSpec } from "../../io/json-lines/read-json-lines.ts";
import { readText, textSpec } from "../../io/text/read-text.ts";
import { smallSizes, stops } from "./support/arbitraries.ts";
import { campaign } from "./support/campaign.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder } from "./support/files.ts";
import { readAll, readStopped, readUpTo } from "./support/trackers.ts";
import { sourceContext } from "../support/source-context.ts";

const folder = temporaryFolder();
const file = filesIn(folder);

/** Where a broken record starts, what is in it, and what is wrong: what tests compare. */
type Outcome = { readonly value: unknown } | readonly [offset: number, bytes: string, code: string];

const outcomeOf = (record: ReadRecord<unknown>): Outcome =>
  "value" in record
    ? record
    : [record.broken.offset, Buffer.from(record.broken.bytes).toString("latin1"), record.broken.error.code as string];

/** All that a read with dead letters gives, split and stopped as it may be. */
async function outcomes<T>(
  spec: RecordSourceSpec<T>,
  sizes: InnerSizes = {},
  parts = 1,
  stopped: Parameters<typeof readStopped>[2] = [],
): Promise<readonly Outcome[]> {
  const source = outcomeSource(spec, "all", sizes);
  const records: ReadRecord<T>[] = [];
  for (const part of await source.split(await source.restriction(sourceContext), parts))
    records.push(...(await readStopped(source, part, stopped)));
  return records.map(outcomeOf);
}

/** The lines of a file with the bytes where they start, from scratch. */
function linesIn(bytes: Buffer): readonly { readonly offset: number; readonly line: Buffer }[] {
  const found: { offset: number; line: Buffer }[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const end = bytes.indexOf("\n", offset);
    const next = end < 0 ? bytes.length : end + 1;
    const begin = offset === 0 && bytes.indexOf("\uFEFF") === 0 ? 3 : offset;
    const isBroken = end > begin && bytes[end - 1] === 0x0d;
    const line = bytes.subarray(begin, end < 0 ? next : isBroken ? end - 1 : end);
    if (begin < next) found.push({ offset, line });
    offset = next;
  }
  return found;
}

const rawContent = fc
  .array(
    fc.constantFrom("a", "bc", "long line", "\n", "\n", "\n", "\r\n", "é", "€", "\uFEFF", Buffer.from([0xff]), Buffer.from([0xe2, 0x82])),
    {
      maxLength: 40,
    },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));

test("every line is read once or is a dead letter once, in order, however the file is split, read and stopped", async () => {
  await fc.assert(
    fc.asyncProperty(
      rawContent,
      smallSizes,
      fc.integer({ min: 1, max: 20 }),
      stops,
      fc.integer({ min: 1, max: 30 }),
      async (bytes, sizes, parts, stopped, maxLineBytes) => {
        const spec = textSpec(file(bytes, "property.txt"), { onError: "deadLetter", maxLineBytes });
        const expected = linesIn(bytes).map(({ offset, line }): Outcome => {
          if (line.length > maxLineBytes) return [offset, line.subarray(0, maxLineBytes).toString("latin1"), "READ_FAILED"];
          return isUtf8(line) ? { value: line.toString("utf8") } : [offset, line.toString("latin1"), "NOT_DECODABLE"];
        });
        expect(await outcomes(spec, sizes, parts, stopped)).toEqual(expected);
      },
    ),
    campaign(800),
  );
});

test("lines of JSON that is broken, nested too deep or too long are dead letters, and the others are read", async () => {
  const lines = ['{"a":1}', "{", "", "[[[1]]]", "[[1]]", `"${"x".repeat(50)}"`, "2"];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...lines), { maxLength: 12 }),
      fc.constantFrom("\n", "\r\n"),
      smallSizes,
      stops,
      async (chosen, end, sizes, stopped) => {
        const path = file(chosen.map((line) => line + end).join(""), "property.jsonl");
        const expected: Outcome[] = [];
        let offset = 0;
        for (const line of chosen) {
          if (line.length > 40) expected.push([offset, line.slice(0, 40), "READ_FAILED"]);
          else if (line === "{" || line === "[[[1]]]") expected.push([offset, line, "NOT_DECODABLE"]);
          else if (line !== "") expected.push({ value: JSON.parse(line) });
          offset += line.length + end.length;
        }
        const spec = jsonLinesSpec(path, { onError: "deadLetter", maxDepth: 2, maxLineBytes: 40 });
        expect(await outcomes(spec, sizes, 3, stopped)).toEqual(expected);
      },
    ),
    campaign(300),
  );
});

test.each([true, false])(
  "rows that are broken are dead letters, and the others are read, with quotedNewlines: %s",
  async (quotedNewlines) => {
    const bad = ['5" screen,b', "one", "a,b,c", '"a"x,b', `${"y".repeat(60)},b`];
    const good = new Map<string, readonly [string, string]>([
      ["a,b", ["a", "b"]],
      ['"a, ""b""",c', ['a, "b"', "c"]],
      ["é,", ["é", ""]],
      ...(quotedNewlines ? ([['"two\nlines",b', ["two\nlines", "b"]]] as const) : []),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...bad, ...good.keys(), ""), { maxLength: 12 }),
        fc.boolean(),
        smallSizes,
        stops,
        async (chosen, isMarked, sizes, stopped) => {
          const head = `${isMarked ? "\uFEFF" : ""}"x",y\n`;
          const path = file(head + chosen.map((row) => `${row}\n`).join(""), "property.csv");
          const expected: Outcome[] = [];
          let offset = Buffer.byteLength(head);
          for (const row of chosen) {
            const values = good.get(row);
            if (row.length > 50) expected.push([offset, row.slice(0, 50), "READ_FAILED"]);
            else if (values !== undefined) expected.push({ value: { x: values[0], y: values[1] } });
            else if (row !== "") expected.push([offset, row, "NOT_DECODABLE"]);
            offset += Buffer.byteLength(row) + 1;
          }
          const spec = csvSpec(path, { onError: "deadLetter", quotedNewlines, maxRowBytes: 50 });
          expect(await outcomes(spec, sizes, 3, stopped)).toEqual(expected);
        },
      ),
      campaign(300),
    );
  },
);

test("a quote that is never closed takes what follows with it, up to the next quote", async () => {
  const text = 'x,y\n1,a\n"2,b\n3,c\n4,"d"\n5,e\n';
  const read = (options: { readonly quotedNewlines?: boolean }) => outcomes(csvSpec(file(text), { onError: "deadLetter", ...options }));
  expect(await read({})).toEqual([{ value: { x: "1", y: "a" } }, [8, '"2,b\n3,c\n4,"d"', "NOT_DECODABLE"], { value: { x: "5", y: "e" } }]);
  expect(await read({ quotedNewlines: false })).toEqual([
    { value: { x: "1", y: "a" } },
    [8, '"2,b', "NOT_DECODABLE"],
    { value: { x: "3", y: "c" } },
    { value: { x: "4", y: "d" } },
    { value: { x: "5", y: "e" } },
  ]);
});

test("a delimiter of several bytes is found in a row that is too long to be kept", async () => {
  const long = `${"a".repeat(100)}→"b\n${"c".repeat(100)}"`;
  const path = file(`x→y\n${long}\n1→2\n`);
  const spec = csvSpec(path, { onError: "deadLetter", delimiter: "→", maxRowBytes: 20 });
  const expected = [[6, "a".repeat(20), "READ_FAILED"], { value: { x: "1", y: "2" } }];
  for (let readBytes = 1; readBytes < 30; readBytes++) expect(await outcomes(spec, { readBytes })).toEqual(expected);
});

test("of a line that is too long no more is held than is allowed, and what is behind it is read", async () => {
  const path = file(gzipSync(`first\n${"x".repeat(20_000_000)}\nlast\n`), "long.gz");
  const before = process.memoryUsage().arrayBuffers;
  const read = await outcomes(textSpec(path, { onError: "deadLetter", maxLineBytes: 1_000 }));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  expect(read).toEqual([{ value: "first" }, [6, "x".repeat(1_000), "READ_FAILED"], { value: "last" }]);
});

test("a dead letter has the file, and what an error would say", async () => {
  const path = file("{}\n{]\n");
  const [, broken] = (await readAll(outcomeSource(jsonLinesSpec(path), "all"))) as readonly { readonly broken: BrokenRecord }[];
  expect(broken!.broken).toMatchObject({ path, offset: 3, bytes: new Uint8Array([0x7b, 0x5d]) });
  expect(broken!.broken.error.message).toContain('a line is no JSON: "{]"');
});

test("what has no event time is a dead letter, and the others have theirs", async () => {
  const spec = textSpec(file("1\nx\n3\n"), { onError: "deadLetter", timestampOf: Number });
  const source = outcomeSource(spec, "all");
  const [part] = await source.split(await source.restriction(sourceContext), 1);
  const { values, timestamps } = await readUpTo(source, part!);
  expect(values.map(outcomeOf)).toEqual([{ value: "1" }, [2, "x", "BAD_TIMESTAMP"], { value: "3" }]);
  expect([timestamps[0], timestamps[2]]).toEqual([1, 3]);
});

test("where only bytes that are no UTF-8 are dead letters, other broken lines fail the run", async () => {
  const path = file(Buffer.from([0x31, 0x0a, 0xff, 0x0a, 0x7b, 0x0a]));
  const error = await errorOf(() => readAll(outcomeSource(jsonLinesSpec(path, { invalidUtf8: "deadLetter" }), "noUtf8")));
  expect(error.code).toBe("NOT_DECODABLE");
  expect(error.parts.at).toBe(`${path}, line 3 (byte 4)`);
});

test("bytes that are replaced are no dead letters", async () => {
  const path = file(Buffer.from([0x61, 0xff]));
  expect(await outcomes(textSpec(path, { onError: "deadLetter", invalidUtf8: "replace" }))).toEqual([{ value: "a\uFFFD" }]);
});

test("a file that names its columns twice fails the run all the same, as no row of it can be read", async () => {
  const error = await errorOf(() => outcomes(csvSpec(file("x,x\n1,2\n"), { onError: "deadLetter" })));
  expect(error.parts.what).toBe("the first row names a column twice");
});

test.each([{ onError: "skip" }, { invalidUtf8: "deadletter" }])("%o is no way to read", async (options) => {
  const error = await errorOf(() => readText("a.txt", options as unknown as { readonly onError: "deadLetter" }));
  expect(error.code).toBe("BAD_ARGUMENT");
});

test("a row is followed over many buffers to where it ends in one", () => {
  const parts = ["a", ",", "→", '"', '"', "\n", "\uFEFF", Buffer.from([0x92])];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...parts)),
      fc.constantFrom(",", "→"),
      fc.integer({ min: 3, max: 9 }),
      (chosen, delimiter, size) => {
        const bytes = Buffer.concat(chosen.map((part) => Buffer.from(part)));
        const { first, follow } = quotedEnds({ quote: '"', delimiter });
        const next = follow();
        let found = -1;
        for (let at = 0; at < bytes.length && found < 0; at += size) {
          const end = next(bytes.subarray(at, at + size), 0, Math.min(size, bytes.length - at));
          if (end >= 0) found = at + end;
        }
        expect(found).toBe(first(bytes, 0, bytes.length, 0));
      },
    ),
    campaign(1_000),
  );
});
