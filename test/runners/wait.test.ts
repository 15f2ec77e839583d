import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ownFolder, runners } from "../support/runs.ts";
import waits, { collected } from "./pipelines/waits.ts";

describe.each(runners)("elements that wait on %s", (_, make) => {
  test.each([{}, { partitions: 3, elementsPerBundle: 1 }])("for the names of files pass when those are there, cut by %o", async (cut) => {
    const folder = ownFolder();
    const result = await make(cut).run(waits, { folder });
    expect(result.collected(collected().read)).toEqual(["a\nb\n"]);
    expect(result.collected(collected().names)).toEqual([`${join(folder, "second.txt")} after true`]);
    expect(readFileSync(join(folder, "second.txt"), "utf8")).toBe("a\nb\n\n");
  });
});
