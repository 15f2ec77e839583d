import { describe, expect, test } from "vitest";
import type { OptionSpec } from "millrace";
import { asksForHelp, optionsFrom, variableOf } from "../../runners/cli/pipeline-options.ts";

const declared: Readonly<Record<string, OptionSpec>> = {
  "input": { type: "string" },
  "size": { type: "number" },
  "dry": { type: "boolean" },
  "no-color": { type: "boolean" },
  "every": { type: "duration" },
  "mode": { type: "choice", choices: ["fast", "safe"] },
  "tag": { type: "string", list: true },
  "at": { type: "number", list: true },
  "apiKey": { type: "string", secret: true },
};

describe("options are read as they are typed:", () => {
  test.each<[string[], object]>([
    [[], {}],
    [["--input", "a b"], { input: "a b" }],
    [["--input=a=b"], { input: "a=b" }],
    [["--input="], { input: "" }],
    [["--input", ""], { input: "" }],
    [["--input", "-"], { input: "-" }],
    [["--input=--dry"], { input: "--dry" }],
    [["--input", "two\nlines"], { input: "two\nlines" }],
    [["--input=two\nlines"], { input: "two\nlines" }],
    [["--size", "-5"], { size: -5 }],
    [["--size=2.5e3"], { size: 2_500 }],
    [["--dry"], { dry: true }],
    [["--no-dry"], { dry: false }],
    [["--dry=false"], { dry: false }],
    [["--no-color"], { "no-color": true }],
    [["--no-no-color"], { "no-color": false }],
    [["--every", "250ms"], { every: 250 }],
    [["--every", "5s"], { every: 5_000 }],
    [["--every", "1m"], { every: 60_000 }],
    [["--every", "2h"], { every: 7_200_000 }],
    [["--mode", "safe"], { mode: "safe" }],
    [["--tag", "a", "--size", "1", "--tag=b"], { tag: ["a", "b"], size: 1 }],
    [["--at", "1", "--at", "2"], { at: [1, 2] }],
  ])("%j", (args, options) => {
    expect(optionsFrom(args, declared)).toEqual(options);
  });
});

describe("an option that is wrong is refused with what would be right:", () => {
  test.each<[string[], string]>([
    [["--inputs", "a"], "UNKNOWN_OPTION: the pipeline has no option --inputs.\n  fix: it has --input, --size,"],
    [["--no-input"], "UNKNOWN_OPTION: the pipeline has no option --no-input."],
    [["--no-dry=true"], "UNKNOWN_OPTION: the pipeline has no option --no-dry."],
    [["--constructor", "a"], "UNKNOWN_OPTION: the pipeline has no option --constructor."],
    [["a"], 'BAD_OPTION: "a" belongs to no option.'],
    [["--dry", "true"], 'BAD_OPTION: "true" belongs to no option.'],
    [["-i", "a"], 'BAD_OPTION: "-i" belongs to no option.'],
    [["--"], 'BAD_OPTION: "--" belongs to no option.'],
    [["--input"], "BAD_OPTION: --input has no value.\n  fix: --input …"],
    [["--input", "--dry"], "BAD_OPTION: --input has no value.\n  fix: --input=--dry, if --dry is meant to be the value"],
    [["--input", "a", "--input", "b"], "BAD_OPTION: --input is given more than once."],
    [["--size", "big"], 'BAD_OPTION: the option "size" takes a number.\n  got: "big"'],
    [["--size="], 'BAD_OPTION: the option "size" takes a number.'],
    [["--dry=maybe"], 'BAD_OPTION: --dry is on or off, not "maybe".\n  fix: --dry or --no-dry'],
    [["--every", "5"], 'BAD_OPTION: the option "every" takes a duration such as 250ms, 5s, 1m or 2h.'],
    [["--mode", "slow"], 'BAD_OPTION: the option "mode" takes one of fast, safe.\n  got: "slow"'],
    [["--at", "1", "--at", "x"], 'BAD_OPTION: the option "at" takes a list, each a number.\n  got: "x"'],
  ])("%j", (args, message) => {
    expect(() => optionsFrom(args, declared)).toThrow(message);
  });
});

test("an option that is required and missing is refused", () => {
  expect(() => optionsFrom([], { input: { type: "string", required: true, help: "files to read" } })).toThrow(
    'BAD_OPTION: the option "input" is required and was not given.\n  fix: give --input (files to read)',
  );
});

test("a secret option comes from the environment, unless it is typed", () => {
  const environment = { MILLRACE_API_KEY: "from the environment", MILLRACE_INPUT: "not a secret" };
  expect(optionsFrom([], declared, environment)).toEqual({ apiKey: "from the environment" });
  expect(optionsFrom(["--apiKey", "typed"], declared, environment)).toEqual({ apiKey: "typed" });
  expect(optionsFrom([], declared, { MILLRACE_API_KEY: "" })).toEqual({});
});

test("a required secret may come from the environment", () => {
  const secret: Readonly<Record<string, OptionSpec>> = { token: { type: "string", secret: true, required: true } };
  expect(optionsFrom([], secret, { MILLRACE_TOKEN: "abc" })).toEqual({ token: "abc" });
});

test("a secret's value is in no error", () => {
  const secrets: Readonly<Record<string, OptionSpec>> = { pin: { type: "number", secret: true }, on: { type: "boolean", secret: true } };
  const message = (args: readonly string[]): string => {
    try {
      optionsFrom(args, secrets);
    } catch (error) {
      return (error as Error).message;
    }
    return "no error";
  };
  expect(message(["--pin", "hush"])).toMatch(/^BAD_OPTION: the option "pin" takes a number/);
  expect(message(["--on=hush"])).toMatch(/^BAD_OPTION: --on is on or off/);
  expect(message(["--pin", "hush"]) + message(["--on=hush"])).not.toContain("hush");
});

test.each([
  ["token", "MILLRACE_TOKEN"],
  ["apiKey", "MILLRACE_API_KEY"],
  ["api-key", "MILLRACE_API_KEY"],
])("the variable of %s is %s", (name, variable) => {
  expect(variableOf(name)).toBe(variable);
});

test("--help asks for help, unless the pipeline has an option of that name", () => {
  expect(asksForHelp(["--input", "a", "--help"], declared)).toBe(true);
  expect(asksForHelp(["--input", "a"], declared)).toBe(false);
  expect(asksForHelp(["--help"], { help: { type: "boolean" } })).toBe(false);
});
