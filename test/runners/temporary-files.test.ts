import { spawnSync } from "node:child_process";
import type * as FileSystem from "node:fs";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { create, groupByKey, keyBy, map, type Pipeline, type PipelineError } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { folderName } from "../../runners/node/left-overs.ts";
import { runProgram } from "../support/child.ts";
import { failureOfRun, ownFolder } from "../support/runs.ts";
import largerThanMemory, { collectedAtLast } from "./pipelines/larger-than-memory.ts";

/** How many bytes files may still take on this thread. */
const disk = vi.hoisted(() => ({ room: Infinity }));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof FileSystem>();
  const writeSync = (descriptor: number, bytes: Uint8Array, from: number, length: number, at: number): number => {
    disk.room -= length;
    if (disk.room < 0) throw new Error("ENOSPC: no space left on device, write");
    return real.writeSync(descriptor, bytes, from, length, at);
  };
  return { ...real, writeSync };
});

const memoryBudget = 5_000;

/** Many keys, which spill; `see` is called for each group. */
const groups = (p: Pipeline, see: (key: number, values: Iterable<number>) => void, keys = 1_000): void => {
  p.apply(create(Array.from({ length: 5 * keys }, (_, i) => i))).pipe(
    keyBy((i) => i % keys),
    groupByKey(),
    map(([key, values]) => see(key, values)),
  );
};

const makers = [
  ["directRunner", directRunner],
  ["rxjsRunner", rxjsRunner],
] as const;

describe.each(makers)("the temporary files of a run on %s", (_, make) => {
  test("are in a folder that only its user may open, made when it is needed and gone with the run", async () => {
    const temporaryFolder = ownFolder();
    const seen = new Set<string>();
    await make({ memoryBudget, temporaryFolder }).run((p) =>
      groups(p, () => {
        for (const name of readdirSync(temporaryFolder)) seen.add(`${(statSync(join(temporaryFolder, name)).mode & 0o777).toString(8)}`);
      }),
    );
    expect([...seen]).toEqual(["700"]);
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });

  test("are not there where all fits into memory", async () => {
    const temporaryFolder = ownFolder();
    const seen = new Set<string>();
    await make({ temporaryFolder }).run((p) => groups(p, () => readdirSync(temporaryFolder).forEach((name) => seen.add(name))));
    expect([...seen]).toEqual([]);
  });

  test("are gone when it fails", async () => {
    const temporaryFolder = ownFolder();
    const error = await failureOfRun(
      make({ memoryBudget, temporaryFolder }).run((p) =>
        groups(p, () => {
          throw new Error(`${readdirSync(temporaryFolder).length} folder`);
        }),
      ),
    );
    expect(error).toMatchObject({ code: "STEP_FAILED", message: expect.stringContaining("1 folder") });
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });

  test("are gone when it is cancelled", async () => {
    const temporaryFolder = ownFolder();
    const abort = new AbortController();
    let folders = 0;
    const see = (): void => {
      if (!abort.signal.aborted) folders = readdirSync(temporaryFolder).length;
      abort.abort();
    };
    const result = await make({ memoryBudget: 1_000_000, temporaryFolder }).run(
      // More groups than a bundle gives out: the rest is still to come.
      (p) => groups(p, see, 40_000),
      {},
      { signal: abort.signal },
    );
    expect(result.state).toBe("CANCELLED");
    expect(folders).toBe(1);
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });
});

const rows = JSON.stringify(Array.from({ length: 3_000 }, (_, i) => [100 + i, i]));

test("on threads they are gone with the run, too", async () => {
  const temporaryFolder = ownFolder();
  const runner = threadsRunner({ threads: 2, memoryBudget, temporaryFolder });
  const result = await runner.run(largerThanMemory, { kind: "groupByKey", rows });
  expect(result.collected(collectedAtLast())).toHaveLength(3_000);
  expect(result.metrics({ name: "spilled_bytes" })).toHaveLength(1);
  expect(readdirSync(temporaryFolder)).toEqual([]);
});

const lifeOf = (temporaryFolder: string, then: string): string => `
  import { readdirSync } from "node:fs";
  import { create, groupByKey, keyBy, map } from "millrace";
  import { directRunner } from "millrace/runners/direct";
  await directRunner({ memoryBudget: 5000, temporaryFolder: ${JSON.stringify(temporaryFolder)} }).run((p) => {
    p.apply(create(Array.from({ length: 5000 }, (_, i) => i))).pipe(
      keyBy((i) => i % 1000),
      groupByKey(),
      map(() => { console.log(readdirSync(${JSON.stringify(temporaryFolder)}).length); ${then} }),
    );
  });`;

