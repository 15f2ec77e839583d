import fc from "fast-check";
import { expect, test } from "vitest";
import { PipelineError } from "millrace";
import { stepFailed } from "../../runners/core/failures.ts";
import { decodeError, encodeError } from "../../runners/threads/error-codec.ts";

/** An error that has been to another thread. */
const sent = (error: unknown): Error => decodeError(structuredClone(encodeError(error)));

test("an error keeps its name, its message and the stack of where it was thrown", () => {
  const error = new TypeError("no number");
  const there = sent(error);
  expect(there).toBeInstanceOf(Error);
  expect({ name: there.name, message: there.message, stack: there.stack }).toEqual({
    name: "TypeError",
    message: "no number",
    stack: error.stack,
  });
});

test("an error of a user's class keeps its name and its plain fields", () => {
  class ParseError extends Error {
    override readonly name = "ParseError";
    readonly line = 7;
    readonly isFatal = true;
    readonly code = "E_PARSE";
    readonly token = Symbol("not plain");
    readonly context = { not: "plain" };
    readonly retry = (): void => {};
  }
  const there = sent(new ParseError("bad line"));
  expect(there).toMatchObject({ name: "ParseError", message: "bad line", line: 7, isFatal: true, code: "E_PARSE" });
  for (const field of ["token", "context", "retry"]) expect(there).not.toHaveProperty(field);
});

test("an error of Node keeps its code", () => {
  const error = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT", errno: -2, syscall: "open", path: "a.txt" });
  expect(sent(error)).toMatchObject({ code: "ENOENT", errno: -2, syscall: "open", path: "a.txt" });
});

test("a PipelineError is one again, with its code and all of its parts", () => {
  const cause = new RangeError("too far");
  const error = new PipelineError("BAD_CLAIM", { what: "it is wrong", at: "Read", got: "5", fix: "do otherwise", cause });
  const there = sent(error) as PipelineError;
  expect(there).toBeInstanceOf(PipelineError);
  expect(there.message).toBe(error.message);
  expect(there.code).toBe("BAD_CLAIM");
  expect(there.parts).toMatchObject({ what: "it is wrong", at: "Read", got: "5", fix: "do otherwise" });
  expect(there.stack).toBe(error.stack);
  expect(there.cause).toMatchObject({ name: "RangeError", message: "too far", stack: cause.stack });
  expect(there.parts.cause).toBe(there.cause);
});

test("a PipelineError without some of its parts has none of them afterwards", () => {
  const error = new PipelineError("STALLED", { what: "it stands still" });
  const there = sent(error) as PipelineError;
  expect(there.message).toBe(error.message);
  expect([there.parts.at, there.parts.got, there.parts.fix, there.cause]).toEqual([undefined, undefined, undefined, undefined]);
});

test("causes come along, one behind the other", () => {
  const inner = new Error("inner");
  const error = new Error("outer", { cause: new SyntaxError("middle", { cause: inner }) });
  expect(sent(error)).toMatchObject({
    message: "outer",
    cause: { name: "SyntaxError", message: "middle", cause: { message: "inner", stack: inner.stack } },
  });
});

test("an error that is its own cause comes to an end", () => {
  const error = new Error("round");
  error.cause = error;
  let depth = 0;
  for (let at: unknown = sent(error); at instanceof Error; at = at.cause) depth++;
  expect(depth).toBeGreaterThan(1);
  expect(depth).toBeLessThan(50);
});

test.each([
  ["a text", "no", '"no"'],
  ["a number", 7, "7"],
  ["nothing", undefined, "undefined"],
  ["a record", { code: 5 }, '{"code":5}'],
])("what is thrown without being an error arrives as one: %s", (_, thrown, message) => {
  expect(sent(thrown)).toMatchObject({ name: "Error", message });
});

test("the error of a step keeps what user code threw, wherever it was thrown", () => {
  const user = new TypeError("x is undefined");
  const error = stepFailed("Parse", { line: 3 }, user);
  const there = sent(error);
  expect(there).toMatchObject({
    code: "STEP_FAILED",
    parts: { at: "Parse", got: 'the element {"line":3}' },
    cause: { name: "TypeError", stack: user.stack },
  });
});

test("errors of any text and depth come back as they were", () => {
  const anyError = fc.letrec<{ error: Error }>((tie) => ({
    error: fc
      .record({ name: fc.string(), message: fc.string(), cause: fc.option(tie("error"), { nil: undefined, depthSize: "small" }) })
      .map(({ name, message, cause }) =>
        Object.defineProperty(new Error(message, cause === undefined ? undefined : { cause }), "name", { value: name }),
      ),
  })).error;
  const plain = (error: unknown): unknown =>
    error instanceof Error ? { name: error.name, message: error.message, stack: error.stack, cause: plain(error.cause) } : error;
  fc.assert(
    fc.property(anyError, (error) => {
      expect(plain(sent(error))).toEqual(plain(error));
    }),
  );
});
