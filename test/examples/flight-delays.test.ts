import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import flightDelays, { type Flight } from "../../docs/examples/flight-delays.ts";
import { root } from "../support/repository.ts";

const data = join(root, "node_modules/vega-datasets/data");
const flightsIn = (name: string): readonly Flight[] => JSON.parse(readFileSync(join(data, name), "utf8")) as Flight[];

/** The rows of the CSV file, in order, worked out another way: all delays of a group are kept, and looked at afterwards. */
function rowsByHand(
  flights: readonly Flight[],
  groupOf: (flight: Flight) => string,
  hourOf: (flight: Flight) => string,
): readonly string[] {
  const groups = new Map<string, number[]>();
  for (const flight of flights) {
    const group = `${groupOf(flight)},${hourOf(flight)}`;
    groups.set(group, groups.get(group) ?? []);
    groups.get(group)!.push(flight.delay);
  }
  const rows = Array.from(groups, ([group, delays]) => {
    delays.sort((a, b) => a - b);
    let total = 0;
    for (const delay of delays) total += delay;
    return `${group},${delays.length},${Math.round((total / delays.length) * 100) / 100},${delays.at(-1)}`;
  });
  return rows.toSorted();
}

const bands = ["0-499", "500-999", "1000-1499", "1500-1999", "2000-2499", "2500-2999", "3000-3499", "3500-3999", "4000-4499", "4500-4999"];
const byDistance = rowsByHand(
  flightsIn("flights-200k.json"),
  ({ distance }) => `${bands.find((band) => distance <= Number(band.split("-")[1]))} miles`,
  ({ time }) => String(time).split(".")[0]!,
);
const byOrigin = rowsByHand(
  flightsIn("flights-2k.json"),
  ({ origin }) => origin!,
  ({ date }) => String(new Date(date!).getHours()),
);

const folder = mkdtempSync(join(tmpdir(), "millrace-flight-delays-"));
const output = join(folder, "delays.csv");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name))));

/** The rows that were written, in order, and what the first line says they are. */
function written(): { readonly header: string; readonly rows: readonly string[] } {
  const [header, ...rows] = readFileSync(output, "utf8").trimEnd().split("\n");
  return { header: header!, rows: rows.toSorted() };
}

test("the rows by hand are those of the files", () => {
  expect(byDistance).toHaveLength(168);
  expect(byDistance).toContain("1500-1999 miles,0,208,13.99,1403");
  expect(byOrigin).toContainEqual(expect.stringMatching(/^LAX,6,/));
});

describe.each([
  ["directRunner", directRunner()],
  ["rxjsRunner", rxjsRunner()],
  ["threadsRunner", threadsRunner({ threads: 2 })],
])("flight-delays.ts on %s", (_, runner) => {
  test("writes the delays of 200,000 flights by distance and hour, since the file has no origins", async () => {
    const { state } = await runner.run(flightDelays, { output });
    expect(state).toBe("DONE");
    expect(written()).toEqual({ header: "group,hour,flights,mean,max", rows: byDistance });
    expect(readdirSync(folder)).toEqual(["delays.csv"]);
  });

  test("writes them by origin and hour where the file has origins, in place of what was there", async () => {
    writeFileSync(output, "of last week\n");
    const options = { input: join(data, "flights-2k.json"), output };
    await expect(runner.run(flightDelays, options)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect(readFileSync(output, "utf8")).toBe("of last week\n");
    await runner.run(flightDelays, { ...options, replace: true });
    expect(written().rows).toEqual(byOrigin);
  });
});
