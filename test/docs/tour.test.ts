import { expect, test } from "vitest";
import { textOf } from "../support/repository.ts";
import { blocksOf, proseOf } from "./markdown.ts";

const page = "docs/guides/nexmark.md";
const withoutSpace = (text: string): string => text.replaceAll(/\s/g, "");

const files = [...proseOf(page).matchAll(/\]\(\.\.\/\.\.\/(test\/bench\/nexmark\/queries\/[\w-]+\.ts)\)/g)].map(([, file]) => file!);

test("the tour by Nexmark shows what the files of the queries have, all of them", () => {
  const blocks = blocksOf(page);
  expect(files).toHaveLength(blocks.length);
  expect(blocks.length).toBeGreaterThan(12);
  blocks.forEach(({ text }, i) => {
    const code = withoutSpace(textOf(files[i]!));
    for (const part of text.split(/\n\n(?=export|const)/)) expect(code).toContain(withoutSpace(part));
  });
});
