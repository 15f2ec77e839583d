import { collect, definePipeline, groupByKey, map, reify, withKeys, type PCollection, type PTransform } from "millrace";
import { windowedAs } from "../../support/stream-scenarios.ts";
import { streamsOf } from "../../support/two-streams.ts";
import { elementWise } from "./element-wise.ts";
import { ends } from "./ends.ts";
import { groupings } from "./groupings.ts";
import type { Program, Scenario } from "./program.ts";

/** A program for each transform of the library, by the name of its export and, where it has several forms, a word for the form. */
export const programs: Readonly<Record<string, Program>> = { ...elementWise, ...groupings, ...ends };

/** What is compared of an output. Whether a pane is the last one depends on the watermark, which parts of a source move as they are read. */
const factsOf = ({ isExact }: Program): PTransform<PCollection<unknown>, PCollection<unknown>> =>
  isExact ? reify() : map((value, { window, timestamp }) => [value, window, timestamp]);

/** A program on a scenario, which is written as JSON so that every thread has it. */
export default definePipeline(
  import.meta.url,
  { options: { program: { type: "string", required: true }, scenario: { type: "string", required: true } } },
  (p, { program, scenario }) => {
    const { windowing, happenings } = JSON.parse(scenario) as Scenario;
    const streams = p.apply("Streams", streamsOf(happenings));
    const left = streams.left.apply("Left", windowedAs(windowing));
    const right = streams.right.apply("Right", windowedAs(windowing));
    programs[program]!.build({ p, left, right, windowing, happenings }).forEach((output: PCollection<unknown>, i) => {
      output.apply(`Facts${i}`, factsOf(programs[program]!)).apply(`Result${i}`, collect());
      output.apply(`Keys${i}`, withKeys("all")).apply(`Panes${i}`, groupByKey());
    });
  },
);
