import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { minutes } from "millrace";
import { describe, expect, test } from "vitest";
import userSessions from "../../docs/examples/user-sessions.ts";
import { ownFolder } from "../support/runs.ts";
import { jsonLinesIn, runnersOfExamples, sortedTexts } from "./support.ts";

const row = (user: string, from: string, seconds: number, pages: number) => ({ user, from: `2024-05-0${from}:00.000Z`, seconds, pages });

describe.each(runnersOfExamples)("user-sessions.ts on %s", (_, runner) => {
  test.each([
    [
      "half an hour",
      minutes(30),
      // bob is away for exactly half an hour, so that is the end of his first session.
      [
        row("ann", "1T09:00", 3_600, 4),
        row("ann", "1T12:00", 0, 1),
        row("bob", "1T09:05", 0, 1),
        row("bob", "1T09:35", 0, 1),
        row("cem", "1T23:50", 1_200, 2),
      ],
    ],
    [
      "a quarter of an hour",
      minutes(15),
      [
        row("ann", "1T09:00", 720, 2),
        row("ann", "1T09:31", 0, 1),
        row("ann", "1T10:00", 0, 1),
        row("ann", "1T12:00", 0, 1),
        row("bob", "1T09:05", 0, 1),
        row("bob", "1T09:35", 0, 1),
        row("cem", "1T23:50", 0, 1),
        row("cem", "2T00:10", 0, 1),
      ],
    ],
  ])("gives the sessions of each user, with a gap of %s", async (_, gap, expected) => {
    const output = join(ownFolder(), "sessions.jsonl");
    await runner.run(userSessions, { output, gap });
    expect(sortedTexts(jsonLinesIn(output))).toEqual(sortedTexts(expected));
  });

  test("says which line has no time", async () => {
    const folder = ownFolder();
    const input = join(folder, "visits.jsonl");
    writeFileSync(input, '{"user":"ann","page":"/","at":"2024-05-01T09:00:00Z"}\n{"user":"ann","page":"/"}\n');
    const run = runner.run(userSessions, { input, output: join(folder, "sessions.jsonl") });
    await expect(run).rejects.toMatchObject({ code: "BAD_TIMESTAMP", message: expect.stringContaining("line 2") });
  });
});
