import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { match } from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { smoke } from "../bench/nexmark/config.ts";
import type { Event } from "../bench/nexmark/model.ts";
import nexmark from "../bench/nexmark/pipeline.ts";
import { logCoder, type Index } from "../bench/nexmark/queries/log-to-shards.ts";
import { eventsOf } from "../bench/nexmark/source.ts";
import { differenceOf } from "../support/multisets.ts";
import { ownFolder, runners } from "../support/runs.ts";

const eventsIn = (path: string): readonly Event[] =>
  pipe(
    logCoder.decode(readFileSync(path)),
    match(
      ({ message }) => expect.fail(message),
      (events) => [...events],
    ),
  );

const indexIn = (path: string): Index["files"] => JSON.parse(readFileSync(path, "utf8")) as Index["files"];

describe.each(runners)("the log of events in shards on %s", (_, make) => {
  test.each([
    ["when windows end", 100_000, /^LOG-\d+-[0-4]-0-O$/],
    ["early, too", 100, /^LOG-\d+-[0-4]-\d+-[EO]$/],
  ])("has each event once, in files that its indexes list, written %s", async (_, maxLogEvents, pattern) => {
    const logFolder = ownFolder();
    // 30 s of events.
    const config = { events: 3_000, rate: 100, numEventGenerators: 4, maxLogEvents, logFolder };
    await make().run(nexmark, { query: "q10", config: JSON.stringify(config) });
    const names = readdirSync(logFolder);
    const logs = names.filter((name) => name.startsWith("LOG-"));
    for (const name of logs) expect(name).toMatch(pattern);
    expect(logs.some((name) => name.endsWith("E"))).toBe(maxLogEvents === 100);
    const all = logs.flatMap((name) => eventsIn(join(logFolder, name)));
    expect(differenceOf(all, eventsOf({ ...smoke, ...config }))).toBeUndefined();
    const indexes = names.filter((name) => name.startsWith("INDEX-"));
    expect(indexes).toHaveLength(3);
    const listed = indexes.flatMap((name) => indexIn(join(logFolder, name)));
    expect(listed.map(({ name }) => name).toSorted()).toEqual(logs.toSorted());
    for (const { name, events } of listed) expect(eventsIn(join(logFolder, name))).toHaveLength(events);
  });
});
