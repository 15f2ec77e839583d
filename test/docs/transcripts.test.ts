import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { directRunner } from "millrace/runners/direct";
import { ownFolder } from "../support/runs.ts";
import { replay } from "../support/transcripts/replay.ts";
import { blocksOf, pages } from "./markdown.ts";

const transcripts = pages.flatMap((page) => blocksOf(page)).filter(({ language }) => language === "yaml");

test("there is a transcript to look at", () => {
  expect(transcripts).not.toEqual([]);
});

test.each(transcripts)("the transcript of $path holds", async ({ text }) => {
  const file = join(ownFolder(), "block.yaml");
  writeFileSync(file, text);
  expect(await replay(directRunner(), file, 0)).toEqual([]);
});
