import { countPerElement, definePipeline, flatMap, map } from "millrace";
import { readText, writeText } from "millrace/io/text";

export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", required: true, help: "what to read: a file, a folder, or a glob" },
      output: { type: "string", default: "counts.txt", help: "the file to write" },
    },
  },
  (p, { input, output }) => {
    p.apply("Read", readText(input))
      .apply(
        "Words",
        flatMap((line) => line.toLowerCase().match(/[\p{L}']+/gu) ?? []),
      )
      .apply("Count", countPerElement())
      .apply(
        "Format",
        map(([word, n]) => `${word}: ${n}`),
      )
      .apply("Write", writeText(output, { ifExists: "replace" }));
  },
);
