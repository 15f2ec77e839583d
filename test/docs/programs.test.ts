import ts from "typescript";
import { expect, test } from "vitest";
import { runProgram } from "../support/child.ts";
import { blocksOf, pages } from "./markdown.ts";

/** The blocks that run a pipeline of their own; those with names are files of another program. */
const programs = pages
  .flatMap((page) => blocksOf(page))
  .filter(({ language, note, text }) => language === "ts" && note === "" && /^await .*\.run\(/m.test(text));

const javaScriptOf = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText;

test.each(programs)("the program in $path, line $line, runs, and what it asserts holds", { timeout: 60_000 }, async ({ text }) => {
  expect(await runProgram(javaScriptOf(text))).toMatchObject({ code: 0, stderr: "" });
});

// The check above sees nothing where this one fails.
test("a program whose assertion does not hold would be noticed", { timeout: 60_000 }, async () => {
  const text = programs.find(({ path }) => path === "docs/state.md")!.text.replace('"tea 2"', '"tea 3"');
  expect(await runProgram(javaScriptOf(text))).toMatchObject({ code: 1, stderr: expect.stringContaining("ASSERTION_FAILED") });
});
