import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  combineGlobally,
  count,
  definePipeline,
  flatMap,
  hours,
  map,
  mean,
  ptransform,
  slidingWindows,
  windowInto,
  withTimestamps,
  type IntervalWindow,
  type PCollection,
} from "millrace";
import { writeCsv } from "millrace/io/csv";
import { readWholeFiles } from "millrace/io/text";

/** 20,000 flights in the United States in the first three months of 2001. */
const flights20k = join(dirname(createRequire(import.meta.url).resolve("vega-datasets")), "../data/flights-20k.json");

/** A flight as the files of vega-datasets have it that say when it left. */
export interface DatedFlight {
  /** In minutes; less than 0 for a flight that was early. */
  readonly delay: number;
  /** When it left, such as `2001/01/01 06:15`, in the time of its airport. */
  readonly date: string;
}

/** The data names no zone: what clocks showed at the airport is taken as UTC. */
const leftAt = ({ date }: DatedFlight): number => Date.parse(`${date.replaceAll("/", "-").replace(" ", "T")}Z`);

/**
 * The mean delay of the flights of three hours, for each hour on which three hours end.
 *
 * Shape: `PCollection<DatedFlight>` → one row for each window with a flight, in any order.
 */
export const hourlyDelays = ptransform("HourlyDelays", (flights: PCollection<DatedFlight>) =>
  flights
    .apply("WhenTheyLeft", withTimestamps(leftAt))
    .apply("ThreeHours", windowInto(slidingWindows(hours(3), hours(1))))
    // Which windows have no flights nobody knows, so there is no result for none.
    .apply("Delays", combineGlobally({ flights: count(), mean: mean("delay") }, { defaults: false }))
    .apply(
      "Rows",
      map((delays, { window }) => {
        const { start, end } = window as IntervalWindow;
        return { from: hourOf(start), to: hourOf(end), flights: delays.flights, mean: Math.round(delays.mean * 100) / 100 };
      }),
    ),
);

/** Such as `2001-01-01T06:00`. */
const hourOf = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

/**
 * Writes the mean delay of flights over the last three hours, hour by hour:
 * `npx millrace run docs/examples/hourly-delays.ts -- --output delays.csv`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", default: flights20k, help: "files with a JSON array of flights each" },
      output: { type: "string", required: true, help: "the CSV file to write" },
      replace: { type: "boolean", default: false, help: "replace the output if it exists, instead of failing" },
    },
  },
  (p, { input, output, replace }) => {
    p.apply("Read", readWholeFiles(input))
      .apply(
        "Flights",
        flatMap(({ text }) => JSON.parse(text) as DatedFlight[]),
      )
      .apply(hourlyDelays)
      .apply("Write", writeCsv(output, { columns: ["from", "to", "flights", "mean"], ifExists: replace ? "replace" : "error" }));
  },
);
