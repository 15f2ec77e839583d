import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  afterCount,
  afterFirst,
  afterProcessingTime,
  afterWatermark,
  asyncMap,
  days,
  defaultTrigger,
  fixedWindows,
  groupByKey,
  iterableCoder,
  keyBy,
  ptransform,
  reify,
  seconds,
  windowInto,
  withKeys,
  type Instant,
  type Pane,
  type PCollection,
} from "millrace";
import { eventCoder, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** A file of the log. */
interface LogFile {
  readonly name: string;
  readonly events: number;
}

/** The files of a window. */
export interface Index {
  readonly end: Instant;
  readonly files: readonly LogFile[];
}

/** So many files are written at once. */
const CONCURRENCY = 4;

const TIMINGS: Readonly<Record<Pane["timing"], string>> = { EARLY: "E", ON_TIME: "O", LATE: "L", UNKNOWN: "U" };

const nameOf = (end: Instant, shard: number, { timing, index }: Pick<Pane, "timing" | "index">): string =>
  `LOG-${end}-${shard}-${index}-${TIMINGS[timing]}`;

/** Any number that is the same for the same event. */
const hashOf = ({ dateTime, extra }: Event): number => dateTime + extra.length;

/** What a file of the log holds: events as their coder writes them, as in Beam's suite. */
export const logCoder = iterableCoder(eventCoder);

async function write(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), content);
}

/** q10: all events in files, one for each pane of a shard, and for each window an index of its files. */
export const logToShards: Query = {
  name: "q10",
  query: ({ windowSize, maxLogEvents, logShards, logFolder }) =>
    ptransform("LogToShards", (events: PCollection<Event>) =>
      events
        .apply(
          "ByShard",
          keyBy((event) => hashOf(event) % logShards),
        )
        .apply(
          "Window",
          windowInto(fixedWindows(windowSize), {
            trigger: afterWatermark({
              early: afterCount(maxLogEvents),
              late: afterFirst(afterCount(maxLogEvents), afterProcessingTime(seconds(10))),
            }),
            accumulation: "discarding",
            allowedLateness: days(1),
          }),
        )
        .apply("Shards", groupByKey())
        .apply("Panes", reify())
        .apply(
          "Write",
          asyncMap(
            async ({ value: [shard, all], window, pane }): Promise<LogFile> => {
              const logged = [...all];
              const name = nameOf(window.maxTimestamp, shard, pane);
              await write(logFolder, name, logCoder.encode(logged));
              return { name, events: logged.length };
            },
            { concurrency: CONCURRENCY },
          ),
        )
        .apply(
          "Rewindow",
          windowInto(fixedWindows(windowSize), { trigger: defaultTrigger(), accumulation: "accumulating", allowedLateness: days(1) }),
        )
        .apply("Together", withKeys(undefined))
        .apply("Files", groupByKey())
        .apply("Whole", reify())
        .apply(
          "Index",
          asyncMap(
            async ({ value: [, given], window }): Promise<Index> => {
              const files = [...given].toSorted((a, b) => (a.name < b.name ? -1 : 1));
              await write(logFolder, `INDEX-${window.maxTimestamp}`, JSON.stringify(files));
              return { end: window.maxTimestamp, files };
            },
            { concurrency: CONCURRENCY },
          ),
        ),
    ),
  /** Without early panes. */
  byHand(events, { windowSize, logShards }) {
    const counts = new Map<Instant, Map<number, number>>();
    for (const event of events) {
      const end = (Math.floor(event.dateTime / windowSize) + 1) * windowSize - 1;
      let shards = counts.get(end);
      if (shards === undefined) counts.set(end, (shards = new Map()));
      const shard = hashOf(event) % logShards;
      shards.set(shard, (shards.get(shard) ?? 0) + 1);
    }
    return [...counts].map(([end, shards]): Index => {
      const files = Array.from(shards, ([shard, count]) => ({ name: nameOf(end, shard, { timing: "ON_TIME", index: 0 }), events: count }));
      return { end, files: files.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  },
};
