import { expect, test } from "vitest";
import { parseTranscripts } from "../support/transcripts/parse.ts";
import { blocksOf, pages } from "./markdown.ts";

const transcripts = pages.flatMap((page) => blocksOf(page)).filter(({ language }) => language === "yaml");

test("there is a transcript to look at", () => {
  expect(transcripts).not.toEqual([]);
});

test.each(transcripts)("the transcript of $path is one", ({ path, text }) => {
  expect(parseTranscripts(text, path)).toHaveLength(1);
});
