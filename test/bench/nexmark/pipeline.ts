import { collect, definePipeline, reify, type Collected, type Reified } from "millrace";
import { smoke } from "./config.ts";
import { queries } from "./queries/index.ts";
import { nexmarkEvents } from "./source.ts";

/** Where the results are of the run that was started last. */
export let results: Collected<Reified<unknown>>;

/** A query over the events of the generator, as a module that threads can import. Its results are collected with their panes. */
export default definePipeline(
  import.meta.url,
  {
    options: {
      query: { type: "string", required: true },
      /** The knobs that differ from those of SMOKE, as JSON. */
      config: { type: "string", default: "{}" },
    },
  },
  (p, { query: name, config: given }) => {
    const config = { ...smoke, ...(JSON.parse(given) as Partial<typeof smoke>) };
    const { query } = queries.find((each) => each.name === name)!;
    results = p.apply("Events", nexmarkEvents(config)).apply("Query", query(config, p)).apply("Reify", reify()).apply("Results", collect());
  },
);
