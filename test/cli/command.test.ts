import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { textOf } from "../support/repository.ts";
import { millrace } from "./command.ts";

const pipelines = "test/cli/pipelines";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.concurrent("the command ends with", () => {
  test.each([
    [0, "--help", /^millrace runs data pipelines/, /^$/],
    [0, "--version", /^\d+\.\d+\.\d+\n$/, /^$/],
    [0, `run ${pipelines}/letters.ts`, /^$/, /^Words: [^]*\nletters: done in \d+\.\d s; read 6 elements\n$/],
    [0, `run ${pipelines}/letters.ts --verbose`, /^$/, /^Words: [^]*\nWords\/Split: [^]*\nletters: done in /],
    [0, `run ${pipelines}/letters.ts --quiet`, /^$/, /^$/],
    [0, `run ${pipelines}/letters.ts --quiet -- --loud --text a`, /^a\n$/, /^$/],
    [0, `run ${pipelines}/letters.ts -- --help`, /^options of letters:\n\n {2}--text <string>/, /^$/],
    [0, `run ${pipelines}/several.ts#two --runner rxjs`, /^$/, /\ntwo: done in /],
    [0, `run ${pipelines}/several.ts#two --runner threads --threads 2`, /^$/, /\ntwo: done in /],
    [0, `explain ${pipelines}/letters.ts`, /^letters: \d+ steps, bounded\n[^]*\ngroupings\n {2}Count\//, /^$/],
    [0, `explain ${pipelines}/letters.ts --format mermaid`, /^flowchart TB\n/, /^$/],
    [0, `explain ${pipelines}/endless.ts -- --output x`, /\nsinks\n {2}TemporaryFile: TemporaryFile, published once, /, /^$/],
    [1, `run ${pipelines}/failing.ts`, /^$/, /\nSTEP_FAILED: [^]* at "Price".\n[^]*\n {2}in: test.cli.pipelines.failing.ts:7:34\n/],
    [1, `run ${pipelines}/failing.ts --quiet`, /^$/, /^STEP_FAILED: /],
    [2, "", /^$/, /^BAD_COMMAND: there is no command/],
    [2, "walk", /^$/, /^BAD_COMMAND: there is no command "walk"/],
    [2, "run", /^$/, /^BAD_COMMAND: the module of the pipeline is missing/],
    [2, `run ${pipelines}/letters.ts --nope`, /^$/, /^UNKNOWN_OPTION: unknown option '--nope'/],
    [2, `run ${pipelines}/letters.ts -- --nope`, /^$/, /^UNKNOWN_OPTION: the pipeline has no option --nope/],
    [2, `run ${pipelines}/letters.ts -- --times many`, /^$/, /^BAD_OPTION: the option "times" takes a number/],
    [2, `run ${pipelines}/endless.ts`, /^$/, /^BAD_OPTION: the option "output" is required/],
    [2, `explain ${pipelines}/endless.ts`, /^$/, /^BAD_OPTION: the option "output" is required/],
    [2, `run ${pipelines}/nowhere.ts`, /^$/, /^MODULE_NOT_LOADED: there is no such module/],
    [2, `run ${pipelines}`, /^$/, /^MODULE_NOT_LOADED: a module is a file/],
    [2, `run ${pipelines}/throws-on-import.ts`, /^$/, /\n {2}in: test.cli.pipelines.throws-on-import.ts:3:/],
    [
      2,
      `run ${pipelines}/awaits-itself.ts`,
      /^$/,
      /\ncaused by MODULE_NOT_LOADED: the module awaits at its top level a run that has to import it/,
    ],
    [2, `run ${pipelines}/none.ts`, /^$/, /^NO_PIPELINE_EXPORTED: the module exports no pipeline at /],
    [2, `run ${pipelines}/several.ts`, /^$/, /\n {2}got: #one, #two\n/],
    [2, `run ${pipelines}/several.ts#three`, /^$/, /^NO_PIPELINE_EXPORTED: the module exports no pipeline "three"/],
  ])("%i: millrace %s", async (code, line, stdout, stderr) => {
    const ended = await millrace(line === "" ? [] : line.split(" "));
    expect(ended).toEqual({ code, stdout: expect.stringMatching(stdout), stderr: expect.stringMatching(stderr) });
  });

  test("1: a module that awaits what never comes", async () => {
    const { code, stderr } = await millrace(["run", `${pipelines}/never-imported.ts`]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^millrace: the process ended before the command: something is awaited that never comes/),
    });
  });

  test.each([
    [130, "SIGINT", "direct"],
    [143, "SIGTERM", "direct"],
    [130, "SIGINT", "rxjs"],
    [130, "SIGINT", "threads"],
  ] as const)("%i: %s on the runner %s, when the run has cleaned up", async (code, signal, runner) => {
    const output = join(folder, `${signal}-${runner}`);
    let hadFile = false;
    const ended = await millrace(["run", `${pipelines}/endless.ts`, "--runner", runner, "--", "--output", output], {
      onOutput: (_, kill) => {
        hadFile = existsSync(`${output}.tmp`);
        kill(signal);
      },
    });
    expect(ended.stderr).toMatch(/^millrace: cancelling the run; once more ends it at once\n[^]*\nendless: cancelled after /);
    expect({ code: ended.code, hadFile, hasFile: existsSync(`${output}.tmp`) }).toEqual({ code, hadFile: true, hasFile: false });
  });

  test.each([
    ["SIGINT", "rxjs"],
    ["SIGTERM", "threads"],
  ] as const)("0: %s on the runner %s, when a run that would go on for ever has stopped and published", async (signal, runner) => {
    const output = join(folder, `ticking-${runner}.txt`);
    const ended = await millrace(["run", `${pipelines}/ticking.ts`, "--runner", runner, "--", "--output", output], {
      onOutput: (_, kill) => kill(signal),
    });
    expect(ended).toMatchObject({ code: 0, stdout: "running\n" });
    expect(ended.stderr).toMatch(
      /millrace: stopping the run; once more ends it at once\n[^]*\nticking: stopped after [^]*; read \d+ elements?/,
    );
    expect(readFileSync(output, "utf8")).toMatch(/^0\n/);
  });

  test("1: a run that would go on for ever, on the runner for bounded input", async () => {
    const ended = await millrace(["run", `${pipelines}/ticking.ts`, "--", "--output", join(folder, "never")]);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/NOT_SUPPORTED: this source has no end[^]*rxjsRunner/) });
  });

  test("130: a second SIGINT, which does not wait for a run that does not hear", async () => {
    const started = performance.now();
    const ended = await millrace(["run", `${pipelines}/endless.ts`, "--quiet", "--", "--stubborn", "--output", join(folder, "stubborn")], {
      onOutput: (_, kill) => {
        kill("SIGINT");
        setTimeout(() => kill("SIGINT"), 500);
      },
    });
    expect(ended).toEqual({ code: 130, stdout: "running\n", stderr: "" });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

test("with --json every line of stdout is an object, and the last one is the result", async () => {
  const { code, stdout } = await millrace(["run", `${pipelines}/letters.ts`, "--json", "--", "--text", "abba", "--times", "1000"]);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(lines.at(-1)).toMatchObject({ event: "result", pipeline: "letters", state: "DONE", totals: { read: 1_000, written: 0 } });
  expect(lines.at(-1)!["steps"]).toContainEqual(expect.objectContaining({ step: "Letters", in: 1_000, out: 4_000 }));
});

test.each(["direct", "rxjs", "threads"])("the metrics that steps keep are shown after a run on the runner %s", async (runner) => {
  const { code, stderr } = await millrace(["run", `${pipelines}/metrics.ts`, "--runner", runner]);
  expect(code).toBe(0);
  expect(stderr.split("\n").slice(-7)).toEqual([
    'Prices, kinds: "part\\nly", "whole"',
    "Prices, limit: 7",
    "Prices, price: 3 values from 1 to 3, mean 2.16667, sum 6.5",
    "Prices, seen: 3,000",
    "Prices, shop.skipped: 3",
    expect.stringMatching(/^metrics: done in /),
    "",
  ]);
});

test("with --json the metrics that steps keep are part of the result", async () => {
  const { stdout } = await millrace(["run", `${pipelines}/metrics.ts`, "--json"]);
  const result = JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { readonly metrics: readonly unknown[] };
  expect(result.metrics).toContainEqual({ step: "Prices", name: "seen", kind: "counter", value: 3_000 });
  expect(result.metrics).toHaveLength(5);
});

test("with --json a failure is a result too, and its text goes to stderr", async () => {
  const { code, stdout, stderr } = await millrace(["run", `${pipelines}/failing.ts`, "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ state: "FAILED", error: { code: "STEP_FAILED", at: "Price" } });
  expect(stderr).toMatch(/^STEP_FAILED: /);
});

test("a secret option comes from the environment, and is printed nowhere", async () => {
  const env = { MILLRACE_TOKEN: "hush" };
  const ended = await millrace(["run", `${pipelines}/letters.ts`], { env });
  expect(ended.code).toBe(0);
  expect(ended.stdout + ended.stderr).not.toContain("hush");
});

test("a module is found from the folder that the command is called in", async () => {
  const { code } = await millrace(["run", "letters.ts", "--quiet"], { cwd: join(import.meta.dirname, "pipelines") });
  expect(code).toBe(0);
});

test("the version is that of the package", async () => {
  const { version } = JSON.parse(textOf("package.json")) as { readonly version: string };
  expect((await millrace(["--version"])).stdout).toBe(`${version}\n`);
});
