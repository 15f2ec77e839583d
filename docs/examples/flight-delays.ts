import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { combinePerKey, count, definePipeline, flatMap, keyBy, map, max, mean, ptransform, type PCollection } from "millrace";
import { writeCsv } from "millrace/io/csv";
import { readWholeFiles } from "millrace/io/text";

/** 200,000 flights in the United States. The package hands out its code only, so the file is found from there. */
const flights200k = join(dirname(createRequire(import.meta.url).resolve("vega-datasets")), "../data/flights-200k.json");

/** A flight as the files of vega-datasets have it: the large one with the time only, the others with date and airports. */
export interface Flight {
  /** In minutes; less than 0 for a flight that was early. */
  readonly delay: number;
  /** In miles. */
  readonly distance: number;
  /** When it left, in hours since midnight: 6.25 is a quarter past six. */
  readonly time?: number;
  /** When it left, such as `2001/01/01 06:15`. */
  readonly date?: string;
  /** The airport it left from, such as `LAX`. */
  readonly origin?: string;
}

/**
 * The delays of flights by origin and hour; where the origin is not known, by how far they went and hour.
 *
 * Shape: `PCollection<Flight>` → one row for each group of flights, in any order.
 */
export const flightDelays = ptransform("FlightDelays", (flights: PCollection<Flight>) =>
  flights
    .apply(
      "ByGroup",
      keyBy((flight) => [flight.origin ?? distanceOf(flight), hourOf(flight)] as const),
    )
    // Three results of one pass; a thread keeps these three numbers for each group, and no flights.
    .apply("Delays", combinePerKey({ flights: count(), mean: mean("delay"), max: max("delay") }))
    .apply(
      "Rows",
      map(([[group, hour], delays]) => ({ group, hour, ...delays, mean: Math.round(delays.mean * 100) / 100 })),
    ),
);

function distanceOf({ distance }: Flight): string {
  const from = Math.floor(distance / 500) * 500;
  return `${from}-${from + 499} miles`;
}

const hourOf = ({ time, date = "" }: Flight): number => (time === undefined ? Number(date.slice(11, 13)) : Math.floor(time));

/**
 * Writes the mean and the maximum delay of flights, in minutes, and how many there were, by origin and hour. The large file
 * does not say where its flights came from; flights-2k.json to flights-20k.json beside it do:
 * `npx millrace run docs/examples/flight-delays.ts -- --output delays.csv --input node_modules/vega-datasets/data/flights-20k.json`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", default: flights200k, help: "files with a JSON array of flights each" },
      output: { type: "string", required: true, help: "the CSV file to write" },
      replace: { type: "boolean", default: false, help: "replace the output if it exists, instead of failing" },
    },
  },
  (p, { input, output, replace }) => {
    // An array is one JSON value, which has no lines to read one by one.
    p.apply("Read", readWholeFiles(input))
      .apply(
        "Flights",
        flatMap(({ text }) => JSON.parse(text) as Flight[]),
      )
      .apply(flightDelays)
      .apply("Write", writeCsv(output, { columns: ["group", "hour", "flights", "mean", "max"], ifExists: replace ? "replace" : "error" }));
  },
);
