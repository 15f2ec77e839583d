import { describe, expect, test } from "vitest";
import { PipelineError } from "millrace";
import { errorText } from "../../runners/cli/errors/error-text.ts";
import { framesOf } from "../../runners/cli/errors/stack.ts";

const places = {
  folder: "/home/ada/job",
  library: ["/home/ada/job/node_modules/millrace/dist/runners", "/home/ada/job/node_modules/millrace/sdk"],
};
const brief = { ...places, isVerbose: false };
const verbose = { ...places, isVerbose: true };

function withStack<E extends Error>(error: E, ...frames: string[]): E {
  error.stack = [`${error.name}: ${error.message}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

const own = "priceOf (file:///home/ada/job/prices.ts:9:11)";
const dependency = "parse (/home/ada/job/node_modules/papaparse/papaparse.js:4:3)";
const engine = "LinkedStage.run (file:///home/ada/job/node_modules/millrace/dist/runners/core/link.js:43:10)";
const mapped = "map (/home/ada/job/node_modules/millrace/sdk/transforms/map.ts:5:1)";
const node = "async node:internal/process/task_queues:95:5";

describe("a frame belongs to", () => {
  test.each([
    ["the user", own, "user", "prices.ts:9:11"],
    ["the user, outside of the current folder", "f (/home/ada/shared/x.ts:1:2)", "user", "/home/ada/shared/x.ts:1:2"],
    ["the user, without a name", "file:///home/ada/job/a%20b.ts:1:2", "user", "a b.ts:1:2"],
    ["the user, after an await", "async file:///home/ada/job/a.ts:1:2", "user", "a.ts:1:2"],
    ["the user, in a folder with a difficult name", "f (/home/ada/job/old (1)/x.ts:1:2)", "user", "old (1)/x.ts:1:2"],
    ["another package", dependency, "dependency", "node_modules/papaparse/papaparse.js:4:3"],
    ["the library", engine, "library", "node_modules/millrace/dist/runners/core/link.js:43:10"],
    ["the library, by a source map", mapped, "library", "node_modules/millrace/sdk/transforms/map.ts:5:1"],
    ["what reads TypeScript", "resolve (/home/ada/job/node_modules/tsx/dist/x.mjs:2:1)", "platform", "node_modules/tsx/dist/x.mjs:2:1"],
    ["Node", node, "platform", undefined],
    ["what was generated", "eval at compile (file:///x.js:1:1), <anonymous>:3:5", "platform", undefined],
    ["what is built in", "Array.map (<anonymous>)", "platform", undefined],
  ])("%s", (_, line, owner, place) => {
    expect(framesOf(withStack(new Error("x"), line), places)).toMatchObject([{ owner, place }]);
  });
});

test("the place that Node puts before the text of an error is its first frame", () => {
  const error = new SyntaxError("no export named 'x'");
  error.stack = `file:///home/ada/job/a.mjs:3\nimport { x } from "./b.mjs";\n         ^\nSyntaxError: ${error.message}\n    at ${node}`;
  expect(framesOf(error, places)).toMatchObject([
    { owner: "user", place: "a.mjs:3", text: "at a.mjs:3" },
    { owner: "platform", place: undefined },
  ]);
});

test("an error of a step shows the step, the user's file and line, the element, and the cause with the user's frames", () => {
  const root = withStack(new RangeError("the list is old"), "Object.<anonymous> (/home/ada/job/list.ts:2:7)");
  const thrown = withStack(new Error("no price", { cause: root }), own, dependency, engine, node);
  const error = withStack(
    new PipelineError("STEP_FAILED", { what: "a step failed", at: "Shop/Price", got: 'the element "pear"', cause: thrown }),
    "main (/home/ada/job/main.ts:1:1)",
  );
  expect(errorText(error, brief)).toBe(`STEP_FAILED: a step failed at "Shop/Price".
  got: the element "pear"
  in: prices.ts:9:11

caused by Error: no price
    at priceOf (prices.ts:9:11)
    at parse (node_modules/papaparse/papaparse.js:4:3)
    … 2 frames of millrace and Node; --verbose shows them

caused by RangeError: the list is old
    at Object.<anonymous> (list.ts:2:7)
`);
});

