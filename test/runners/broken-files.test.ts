import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BrokenRecord } from "millrace/io/text";
import { inOrder, ownFolder, runners } from "../support/runs.ts";
import { outputsOf } from "../support/scenarios.ts";

/** Files in which every other line is broken. */
function brokenFiles(): string {
  const folder = ownFolder();
  const lines = (broken: readonly (string | Buffer)[], good: (i: number) => string): Buffer =>
    Buffer.concat(broken.flatMap((line, i) => [Buffer.from(`${good(i)}\n`), Buffer.from(line), Buffer.from("\n")]));
  writeFileSync(
    join(folder, "a.txt"),
    lines([Buffer.from([0xff]), Buffer.from([0x61, 0xc3])], (i) => `line ${i}`),
  );
  writeFileSync(join(folder, "a.csv"), Buffer.concat([Buffer.from("x,y\n"), lines(["one", '5",b', "a,b,c"], (i) => `${i},"${i}"`)]));
  writeFileSync(join(folder, "a.jsonl"), lines(["{", "[[[[]]]]", `"${"x".repeat(30)}"`, Buffer.from([0x22, 0xff, 0x22])], String));
  return folder;
}

const letters = (failed: readonly unknown[] | undefined) =>
  (failed as readonly BrokenRecord[])
    .map(({ path, offset, bytes, error }) => [path, offset, Buffer.from(bytes).toString("latin1"), error.code] as const)
    .toSorted((a, b) => a[1] - b[1]);

describe.each(runners)("a read with dead letters on %s", (_, make) => {
  test.each([{}, { partitions: 2, elementsPerBundle: 1 }])("gives what can be read, and what cannot, cut as %o", async (cut) => {
    const folder = brokenFiles();
    const found = await outputsOf(make(cut), "brokenFiles", folder);
    const [text, csv, json] = ["a.txt", "a.csv", "a.jsonl"].map((name) => join(folder, name));
    expect(inOrder(found["text"]!)).toEqual(['"line 0"', '"line 1"']);
    expect(letters(found["textFailed"])).toEqual([
      [text, 7, "\xff", "NOT_DECODABLE"],
      [text, 16, "a\xc3", "NOT_DECODABLE"],
    ]);
    expect(found["csv"]).toHaveLength(3);
    expect(found["csv"]).toEqual(expect.arrayContaining([0, 1, 2].map((i) => ({ x: `${i}`, y: `${i}` }))));
    expect(letters(found["csvFailed"])).toEqual([
      [csv, 10, "one", "NOT_DECODABLE"],
      [csv, 20, '5",b', "NOT_DECODABLE"],
      [csv, 31, "a,b,c", "NOT_DECODABLE"],
    ]);
    expect(inOrder(found["json"]!)).toEqual(["0", "1", "2", "3"]);
    expect(letters(found["jsonFailed"])).toEqual([
      [json, 2, "{", "NOT_DECODABLE"],
      [json, 6, "[[[[]]]]", "NOT_DECODABLE"],
      [json, 17, `"${"x".repeat(19)}`, "READ_FAILED"],
      [json, 52, '"\xff"', "NOT_DECODABLE"],
    ]);
  });
});
