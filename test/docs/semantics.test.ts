import { join } from "node:path";
import { globSync } from "tinyglobby";
import { allModules } from "millrace/conformance";
import { expect, test } from "vitest";
import { knownGaps } from "../conformance/known-gaps.ts";
import { testsInFiles } from "../support/conformance-table.ts";
import { modulesIn, root, textOf } from "../support/repository.ts";
import { transcriptsIn } from "../support/transcripts/pipeline.ts";

/** What is cited: an id such as `PANE-07` or `PANE-37+`, or a name in quotation marks. */
const CITATION = /"[^"]+"|[A-Z]+-\d{2}\+?/g;

interface Rule {
  readonly id: string;
  readonly cites: readonly string[];
}

const page = textOf("docs/semantics.md");
const paragraphs = page.split("\n").filter((line) => /\*\*S\d+/.test(line));
const rules = paragraphs.map((line): Rule => {
  const [, id = ""] = /\*\*(S\d+)/.exec(line) ?? [];
  const [, cited = ""] = /\[((?:"[^"]+"|[A-Z]+-\d{2}\+?)(?:, (?:"[^"]+"|[A-Z]+-\d{2}\+?))*)\](?: \|)?$/.exec(line) ?? [];
  return { id, cites: cited.match(CITATION) ?? [] };
});

test("rules are numbered one after the other", () => {
  expect(rules.length).toBeGreaterThan(50);
  expect(rules.map(({ id }) => id)).toEqual(rules.map((_, i) => `S${i + 1}`));
});

test("rules that are referred to are there", () => {
  const ids = new Set(rules.map(({ id }) => id));
  expect([...page.matchAll(/\bS\d+\b/g)].map(([id]) => id).filter((id) => !ids.has(id))).toEqual([]);
});

test.each(rules)("$id says what proves it, and that is there", ({ cites }) => {
  expect(cites).not.toEqual([]);
  expect(cites.filter((cited) => !isThere(cited))).toEqual([]);
});

// The check above sees nothing where this one fails.
test("what is not there, or is known to fail, would be noticed", () => {
  expect(["PANE-99", "OUT-07/lazy", '"no such test"', '"silent"'].filter(isThere)).toEqual([]);
  expect(
    ["PANE-07", "GBK-10", "PANE-37+", '"silent finish"', '"the allowed lateness never shrinks"'].filter((each) => !isThere(each)),
  ).toEqual([]);
});

function isThere(cited: string): boolean {
  if (!cited.startsWith('"')) return passingIds().has(cited);
  const name = cited.slice(1, -1);
  return namesOfTests().some((pattern) => pattern.test(name));
}

/** The rows that cases and tests have, without those that are expected to fail. */
function passingIds(): ReadonlySet<string> {
  const inSuite = allModules.flatMap(({ cases }) => Object.keys(cases)).filter((id) => !(id in knownGaps));
  const inFiles = testsInFiles().filter(({ gap }) => gap === undefined);
  return new Set([...inSuite.map((id) => id.split("/")[0]!), ...inFiles.map(({ row }) => row)]);
}

/** The names of all tests and transcripts. What a table puts into a name may be anything. */
function namesOfTests(): readonly RegExp[] {
  const inFiles = modulesIn("test")
    .filter((path) => path.endsWith(".test.ts"))
    .flatMap((path) => [...textOf(path).matchAll(/(?:\btest|\))\(\s*(["'`])(.+?)\1,/g)].map(([, , name = ""]) => name));
  const folder = join(root, "test/transcripts");
  const transcripts = globSync("*.yaml", { cwd: folder }).flatMap((file) => transcriptsIn(join(folder, file)).map(({ name }) => name));
  // An id in front belongs to the row and not to the sentence.
  const names = [...inFiles.map((name) => name.replace(/^[A-Z]+-\d{2} /, "")), ...transcripts];
  // A name that is all table would be any name.
  const parts = names.map((name) => name.split(/%[sioj]|\$\w+/)).filter((own) => own.length === 1 || own.join("").length >= 15);
  return parts.map((own) => new RegExp(`^${own.map(escaped).join(".+")}$`));
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