test("with --verbose every frame is there, of our own errors as well", () => {
  const thrown = withStack(new Error("no price"), own, engine);
  const error = withStack(new PipelineError("STEP_FAILED", { what: "a step failed", cause: thrown }), engine);
  expect(errorText(error, verbose)).toBe(`STEP_FAILED: a step failed.
    at LinkedStage.run (node_modules/millrace/dist/runners/core/link.js:43:10)

caused by Error: no price
    at priceOf (prices.ts:9:11)
    at LinkedStage.run (node_modules/millrace/dist/runners/core/link.js:43:10)
`);
});

test("an error of ours without a cause is its text", () => {
  const error = withStack(new PipelineError("NO_FILES", { what: "no file matches", got: "*.txt", fix: "check the path" }), engine);
  expect(errorText(error, brief)).toBe("NO_FILES: no file matches.\n  got: *.txt\n  fix: check the path\n");
});

test("an error of ours that the user's builder got shows where it did", () => {
  const error = withStack(new PipelineError("DUPLICATE_NAME", { what: "two steps have the same name", at: "Read" }), engine, own, engine);
  expect(errorText(error, brief)).toBe('DUPLICATE_NAME: two steps have the same name at "Read".\n  in: prices.ts:9:11\n');
});

test("frames that are Node's alone are left out behind an error of ours, and those of the library are not", () => {
  const wrapped = (cause: Error): string =>
    errorText(withStack(new PipelineError("MODULE_NOT_LOADED", { what: "no", cause }), engine), brief);
  expect(wrapped(withStack(new SyntaxError("x"), node, engine))).toContain("SyntaxError: x\n    … 2 frames of millrace and Node");
  expect(wrapped(withStack(new TypeError("x"), engine))).toContain("TypeError: x\n    at LinkedStage.run (");
});

test("an error that nobody expected shows its stack, even if all of it is ours", () => {
  expect(errorText(withStack(new TypeError("x is not a function"), engine), brief)).toBe(
    "TypeError: x is not a function\n    at LinkedStage.run (node_modules/millrace/dist/runners/core/link.js:43:10)\n",
  );
});

test("what was thrown and is no error is printed as it is", () => {
  expect(errorText("just text", brief)).toBe("'just text'\n");
  expect(errorText(undefined, brief)).toBe("undefined\n");
  const error = withStack(new PipelineError("STEP_FAILED", { what: "a step failed", cause: { status: 500 } }), engine);
  expect(errorText(error, brief)).toBe("STEP_FAILED: a step failed.\n\ncaused by { status: 500 }\n");
});

test("an error of ours that another one gave its place to is printed once", () => {
  const thrown = withStack(new TypeError("x"), own);
  const parts = { what: "a coder failed", got: "1" };
  const inner = withStack(new PipelineError("NOT_ENCODABLE", { ...parts, cause: thrown }), engine);
  const outer = withStack(new PipelineError("NOT_ENCODABLE", { ...parts, at: "Price", cause: inner }), engine);
  expect(errorText(outer, brief)).toBe(`NOT_ENCODABLE: a coder failed at "Price".
  got: 1
  in: prices.ts:9:11

caused by TypeError: x
    at priceOf (prices.ts:9:11)
`);
  const other = withStack(new PipelineError("READ_FAILED", { ...parts, cause: inner }), engine);
  expect(errorText(other, brief)).toContain("\ncaused by NOT_ENCODABLE: a coder failed.\n");
});

test("causes that go round in a circle are printed once", () => {
  const a = withStack(new Error("a"), own);
  const b = withStack(new Error("b", { cause: a }), own);
  a.cause = b;
  expect(errorText(a, brief)).toBe("Error: a\n    at priceOf (prices.ts:9:11)\n\ncaused by Error: b\n    at priceOf (prices.ts:9:11)\n");
});
