import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { create, type PCollection, type Pipeline, type PTransform } from "../../sdk/index.ts";
import { writeCsv } from "../../io/csv/write-csv.ts";
import { writeJsonLines } from "../../io/json-lines/write-json-lines.ts";
import { writeText } from "../../io/text/write-text.ts";
import { localRunners, ownFolder, runners } from "../support/runs.ts";
import { run } from "../support/scenarios.ts";
import { errorOf } from "./support/errors.ts";

type Write = PTransform<PCollection<string>, PCollection<string>>;

const twice =
  (first: Write, second: Write) =>
  (p: Pipeline): void => {
    p.apply("A", create(["a"])).apply("First", first);
    p.apply("B", create(["b"])).apply("Second", second);
  };

const fileOf = (text: string): string => `${text}.txt`;

describe.each(localRunners)("on %s", (_, make) => {
  test.each<readonly [string, (path: string) => readonly [Write, Write]]>([
    ["one file", (path) => [writeText(path), writeText(path)]],
    ["one file that is named in two ways", (path) => [writeText(path), writeText(relative(process.cwd(), path), { ifExists: "replace" })]],
    ["one file in two formats", (path) => [writeJsonLines(path), writeText(path)]],
    ["the same shards", (path) => [writeText(path, { shards: 2 }), writeText(path, { shards: 2 })]],
    ["a file and a folder of one name", (path) => [writeText(path), writeText(path, { fileOf })]],
    ["a folder of which one replaces files", (path) => [writeText(path, { fileOf }), writeText(path, { fileOf, ifExists: "replace" })]],
    [
      "a folder of which the other replaces files",
      (path) => [writeText(path, { fileOf, ifExists: "replace" }), writeText(path, { fileOf })],
    ],
  ])("two steps that write to %s are refused before anything runs", async (_name, writes) => {
    const path = join(ownFolder(), "out");
    const error = await errorOf(() => make().run(twice(...writes(path))));
    expect(error).toMatchObject({ code: "DUPLICATE_SINK", parts: { at: "Second/Files", got: expect.stringContaining('"First/Files"') } });
    expect(error.parts.got).toContain(path);
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  test("steps that write to files of their own are not", async () => {
    const folder = ownFolder();
    await make().run((p) => {
      const rows = p.apply("A", create(["a"]));
      rows.apply(writeText(join(folder, "1.txt")));
      rows.apply(writeText(join(folder, "2.txt"), { shards: 1 }));
      rows.apply(writeText(join(folder, "2.txt"), { shards: 2 }));
      rows.apply(writeText(folder, { fileOf }));
      rows.apply(writeText(folder, { fileOf: (text) => `other ${text}.txt` }));
      p.apply("B", create([{ x: 1 }])).apply(writeCsv(join(folder, "3.csv")));
    });
    expect(readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "1.txt",
      "2-00000-of-00001.txt",
      "2-00000-of-00002.txt",
      "2-00001-of-00002.txt",
      "3.csv",
      "a.txt",
      "other a.txt",
    ]);
  });

  test("a name that two steps give in one folder fails the run, and nothing is replaced", async () => {
    const folder = ownFolder();
    const write = writeText(folder, { fileOf: () => "same.txt" });
    const error = await errorOf(() => make().run(twice(write, write)));
    expect(error).toMatchObject({ code: "ALREADY_EXISTS", parts: { at: `Second/Files, ${join(folder, "same.txt")}` } });
    expect(readFileSync(join(folder, "same.txt"), "utf8")).toBe("a\n");
  });
});

test.each(runners)("the %s refuses it too for a pipeline that is a module", async (_, make) => {
  const error = await errorOf(() => run(make(), "oneFile", join(ownFolder(), "out.txt")));
  expect(error.code).toBe("DUPLICATE_SINK");
});
