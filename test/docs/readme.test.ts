import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { millrace } from "../cli/command.ts";
import { root, textOf } from "../support/repository.ts";
import { blocksOf, pages } from "./markdown.ts";

const blocks = blocksOf("README.md");
const named = (name: string): string => blocks.find(({ note }) => note === name)!.text;

/** The commands that pages show, without the comments behind them. */
const commandsOf = (page: string): readonly string[] =>
  blocksOf(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trimEnd().split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""));

test("the pipeline is one of the examples, to the letter", () => {
  expect(named("word-count.mjs")).toBe(textOf("docs/examples/readme.ts"));
});

test.each(pages)("%s shows commands that are there", (page) => {
  const { scripts } = JSON.parse(textOf("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
  const inCode = [...textOf(page).matchAll(/`(npm run [\w:]+|npm (?:start|test))/g)].map(([, command = ""]) => command);
  const all = [...commandsOf(page), ...inCode].flatMap((line) => line.split(" && "));
  const unknown = all.filter((command) => {
    const [program, verb = "", name = ""] = command.split(" ");
    if (program !== "npm") return !["npx", "node"].includes(program!);
    if (verb === "run") return !Object.hasOwn(scripts, name);
    return !["ci", "install"].includes(verb) && !Object.hasOwn(scripts, verb);
  });
  expect(unknown).toEqual([]);
});

describe("in a project", () => {
  let folder: string;
  const counts = (): Promise<readonly string[]> =>
    readFile(join(folder, "counts.txt"), "utf8").then((text) => text.trimEnd().split("\n").sort());
  const shown = named("counts.txt").trimEnd().split("\n");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-readme-"));
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules", "millrace"), "junction");
    for (const name of ["word-count.mjs", "main.mjs", "panes.mjs"]) await writeFile(join(folder, name), named(name));
    const [, poem = ""] = /Where `poem\.txt` is the line `(.+?)`/.exec(textOf("README.md")) ?? [];
    await writeFile(join(folder, "poem.txt"), `${poem}\n`);
  });
  beforeEach(() => rm(join(folder, "counts.txt"), { force: true }));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("the program prints what stands beside it, and leaves the lines that are shown", async () => {
    const [, state] = /console\.log\(.*\); \/\/ (.*)/.exec(named("main.mjs")) ?? [];
    expect(await printed("main.mjs")).toBe(`${state}\n`);
    expect(await counts()).toEqual(shown);
  });

  test("the panes of a stream are those that are shown", async () => {
    expect(await printed("panes.mjs")).toBe(named("panes.txt"));
  });

  const commands = commandsOf("README.md").filter((line) => line.startsWith("npx millrace "));
  const runs = commands.filter((line) => line.startsWith("npx millrace run ") && !line.endsWith("--help"));

  test.each(runs)("%s leaves the lines that are shown", { timeout: 60_000 }, async (line) => {
    expect(await millrace(line.split(" ").slice(2), { cwd: folder })).toMatchObject({ code: 0 });
    expect(await counts()).toEqual(shown);
  });

  test.each(commands.filter((line) => !runs.includes(line)))("%s prints something", { timeout: 60_000 }, async (line) => {
    expect(await millrace(line.split(" ").slice(2), { cwd: folder })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S/) });
  });

  /** What a program prints that is started as it is said, with the library read from its sources. */
  function printed(program: string): Promise<string> {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    return new Promise((resolve, reject) => {
      execFile(process.execPath, ["--conditions=millrace-source", "--import", tsx, program], { cwd: folder }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr, { cause: error }));
      });
    });
  }
});
