import { countPerElement, definePipeline, flatMap, map, ptransform, type PCollection } from "millrace";
import { readText, writeText } from "millrace/io/text";

/**
 * Counts the words of lines. A word is a run of letters and apostrophes, in lower case.
 *
 * Shape: `PCollection<string>` of lines → `PCollection<string>`, one line `word<TAB>count` for each word, in any order.
 */
export const countWords = ptransform("CountWords", (lines: PCollection<string>) =>
  lines
    .apply(
      "Words",
      flatMap((line) => line.toLowerCase().match(/[\p{L}']+/gu) ?? []),
    )
    .apply("Count", countPerElement())
    .apply(
      "Format",
      map(([word, n]) => `${word}\t${n}`),
    ),
);

/**
 * Counts the words of text files into one file:
 * `npx millrace run docs/examples/word-count.ts -- --input 'texts/*.txt' --output counts.txt`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", required: true, help: "what to read: a file, or a glob such as 'texts/*.txt'" },
      output: { type: "string", required: true, help: "the file to write, lines of word<TAB>count in any order" },
      replace: { type: "boolean", default: false, help: "replace the output if it exists, instead of failing" },
    },
  },
  (p, { input, output, replace }) => {
    p.apply("Read", readText(input))
      .apply(countWords)
      .apply("Write", writeText(output, { ifExists: replace ? "replace" : "error" }));
  },
);
