import { describe, expect, test } from "vitest";
import { failureOfRun, runners } from "../support/runs.ts";
import parses, { collected, orders } from "./pipelines/parses.ts";

describe.each(runners)("parse on %s", (_, make) => {
  test.each(["zod", "valibot"])("parts what a schema of %s takes from what it does not", async (library) => {
    const result = await make().run(parses, { library });
    expect(result.collected(collected().valid)).toEqual([{ id: "a", lines: [{ count: 1 }], day: new Date("2024-05-01") }]);
    const invalid = result.collected(collected().invalid);
    expect(invalid).toHaveLength(2);
    expect(invalid).toEqual(
      expect.arrayContaining([
        { element: orders[1], issues: [{ message: expect.any(String), path: ["lines", 1, "count"] }] },
        { element: null, issues: [{ message: expect.any(String), path: [] }] },
      ]),
    );
  });

  test("fails for a schema that has to wait, and says what is for that", async () => {
    expect(await failureOfRun(make().run(parses, { library: "waiting" }))).toMatchObject({
      code: "ASYNC_STEP",
      parts: { at: "Parse", fix: expect.stringContaining("asyncMap") },
    });
  });
});
