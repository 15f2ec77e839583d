import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { textSink, type TextSinkSpec } from "../../io/files/text-sink.ts";
import { temporaryFolder } from "./support/folder.ts";

const folder = temporaryFolder();

function sinkOf(path: string, spec: Partial<TextSinkSpec<string>> = {}) {
  const textOf = () => ({ before: "", of: (lines: readonly string[]) => lines.map((line) => `${line}\n`).join(""), after: "" });
  return textSink({ path, ifExists: "error", compress: undefined, shards: undefined, fileOf: undefined, textOf, ...spec });
}
test("a file gets its name when it is committed, and not before", async () => {
  const path = join(folder, "new", "out.txt");
  const sink = sinkOf(path);
  const writer = await sink.open({ shard: 0, epoch: 0, signal: new AbortController().signal });
  await writer.write(["a", "b"]);
  await writer.write(["c"]);
  const written = await writer.finish();
  expect(readdirSync(join(folder, "new"))).toEqual([expect.stringMatching(/^\.out\.txt\..*\.tmp$/)]);
  await sink.commit([written]);
  await sink.commit([written]);
  expect(readdirSync(join(folder, "new"))).toEqual(["out.txt"]);
  expect(readFileSync(path, "utf8")).toBe("a\nb\nc\n");
});
