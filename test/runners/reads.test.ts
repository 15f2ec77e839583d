import { describe, expect, test } from "vitest";
import { failureOfRun, runners } from "../support/runs.ts";
import { outputsOf, run } from "../support/scenarios.ts";

/** What sources do wrong, and what is said of it. */
const faults: readonly (readonly [how: string, code: string, at: string, text: RegExp])[] = [
  ["claims too early a position", "BAD_CLAIM", "Numbers/Read", /before the start/],
  ["claims a position again", "BAD_CLAIM", "Numbers/Read", /again/],
  ["returns too early", "RESTRICTION_NOT_DONE", "Numbers/Read", /from 1 up to 6/],
  ["gives a time that is none", "BAD_TIMESTAMP", "Numbers/Read", /NaN for 2/],
  ["gives a time out of range", "BAD_TIMESTAMP", "Numbers/Read", /8640000000000001 for 1/],
  ["gives too few times", "BAD_TIMESTAMP", "Numbers/Read", /1 for 2/],
  ["throws in restriction", "READ_FAILED", "Numbers/Split", /no restriction/],
  ["rejects in restriction", "READ_FAILED", "Numbers/Split", /no restriction/],
  ["throws in split", "READ_FAILED", "Numbers/Split", /no split/],
  ["throws in read", "READ_FAILED", "Numbers/Read", /no more/],
  ["has a restriction that is no range", "BAD_CLAIM", "Numbers/Split", /"from":5,"to":1/],
  ["has a part that is no range", "BAD_CLAIM", "Numbers/Split", /"from":0/],
];

/** On threads a few of them, since each needs a thread of its own. */
const faultsOn = (runner: string) => (runner === "threadsRunner" ? faults.filter((_, i) => i % 4 === 0) : faults);

describe.each(runners)("a source on %s", (name, make) => {
  test.each([{}, { elementsPerBundle: 1 }, { partitions: 3, elementsPerBundle: 2 }])("gives each element once, cut as %o", async (cut) => {
    const { numbers } = await outputsOf(make(cut), "reads", "reads its parts");
    expect(numbers!.map(Number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("may have no parts", async () => {
    expect(await outputsOf(make(), "reads", "has no parts")).toEqual({ numbers: [] });
  });

  test.each(faultsOn(name))("that %s fails the run with %s at %s", async (how, code, at, text) => {
    const error = await failureOfRun(run(make(), "reads", how));
    expect(error).toMatchObject({ code, parts: { at }, message: expect.stringMatching(text) });
  });

  test("keeps what it has thrown as the cause", async () => {
    for (const how of ["throws in split", "throws in read"]) {
      expect(await failureOfRun(run(make(), "reads", how))).toMatchObject({
        cause: { name: "Error", stack: expect.stringContaining("scenarios.ts") },
      });
    }
  });
});
