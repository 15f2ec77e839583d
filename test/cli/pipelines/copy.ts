import { definePipeline } from "millrace";
import { readText, writeText } from "millrace/io/text";

/** Writes what it reads. */
export default definePipeline(
  import.meta.url,
  { options: { input: { type: "string", required: true }, output: { type: "string", required: true } } },
  (p, { input, output }) => {
    p.apply("Read", readText(input)).apply("Write", writeText(output));
  },
);
