import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonLines } from "../../io/json-lines/parse-json-lines.ts";
import { jsonLinesSource } from "../../io/json-lines/read-json-lines.ts";
import { writeJsonLines } from "../../io/json-lines/write-json-lines.ts";
import { smallSizes, stops } from "./support/arbitraries.ts";
import { campaign } from "./support/campaign.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder } from "./support/files.ts";
import { write } from "./support/sinks.ts";
import { readAll, readStopped, readUpTo } from "./support/trackers.ts";
import { sourceContext } from "../support/source-context.ts";

const folder = temporaryFolder();
const file = filesIn(folder);

test("what is written is read again, however the file is split, read and stopped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 8 }), smallSizes, stops, async (values, sizes, stopped) => {
      const [path] = await write(writeJsonLines(join(folder, "property.jsonl"), { ifExists: "replace" }), values);
      const source = jsonLinesSource(path!, {}, sizes);
      const read: unknown[] = [];
      for (const part of await source.split(await source.restriction(sourceContext), 9))
        read.push(...(await readStopped(source, part, stopped)));
      expect(JSON.stringify(read)).toBe(JSON.stringify(values));
    }),
    campaign(100),
  );
});

test("blank lines have no value, and the times belong to the values", async () => {
  const path = file('\n{"t":1}\r\n \t\n\n{"t":2}\n\n{"t":3}\n\n');
  const source = jsonLinesSource<{ t: number }>(path, { timestampOf: ({ t }) => t });
  const [part] = await source.split(await source.restriction(sourceContext), 1);
  const { values, timestamps } = await readUpTo(source, part!);
  expect(values).toEqual([{ t: 1 }, { t: 2 }, { t: 3 }]);
  expect(timestamps).toEqual([1, 2, 3]);
  expect(await readAll(jsonLinesSource(file("\n\n")))).toEqual([]);
});

test("a line that is no JSON is an error that names its place and shows it cut short", async () => {
  const path = file(`\n{"a":1}\n\n{"a":${"x".repeat(500)}}\n`);
  const error = await errorOf(() => readAll(jsonLinesSource(path)));
  expect(error.code).toBe("NOT_DECODABLE");
  expect(error.parts.at).toBe(`${path}, line 4 (byte 10)`);
  expect(error.parts.got?.length).toBeLessThan(300);
  expect(error.cause).toBeInstanceOf(SyntaxError);
});

test("a time that is none is reported for the line of its value", async () => {
  const path = file('\n{"t":1}\n\n{"t":"2"}\n');
  const error = await errorOf(() => readAll(jsonLinesSource<{ t: number }>(path, { timestampOf: ({ t }) => t })));
  expect(error.code).toBe("BAD_TIMESTAMP");
  expect(error.parts.at).toBe(`${path}, line 4 (byte 10)`);
});

test("lines may be nested as deep as allowed and no deeper; brackets in text do not count", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  for (const line of [nested(5), objects(5), `[${nested(4)},${nested(4)}]`, `[${JSON.stringify(`\\"${nested(50)}`)},${nested(4)}]`]) {
    expect(parseJsonLines([line], 5).values).toHaveLength(1);
    expect(() => parseJsonLines([line], 4)).toThrow("nested deeper than 4 levels");
  }
});

test("a line is not too deep by default only because it is long", async () => {
  const value = Array.from({ length: 5_000 }, () => [{}]);
  expect(await readAll(jsonLinesSource(file(JSON.stringify(value))))).toEqual([value]);
  const deep = "[".repeat(501) + "]".repeat(501);
  expect((await errorOf(() => readAll(jsonLinesSource(file(deep))))).parts.what).toContain("deeper than 500");
});

test("a field named __proto__ is a field like any other", async () => {
  const line = '{"__proto__":{"admin":true},"constructor":1}';
  const [value] = await readAll(jsonLinesSource<object>(file(line)));
  expect(Object.keys(value!)).toEqual(["__proto__", "constructor"]);
  expect("admin" in value!).toBe(false);
  const [path] = await write(writeJsonLines(join(folder, "proto.jsonl")), [value]);
  expect(readFileSync(path!, "utf8")).toBe(`${line}\n`);
});

test.each([undefined, () => 1, Symbol("s"), 7n, { n: 7n }])("an element without a form in JSON is an error: %s", async (element) => {
  const error = await errorOf(() => write(writeJsonLines<unknown>(join(folder, "none.jsonl")), [element]));
  expect(error.code).toBe("NOT_ENCODABLE");
  expect(error.parts.at).toBe(join(folder, "none.jsonl"));
});

test("an element that contains itself is an error", async () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const error = await errorOf(() => write(writeJsonLines(join(folder, "none.jsonl")), [loop]));
  expect(error.code).toBe("NOT_ENCODABLE");
  expect(error.cause).toBeInstanceOf(TypeError);
});

test("null and texts with line ends are elements like others", async () => {
  const values = [null, "two\nlines\r\n", "", 0];
  const [path] = await write(writeJsonLines<unknown>(join(folder, "null.jsonl")), values);
  expect(await readAll(jsonLinesSource(path!), 3)).toEqual(values);
});
