import { join } from "node:path";
import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  combinePerKey,
  definePipeline,
  fixedWindows,
  hours,
  keyBy,
  map,
  minutes,
  ptransform,
  sum,
  windowInto,
  type IntervalWindow,
  type PCollection,
} from "millrace";
import { readJsonLines, writeJsonLines } from "millrace/io/json-lines";

const data = join(import.meta.dirname, "data");

/** What a player has scored. */
export interface Score {
  readonly player: string;
  readonly team: string;
  readonly points: number;
  /** When it was scored, such as `2024-05-01T18:00:07Z`; a phone without a net says so later. */
  readonly at: string;
}

/** The points of a team in an hour, as far as they are known. */
export interface TeamScore {
  readonly team: string;
  /** When the hour begins. */
  readonly hour: string;
  readonly points: number;
  /** `EARLY` before the hour is over, `ON_TIME` when it is, `LATE` for what came in afterwards. */
  readonly timing: string;
}

/**
 * The points of each team in each hour of event time: early every five minutes in which something came, once when the hour is
 * over, and again for each score that comes up to two hours late. Each result holds all the points so far, and replaces the one
 * before.
 *
 * Shape: `PCollection<Score>`, each at its time → `PCollection<TeamScore>`, one for each team, hour and pane, in any order.
 */
export const teamScores = ptransform("TeamScores", (scores: PCollection<Score>) =>
  scores
    .apply(
      "ByHour",
      windowInto(fixedWindows(hours(1)), {
        trigger: afterWatermark({ early: afterProcessingTime(minutes(5)), late: afterCount(1) }),
        accumulation: "accumulating",
        allowedLateness: hours(2),
      }),
    )
    .apply(
      "ByTeam",
      keyBy(({ team }) => team),
    )
    .apply("Points", combinePerKey(sum("points")))
    .apply(
      "Rows",
      map(([team, points], { window, pane }): TeamScore => {
        const { start } = window as IntervalWindow;
        return { team, hour: new Date(start).toISOString(), points, timing: pane.timing };
      }),
    ),
);

/**
 * Writes the points of each team in each hour. A file has an end, and its hours are over when it is read: so each hour comes once,
 * on time. What comes early and late of a stream, the tests show. Try it with the file beside it:
 * `npx millrace run docs/examples/game-scores.ts -- --output scores.jsonl`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", default: join(data, "scores.jsonl"), help: "files with a score as JSON in each line" },
      output: { type: "string", required: true, help: "the file to write, a team and hour as JSON in each line" },
      replace: { type: "boolean", default: false, help: "replace the output if it exists, instead of failing" },
    },
  },
  (p, { input, output, replace }) => {
    p.apply("Read", readJsonLines<Score>(input, { timestampOf: ({ at }) => Date.parse(at) }))
      .apply(teamScores)
      .apply("Write", writeJsonLines(output, { ifExists: replace ? "replace" : "error" }));
  },
);
