import { definePipeline, tap } from "millrace";
import { smoke } from "./config.ts";
import { queries } from "./queries/index.ts";
import { nexmarkEvents } from "./source.ts";

/** A query over the events of the generator, whose results are only counted; with `none`, the events. */
export default definePipeline(
  import.meta.url,
  { options: { query: { type: "string", required: true }, config: { type: "string", default: "{}" } } },
  (p, { query: name, config: given }) => {
    const config = { ...smoke, ...(JSON.parse(given) as Partial<typeof smoke>) };
    const chosen = queries.find((each) => each.name === name);
    const events = p.apply("Events", nexmarkEvents(config));
    const results = chosen === undefined ? events : events.apply("Query", chosen.query(config, p));
    results.apply(
      "Count",
      tap(() => {}),
    );
  },
);
