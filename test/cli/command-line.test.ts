import { describe, expect, test } from "vitest";
import { commandOf } from "../../runners/cli/command-line.ts";

const run = {
  kind: "run",
  module: "a.ts",
  exportName: undefined,
  options: [],
  runner: "direct",
  threads: undefined,
  show: "progress",
  isVerbose: false,
};
const verify = {
  kind: "verify",
  module: "a.ts",
  exportName: undefined,
  options: [],
  runners: ["direct", "rxjs", "threads"],
  threads: undefined,
  isJson: false,
};
const explain = { kind: "explain", module: "a.ts", exportName: undefined, options: [], format: "text" };

describe("a command line is read:", () => {
  test.each([
    ["run a.ts", run],
    ["run a.ts --runner rxjs", { ...run, runner: "rxjs" }],
    ["run --runner=threads --threads 3 a.ts", { ...run, runner: "threads", threads: 3 }],
    ["run a.ts --quiet", { ...run, show: "nothing" }],
    ["run a.ts --json --verbose", { ...run, show: "json", isVerbose: true }],
    ["run a.ts#hourly", { ...run, exportName: "hourly" }],
    ["run c#/a.ts", { ...run, module: "c#/a.ts" }],
    ["run c#/a.ts#hourly", { ...run, module: "c#/a.ts", exportName: "hourly" }],
    ["run a.ts -- --input b --json", { ...run, options: ["--input", "b", "--json"] }],
    ["run a.ts -- -- --help", { ...run, options: ["--", "--help"] }],
    ["explain a.ts", explain],
    ["explain a.ts --format mermaid -- --input b", { ...explain, format: "mermaid", options: ["--input", "b"] }],
    ["verify a.ts", verify],
    [
      "verify a.ts#hourly --runners threads,direct --threads 2 --json -- --input b",
      {
        ...verify,
        exportName: "hourly",
        runners: ["threads", "direct"],
        threads: 2,
        isJson: true,
        options: ["--input", "b"],
      },
    ],
    ["--help", { kind: "help" }],
    ["-h", { kind: "help" }],
    ["help", { kind: "help" }],
    ["run --help", { kind: "help" }],
    ["explain -h", { kind: "help" }],
    ["verify -h", { kind: "help" }],
    ["--version", { kind: "version" }],
    ["-v", { kind: "version" }],
  ])("%s", (line, command) => {
    expect(commandOf(line.split(" "))).toEqual(command);
  });
});

describe("a command line that is wrong is refused with what would be right:", () => {
  test.each([
    ["", 'there is no command "".'],
    ["walk a.ts", 'there is no command "walk".'],
    ["--quiet", "unknown option '--quiet'."],
    ["-- run a.ts", "there is no command."],
    ["run", "the module of the pipeline is missing."],
    ["run -- a.ts", "the module of the pipeline is missing."],
    ["run a.ts b.ts", "there is more than one module: a.ts, b.ts."],
    ["run a.ts --input b", "millrace run MODULE -- --input …"],
    ["run a.ts --runner spark", '--runner takes one of direct, rxjs, threads, not "spark".'],
    ["run a.ts --runner", "'--runner <value>' argument missing."],
    ["run a.ts --runner threads --threads 0", '--threads takes a whole number from 1 to 128, not "0".'],
    ["run a.ts --runner threads --threads 1.5", '--threads takes a whole number from 1 to 128, not "1.5".'],
    ["run a.ts --runner threads --threads 129", '--threads takes a whole number from 1 to 128, not "129".'],
    ["run a.ts --threads 2", "fix: --runner threads --threads 2"],
    ["run a.ts --quiet --json", "--quiet and --json exclude each other."],
    ["explain a.ts --runner direct", "unknown option '--runner'."],
    ["verify", "the module of the pipeline is missing."],
    ["verify a.ts --runners direct", "--runners takes two runners or more, to be compared."],
    ["verify a.ts --runners rxjs,rxjs", "fix: --runners direct,rxjs,threads"],
    ["verify a.ts --runners direct,spark", '--runners takes one of direct, rxjs, threads, not "spark".'],
    ["verify a.ts --runners direct,rxjs --threads 2", "fix: --runners direct,rxjs,threads --threads 2"],
    ["verify a.ts --runner direct", "unknown option '--runner'."],
    ["explain a.ts --format svg", '--format takes one of text, mermaid, json, not "svg".'],
  ])("%s", (line, message) => {
    expect(() => commandOf(line.split(" "))).toThrow(message);
  });
});
