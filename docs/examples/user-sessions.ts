import { join } from "node:path";
import {
  combinePerKey,
  count,
  definePipeline,
  keyBy,
  map,
  minutes,
  ptransform,
  sessions,
  windowInto,
  type Duration,
  type IntervalWindow,
  type PCollection,
} from "millrace";
import { readJsonLines, writeJsonLines } from "millrace/io/json-lines";

const data = join(import.meta.dirname, "data");

/** A page that a user has looked at. */
export interface Visit {
  readonly user: string;
  readonly page: string;
  /** When, such as `2024-05-01T09:00:00Z`. */
  readonly at: string;
}

/**
 * The sessions of each user: visits with less than a gap between one and the next, whatever order they come in.
 *
 * Shape: `PCollection<Visit>`, each at its time → one row for each user and session, in any order.
 *
 * @param gap - how long a user has to be away for a session to be over, in ms.
 */
export const userSessions = (gap: Duration) =>
  ptransform("UserSessions", (visits: PCollection<Visit>) =>
    visits
      .apply("Sessions", windowInto(sessions(gap)))
      .apply(
        "ByUser",
        keyBy(({ user }) => user),
      )
      .apply("Pages", combinePerKey(count()))
      .apply(
        "Rows",
        map(([user, pages], { window }) => {
          // A session begins with the first visit, and ends a gap after the last.
          const { start, end } = window as IntervalWindow;
          return { user, from: new Date(start).toISOString(), seconds: (end - gap - start) / 1_000, pages };
        }),
      ),
  );

/**
 * Writes how long each user stayed, and how many pages they saw. Try it with the file beside it:
 * `npx millrace run docs/examples/user-sessions.ts -- --output sessions.jsonl --gap 10m`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", default: join(data, "visits.jsonl"), help: "files with a visit as JSON in each line" },
      output: { type: "string", required: true, help: "the file to write, a session as JSON in each line" },
      gap: { type: "duration", default: minutes(30), help: "how long a user is away when a session is over" },
      replace: { type: "boolean", default: false, help: "replace the output if it exists, instead of failing" },
    },
  },
  (p, { input, output, gap, replace }) => {
    p.apply("Read", readJsonLines<Visit>(input, { timestampOf: ({ at }) => Date.parse(at) }))
      .apply(userSessions(gap))
      .apply("Write", writeJsonLines(output, { ifExists: replace ? "replace" : "error" }));
  },
);
