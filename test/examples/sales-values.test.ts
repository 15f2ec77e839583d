import { join } from "node:path";
import { describe, expect, test } from "vitest";
import salesValues from "../../docs/examples/sales-values.ts";
import { ownFolder } from "../support/runs.ts";
import { jsonLinesIn, runnersOfExamples, sortedTexts } from "./support.ts";

const values = (cents: Readonly<Record<string, number | undefined>>) =>
  Object.entries(cents).map(([id, worth]) => (worth === undefined ? { id } : { id, cents: worth }));

describe.each(runnersOfExamples)("sales-values.ts on %s", (_, runner) => {
  test.each([
    // The price of tea changes at the very instant of the second sale, and in the night before the last.
    ["instant", { "s-1": 640, "s-2": 350, "s-3": undefined, "s-4": 950, "s-5": 1_050 }],
    ["day", { "s-1": 700, "s-2": 350, "s-3": undefined, "s-4": 950, "s-5": 1_020 }],
  ] as const)("values sales by the price of the %s", async (by, expected) => {
    const output = join(ownFolder(), "values.jsonl");
    await runner.run(salesValues, { output, by });
    expect(sortedTexts(jsonLinesIn(output))).toEqual(sortedTexts(values(expected)));
  });
});
