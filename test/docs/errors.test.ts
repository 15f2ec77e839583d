import ts from "typescript";
import { describe, expect, test } from "vitest";
import { modulesIn, textOf } from "../support/repository.ts";

const sections = textOf("docs/errors.md")
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ code: section.slice(0, section.indexOf("\n")), text: section.slice(section.indexOf("\n")) }));

/** The union of codes, as its source lists it. */
const [, union = ""] = /type PipelineErrorCode =\n((?: {2}\| "\w+"\n?)+);/.exec(textOf("sdk/errors.ts")) ?? [];
const codes = Array.from(union.matchAll(/"(\w+)"/g), ([, code]) => code!);

test("the page of errors has every code, in order", () => {
  expect(codes).toContain("STEP_FAILED");
  expect(sections.map(({ code }) => code)).toEqual(codes);
});

test("codes stand in alphabetical order", () => {
  expect(codes.filter((code, i) => i > 0 && codes[i - 1]! >= code)).toEqual([]);
});

describe.each(sections)("$code", ({ code, text }) => {
  const [meaning = "", example = "", advice = ""] = text.split(/^```$/m);

  test("says what it means, shows a text and says what to do", () => {
    expect(meaning.trim()).toMatch(/\.$/);
    expect(example).toMatch(new RegExp(`^\\n${code}: [^\\n]+\\.\\n`));
    expect(advice.trim()).toMatch(/\.$/);
  });

  test("shows texts that the sources have", () => {
    const [, what] = /: (.+?)(?: at ".*")?\.\n/.exec(example) ?? [];
    const [, fix] = /^ {2}fix: (.+)$/m.exec(example) ?? [];
    expect([what, fix].filter((shown) => shown !== undefined && !isInSources(shown))).toEqual([]);
  });
});

// The check above sees nothing where this one fails.
test("a text that the sources do not have would be noticed", () => {
  expect(isInSources("two steps have one name")).toBe(false);
});

/** The texts in the sources, those with parts put in as patterns. One of a few characters would fit anything. */
const patterns = modulesIn("sdk", "runners", "io").flatMap((path) => textsIn(path).filter((parts) => parts.join("").length >= 10));

/** Whether a text, or what stands before its first colon, is in the sources. */
function isInSources(shown: string): boolean {
  const candidates = [shown, shown.split(": ")[0]!];
  return patterns.some((parts) => candidates.some((text) => new RegExp(`^${parts.map(escaped).join(".+")}$`).test(text)));
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** The texts of a module, each as the parts around what is put in. */
function textsIn(path: string): readonly (readonly string[])[] {
  const texts: (readonly string[])[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push([node.text]);
    if (ts.isTemplateExpression(node)) texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest));
  return texts;
}
