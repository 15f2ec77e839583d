import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import hourlyDelays, { type DatedFlight } from "../../docs/examples/hourly-delays.ts";
import { root } from "../support/repository.ts";
import { ownFolder } from "../support/runs.ts";
import { linesIn, runnersOfExamples } from "./support.ts";

const data = join(root, "node_modules/vega-datasets/data");

/** The rows of the CSV file, in order, worked out another way: for each hour all flights are looked through. */
function rowsByHand(name: string): readonly string[] {
  const flights = JSON.parse(readFileSync(join(data, name), "utf8")) as readonly DatedFlight[];
  const delaysByHour = new Map<number, number[]>();
  for (const { date, delay } of flights) {
    const [year, month, day, hour] = date.split(/[/ :]/).map(Number) as [number, number, number, number];
    const hours = Date.UTC(year, month - 1, day, hour) / 3_600_000;
    delaysByHour.set(hours, [...(delaysByHour.get(hours) ?? []), delay]);
  }
  const all = [...delaysByHour.keys()];
  const rows: string[] = [];
  for (let from = Math.min(...all) - 2; from <= Math.max(...all); from++) {
    const delays = [from, from + 1, from + 2].flatMap((hour) => delaysByHour.get(hour) ?? []);
    if (delays.length === 0) continue;
    const mean = delays.reduce((total, delay) => total + delay, 0) / delays.length;
    rows.push(`${textOf(from)},${textOf(from + 3)},${delays.length},${Math.round(mean * 100) / 100}`);
  }
  return rows;
}

const textOf = (hours: number): string => new Date(hours * 3_600_000).toISOString().replace(/:00\.000Z$/, "");

const expected = rowsByHand("flights-20k.json");

test("the rows by hand are those of three months", () => {
  expect(expected[0]).toMatch(/^2000-12-31T22:00,2001-01-01T01:00,1,66$/);
  expect(expected.length).toBeGreaterThan(2_000);
  expect(expected.length).toBeLessThanOrEqual(90 * 24 + 2);
});

describe.each(runnersOfExamples)("hourly-delays.ts on %s", (_, runner) => {
  test("writes the mean delay of each three hours", async () => {
    const output = join(ownFolder(), "delays.csv");
    await runner.run(hourlyDelays, { output });
    const [header, ...rows] = linesIn(output);
    expect(header).toBe("from,to,flights,mean");
    expect(rows.toSorted()).toEqual(expected);
  });
});
