import { join } from "node:path";
import { describe, expect, test } from "vitest";
import gameScores from "../../docs/examples/game-scores.ts";
import { jsonLinesIn, runnersOfExamples, sortedTexts } from "./support.ts";
import { ownFolder } from "../support/runs.ts";
import liveScores from "./pipelines/live-scores.ts";

describe.each(runnersOfExamples)("game-scores.ts on %s", (_, runner) => {
  test("gives the points of each team and hour, once and on time, where the input ends", async () => {
    const output = join(ownFolder(), "scores.jsonl");
    await runner.run(gameScores, { output });
    const row = (team: string, hour: number, points: number) => ({
      team,
      hour: `2024-05-01T${hour}:00:00.000Z`,
      points,
      timing: "ON_TIME",
    });
    expect(sortedTexts(jsonLinesIn(output))).toEqual(
      sortedTexts([row("red", 18, 17), row("blue", 18, 9), row("red", 19, 2), row("blue", 19, 7), row("blue", 20, 1)]),
    );
  });

  test("gives early, on-time and late panes of a stream, each with all points so far", async () => {
    const output = join(ownFolder(), "scores.jsonl");
    const result = await runner.run(liveScores, { output });
    const row = (points: number, timing: string) => ({ team: "red", hour: "2024-05-01T18:00:00.000Z", points, timing });
    expect(sortedTexts(jsonLinesIn(output))).toEqual(sortedTexts([row(9, "EARLY"), row(10, "ON_TIME"), row(18, "LATE"), row(20, "LATE")]));
    expect(result.metrics({ name: "dropped_late", kind: "counter" })).toMatchObject([{ committed: 1 }]);
  });
});
