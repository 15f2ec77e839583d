import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { globSync } from "tinyglobby";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { root } from "../support/repository.ts";
import { transcriptsIn } from "../support/transcripts/pipeline.ts";
import { replay } from "../support/transcripts/replay.ts";

const folder = join(root, "test/transcripts");
const files = globSync("*.yaml", { cwd: folder }).sort();

test("there are transcripts", () => {
  expect(files.flatMap((file) => transcriptsIn(join(folder, file))).length).toBeGreaterThan(200);
});

// Several partitions keep the keys of a transcript apart.
describe.each([
  ["direct", directRunner()],
  ["rxjs", rxjsRunner({ partitions: 7 })],
  ["threads", threadsRunner({ threads: 2 })],
])("%s", (_, runner) => {
  describe.each(files)("%s", (file) => {
    const path = join(folder, file);
    test.each(transcriptsIn(path).map(({ name }, place) => [name, place] as const))("%s", async (_, place) => {
      expect(await replay(runner, path, place)).toEqual([]);
    });
  });
});
