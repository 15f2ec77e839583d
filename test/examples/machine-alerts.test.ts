import { join } from "node:path";
import { minutes, type Pipeline } from "millrace";
import { at, testStream } from "millrace/testing";
import { describe, expect, test } from "vitest";
import machineAlerts, { machineAlerts as alertsOf, type Heartbeat } from "../../docs/examples/machine-alerts.ts";
import { collectedBy, localRunners, ownFolder } from "../support/runs.ts";
import { jsonLinesIn, runnersOfExamples, sortedTexts } from "./support.ts";

const alert = (machine: string, what: string, time: string) => ({ machine, what, at: `2024-05-01T${time}:00.000Z` });

describe.each(runnersOfExamples)("machine-alerts.ts on %s", (_, runner) => {
  test.each([
    [
      "five minutes",
      {},
      [
        alert("oven-2", "hot", "08:09"),
        alert("press-1", "silent", "08:09"),
        alert("press-1", "back", "08:15"),
        alert("press-1", "silent", "08:22"),
        alert("oven-2", "silent", "08:23"),
      ],
    ],
    ["a quarter of an hour", { silence: minutes(15), rises: 4 }, [alert("press-1", "silent", "08:32"), alert("oven-2", "silent", "08:33")]],
  ])("tells of machines that are silent for %s, and of those that get hot", async (_, options, expected) => {
    const output = join(ownFolder(), "alerts.jsonl");
    await runner.run(machineAlerts, { output, ...options });
    expect(sortedTexts(jsonLinesIn(output))).toEqual(sortedTexts(expected));
  });
});

test.each(localRunners)("an alert is there as soon as the watermark says that no heartbeat has come, on %s", async (_, make) => {
  const beat = (minute: number) => at(minutes(minute), { machine: "m", at: "", celsius: 1 } satisfies Heartbeat);
  const stream = testStream<Heartbeat>()
    .addElements(beat(4), beat(1))
    .advanceWatermarkTo(minutes(9) + 1)
    .addElements(beat(12));
  const alerts = await collectedBy(make(), (p: Pipeline) => p.apply(stream).apply(alertsOf({ silence: minutes(5), rises: 3 })));
  expect(alerts.map(({ what, at: time }) => [what, time.slice(14, 19)])).toEqual([
    ["silent", "09:00"],
    ["back", "12:00"],
    ["silent", "17:00"],
  ]);
});
