import { describe, expect, test } from "vitest";
import { PipelineError } from "millrace";
import { failureOfRun, localRunners, runners } from "../support/runs.ts";
import { run } from "../support/scenarios.ts";

describe.each(runners)("an error of user code on %s", (_, make) => {
  test("names the step by its path, and the element, and keeps what was thrown with the user's file first", async () => {
    const error = (await failureOfRun(run(make(), "throws", "an error of JavaScript"))) as PipelineError;
    expect(error).toBeInstanceOf(PipelineError);
    expect(error.code).toBe("STEP_FAILED");
    expect(error.parts).toMatchObject({ at: "Outer/Parse", got: 'the element "bad"' });
    expect(error.message).toContain("TypeError: that is no number");
    const cause = error.cause as Error;
    expect(cause).toBeInstanceOf(Error);
    expect({ name: cause.name, message: cause.message }).toEqual({ name: "TypeError", message: "that is no number" });
    const [first, second] = cause.stack!.split("\n").filter((line) => line.trim().startsWith("at "));
    expect(first).toMatch(/\bparsed .*runners\/pipelines\/scenarios\.ts:\d+:\d+/);
    expect(second).not.toMatch(/scenarios\.ts/);
  });

  test("keeps the fields and the cause of an error of the user's own class", async () => {
    expect(await failureOfRun(run(make(), "throws", "an error of its own"))).toMatchObject({
      code: "STEP_FAILED",
      cause: {
        name: "ParseError",
        message: "line 7 is bad",
        line: 7,
        code: "E_PARSE",
        cause: { name: "RangeError", message: "behind it" },
      },
    });
  });

  test.each([
    ["of a function", "NaN"],
    ["too early", "an output at -5; the input is at 0, the allowed skew is 0 ms"],
    ["of a DoFn", "0.5"],
    ["of an async DoFn", "Infinity"],
  ])("says for which element a time is wrong, which is %s", async (how, got) => {
    const error = await failureOfRun(run(make(), "wrongTimes", how));
    expect(error).toMatchObject({ code: "BAD_TIMESTAMP", parts: { at: "At", got: `${got}, for the element "bad"` } });
  });

  test("says what was thrown where that was no error", async () => {
    const error = (await failureOfRun(run(make(), "throws", "a text"))) as PipelineError;
    expect(error).toMatchObject({ code: "STEP_FAILED", parts: { at: "Outer/Parse", got: 'the element "bad"' } });
    expect(error.message).toContain("just a text");
  });
});

test.each(runners)("an element that no coder takes fails the run on %s, and is named with the step that made it", async (_, make) => {
  const error = await failureOfRun(run(make(), "notEncodable"));
  expect(error).toMatchObject({ code: "NOT_ENCODABLE", parts: { at: "ToPoint" }, message: expect.stringMatching(/Point/) });
});

describe.each(localRunners)("the error of a run on %s", (_, make) => {
  test("comes as a rejection of run, for what is wrong with the call too", async () => {
    await expect(make().run("no pipeline" as never)).rejects.toMatchObject({ code: "NOT_A_PIPELINE" });
    await expect(make().run((() => fail()) as never)).rejects.toThrow("the builder failed");
  });

  test("is that of an async builder, whose own failure does not end the process", async () => {
    const builder = async (): Promise<void> => fail();
    await expect(make().run(builder as never)).rejects.toMatchObject({ code: "NOT_A_PIPELINE", message: expect.stringContaining("async") });
  });
});

function fail(): never {
  throw new Error("the builder failed");
}
