import { definePipeline, generate, map } from "millrace";
import { writeText } from "millrace/io/text";

/** Elements by the clock, for ever, into a file. It says when the first one has come. */
export default definePipeline(
  import.meta.url,
  { name: "ticking", options: { output: { type: "string", required: true } } },
  (p, { output }) => {
    p.apply(generate({ perSecond: 200 }))
      .apply(
        map((n) => {
          if (n === 0) console.log("running");
          return String(n);
        }),
      )
      .apply(writeText(output));
  },
);