test("a process that ends takes them along", async () => {
  const temporaryFolder = ownFolder();
  const { stdout, code } = await runProgram(lifeOf(temporaryFolder, "process.exit(3);"));
  expect([stdout.split("\n")[0], code]).toEqual(["1", 3]);
  expect(readdirSync(temporaryFolder)).toEqual([]);
});

test("what a killed process leaves holds no data, and the next run of another one removes it", async () => {
  const temporaryFolder = ownFolder();
  const { signal } = await runProgram(lifeOf(temporaryFolder, "process.kill(process.pid, 'SIGKILL');"));
  expect(signal).toBe("SIGKILL");
  const [left, ...others] = readdirSync(temporaryFolder);
  expect([left, others]).toEqual([expect.stringMatching(/^millrace-run_/), []]);
  expect(readdirSync(join(temporaryFolder, left!))).toEqual([]);
  await directRunner({ temporaryFolder }).run(() => {});
  expect(readdirSync(temporaryFolder)).toEqual([]);
});

describe("a start removes no folder", () => {
  const staysAfterRun = async (name: string): Promise<boolean> => {
    const temporaryFolder = ownFolder();
    mkdirSync(join(temporaryFolder, name));
    writeFileSync(join(temporaryFolder, name, "data"), "");
    await directRunner({ temporaryFolder }).run(() => {});
    return readdirSync(temporaryFolder).includes(name);
  };
  const [prefix, space, own, start, id] = folderName().split("_") as [string, string, string, string, string];
  const named = (parts: { readonly space?: string; readonly pid?: number | string; readonly start?: string }): string =>
    [prefix, parts.space ?? space, parts.pid ?? own, parts.start ?? start, id].join("_");
  const gone = spawnSync(process.execPath, ["--eval", ""]).pid;

  test("of a process that runs", async () => {
    expect(await staysAfterRun(named({}))).toBe(true);
    expect(
      await staysAfterRun(
        named({ pid: process.ppid, start: readFileSync(`/proc/${process.ppid}/stat`, "latin1").split(") ").at(-1)!.split(" ")[19]! }),
      ),
    ).toBe(true);
  });

  test("of another machine or container, whose processes it cannot see", async () => {
    expect(await staysAfterRun(named({ space: "00000000", pid: gone }))).toBe(true);
  });

  test("that is not of this kind", async () => {
    expect(await staysAfterRun(`${prefix}s-abc`)).toBe(true);
  });

  test("but those of a process that is gone, though another one has its number", async () => {
    expect(await staysAfterRun(named({ pid: gone }))).toBe(false);
    expect(await staysAfterRun(named({ start: "1" }))).toBe(false);
  });
});

describe("a disk that is full", () => {
  afterEach(() => (disk.room = Infinity));

  test.each(makers)("ends the run on %s, with an error that says where, how much and what to do", async (_, make) => {
    const temporaryFolder = ownFolder();
    disk.room = 20_000;
    const error = await failureOfRun(make({ memoryBudget, temporaryFolder }).run((p) => groups(p, () => {})));
    expect(error).toMatchObject({ code: "SPILL_FAILED" });
    expect((error as PipelineError).message).toMatch(
      /could not be written: ENOSPC: no space left on device, write at "GroupByKey"\.\n {2}got: the folder .*millrace-run_.*, and \d+ bytes in the file so far\n {2}fix: make room there/,
    );
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });

  test.each([...makers, ["threadsRunner", threadsRunner] as const])(
    "is an error on %s when no file can be made at all",
    async (_, make) => {
      const temporaryFolder = join(ownFolder(), "file");
      writeFileSync(temporaryFolder, "");
      const run = make({ memoryBudget, temporaryFolder }).run(largerThanMemory, { kind: "groupByKey", rows });
      expect(await failureOfRun(run)).toMatchObject({
        code: "SPILL_FAILED",
        message: expect.stringContaining("could not be made: ENOTDIR"),
      });
    },
  );
});

test.each([0, -1, NaN])("a budget of %s bytes is refused", async (bytes) => {
  const error = await failureOfRun((async () => directRunner({ memoryBudget: bytes }).run(() => {}))());
  expect(error).toMatchObject({ code: "BAD_OPTION", message: expect.stringContaining("memoryBudget") });
});
