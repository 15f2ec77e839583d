import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunnerName } from "../../runners/cli/command-line.ts";
import { millrace, type Ended } from "./command.ts";

// What else can go wrong is covered by command.test.ts (options, modules, a step that throws), by examples.test.ts (a glob
// without files, a file that exists), and by the tests of what is wrong (test/io, test/sdk, test/coders, the conformance suite).

const pipelines = "test/cli/pipelines";
let folder: string;
/** A file that is larger than the disks below. */
let lines: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-bad-input-"));
  // What is refused below it is not to be refused because of itself.
  await chmod(folder, 0o755);
  lines = join(folder, "lines.txt");
  await writeFile(lines, "a line of text\n".repeat(50_000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where a run writes: a folder of its own, so that it can be seen what is left in it. */
async function place(): Promise<{ readonly output: string; readonly left: () => Promise<readonly string[]> }> {
  const own = await mkdtemp(join(folder, "out-"));
  await chmod(own, 0o777);
  return { output: join(own, "out.txt"), left: () => readdir(own) };
}

const flagsOf = (runner: RunnerName): readonly string[] =>
  runner === "threads" ? ["--runner", "threads", "--threads", "2"] : ["--runner", runner];

/** Runs one of the pipelines that are broken, and looks whether it left anything. */
async function runBroken(name: string, runner: RunnerName, ...options: readonly string[]): Promise<Ended & { readonly left: unknown }> {
  const { output, left } = await place();
  const command = ["run", `${pipelines}/broken.ts#${name}`, ...flagsOf(runner), "--quiet", "--", "--output", output, ...options];
  return { ...(await millrace(command)), left: await left() };
}

const failed = (stderr: RegExp): unknown => ({ code: 1, stdout: "", stderr: expect.stringMatching(stderr), left: [] });

describe.concurrent("a run fails with a code and a text, and leaves nothing behind, when", () => {
  const own = /\n {2}in: test.cli.pipelines.broken.ts:\d+:\d+\n\ncaused by /.source;

  test.each<[what: string, name: string, runner: RunnerName, stderr: RegExp]>([
    ["a step throws on one element", "throwsOnOne", "threads", /^STEP_FAILED: a step failed: RangeError: 4321 [^]* at "Half"\.\n/],
    ["a step throws on all elements", "throwsOnAll", "direct", /^STEP_FAILED: a step failed: RangeError: \d+ [^]* at "Half"\.\n/],
    ["a DoFn cannot be set up", "throwsInSetup", "threads", /^STEP_FAILED: a step failed: Error: the server is away at "Connect"\./],
  ])("%s (%s on %s)", async (_, name, runner, stderr) => {
    expect(await runBroken(name, runner)).toEqual(failed(new RegExp(`${stderr.source}[^]*${own}`)));
  });

  test.each<[what: string, name: string, runner: RunnerName, stderr: RegExp]>([
    [
      "a promise takes too long",
      "neverResolves",
      "threads",
      /^TIMED_OUT: an async step took longer [^]* at "Fetch"\.\n {2}got: 7\n {2}fix: .*\n$/,
    ],
    ["a promise never comes, and nobody set a timeout", "neverReads", "direct", /^TIMED_OUT: the run awaits something that never comes/],
    [
      "a coder cannot take an element",
      "notEncodable",
      "rxjs",
      /^NOT_ENCODABLE: [^]* an instance of Point[^]*\n {2}got: {"x":0}\n {2}fix: .*\n$/,
    ],
    ["keys have no deterministic coder", "keyNotDeterministic", "direct", /^KEY_NOT_DETERMINISTIC: [^]*\n {2}got: the coder wavering\n/],
    [
      "two steps have one name",
      "twoStepsWithOneName",
      "direct",
      /^DUPLICATE_NAME: [^]* at "Half"\.\n[^]*\n {2}in: test.cli.pipelines.broken.ts:/,
    ],
    ["threads build other graphs", "unsteady", "threads", /^FINGERPRINT_MISMATCH: [^]*\n {2}got: step Half0\.\d+: .*\n +step Half0\.\d+: /],
    ["a worker thread ends", "workerDies", "threads", /^WORKER_DIED: a worker thread has died: it ended with exit code 3\.\n/],
    ["a callback throws that belongs to no step", "strayError", "direct", /^Error: nobody catches this\n {4}at throwOutside \(test.cli/],
    ["a callback on a worker thread throws", "strayError", "threads", /^WORKER_DIED: [^]*\ncaused by Error: nobody catches this\n/],
  ])("%s (%s on %s)", async (_, name, runner, stderr) => {
    expect(await runBroken(name, runner)).toEqual(failed(stderr));
  });

  test("a file is not there", async () => {
    const { output, left } = await place();
    const missing = join(folder, "missing.txt");
    const ended = await millrace(["run", "docs/examples/word-count.ts", "--quiet", "--", "--input", missing, "--output", output]);
    expect({ ...ended, left: await left() }).toEqual(failed(/^NO_FILES: [^]*missing\.txt/));
  });

  test.skipIf(process.platform === "win32")("a folder may not be read", async () => {
    const secret = join(folder, "secret");
    await mkdir(secret, { mode: 0 });
    expect(await runBroken("unreadable", "direct", "--input", secret)).toEqual(failed(/^READ_FAILED: [^]*secret[^]*EACCES/));
  });
});

describe.concurrent("a run on threads fails when", () => {
  test.each([
    [
      "the module that defines the pipeline does not export it",
      "not-exported.ts",
      1,
      /^PIPELINE_NOT_EXPORTED: [^]*\n {2}got: the pipeline "not-exported"/,
    ],
    [
      "the module throws when a worker thread imports it",
      "throws-in-workers.ts",
      2,
      /^MODULE_NOT_LOADED: [^]*\n {2}in: test.cli.pipelines.throws-in-workers.ts:4:/,
    ],
    [
      "the module runs itself wherever it is imported",
      "runs-itself.ts",
      1,
      /RUN_IN_WORKER: [^]*\n {2}fix: move the call into another module/,
    ],
  ])("%s (%s)", async (_, module, code, stderr) => {
    const ended = await millrace(["run", `${pipelines}/${module}`, ...flagsOf("threads"), "--quiet"]);
    expect(ended).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  });
});

test.each<[RunnerName]>([["direct"], ["rxjs"], ["threads"]])("a run is cancelled at once though steps wait (%s)", async (runner) => {
  const { output, left } = await place();
  const started = performance.now();
  const ended = await millrace(["run", `${pipelines}/broken.ts#waits`, ...flagsOf(runner), "--quiet", "--", "--output", output], {
    onOutput: (_, kill) => kill("SIGINT"),
  });
  expect({ ...ended, left: await left() }).toEqual({
    code: 130,
    stdout: expect.stringMatching(/^(waiting\n)+$/), // by each thread once
    stderr: "",
    left: [],
  });
  expect(performance.now() - started).toBeLessThan(15_000);
});

// Windows has neither the shell, nor the devices and limits of these.
describe.skipIf(process.platform === "win32")("where the disk is full,", { concurrent: true }, () => {
  /** A disk of its own for one process and its children, which is gone with them; it takes rights that not everybody has. */
  const mount = (at: string): string => `mount -t tmpfs -o size=100k none "${at}"`;
  const mayMount = (): boolean => {
    try {
      execFileSync("unshare", ["--mount", "sh", "-c", mount(tmpdir())], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  const copyOf = (output: string, ...flags: readonly string[]): readonly string[] => [
    "run",
    `${pipelines}/copy.ts`,
    ...flags,
    "--",
    "--input",
    lines,
    "--output",
    output,
  ];

  test.skipIf(!mayMount())("a run fails, and leaves nothing on it", async () => {
    const { output } = await place();
    const disk = join(output, "..");
    const inside = `${mount(disk)} && { "$@"; code=$?; ls -A "${disk}"; exit $code; }`;
    const script = `exec unshare --mount sh -c '${inside}' sh "$@"`;
    const ended = await millrace(copyOf(output, "--quiet"), { script });
    expect({ ...ended, left: [] }).toEqual(failed(/^WRITE_FAILED: [^]*out\.txt[^]*ENOSPC[^]*\n {2}fix: .*free space/));
  });

  test("a run fails where a file may grow no more, and leaves nothing of it", async () => {
    const { output, left } = await place();
    const ended = await millrace(copyOf(output, "--quiet"), { script: 'ulimit -f 500; exec "$@"' });
    expect({ ...ended, left: await left() }).toEqual(failed(/^WRITE_FAILED: [^]*out\.txt[^]*EFBIG/));
  });

  test("a run that cannot print writes its files all the same, and says so", async () => {
    const { output, left } = await place();
    const ended = await millrace(copyOf(output, "--json"), { script: '"$@" >/dev/full' });
    expect(ended).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^WRITE_FAILED: the command could not print everything\.\n/),
    });
    expect(await left()).toEqual(["out.txt"]);
  });

  test.each(["run", "explain"])("millrace %s fails even if it can say nothing of it", async (command) => {
    const { output } = await place();
    const [, ...rest] = copyOf(output);
    expect(await millrace([command, ...rest], { script: '"$@" >/dev/full 2>/dev/full' })).toEqual({ code: 1, stdout: "", stderr: "" });
  });

  test("the reader of what is printed may go away", async () => {
    const { output, left } = await place();
    // The exit code of the command, and not of what reads it.
    const script = '{ "$@"; echo "code $?" >&2; } | true';
    expect(await millrace(copyOf(output, "--json"), { script })).toEqual({ code: 0, stdout: "", stderr: "code 0\n" });
    expect(await left()).toEqual(["out.txt"]);
  });
});
