import { describe, expect, test } from "vitest";
import { failureOfRun, runners } from "../support/runs.ts";
import windows from "./pipelines/windows.ts";

const assigning = [
  ["gives no window", "into no window", "[]"],
  ["gives nothing", "into no window", "undefined"],
  ["gives a number", "no window", "7"],
  ["gives null", "no window", "null"],
  ["gives a window that ends before it begins", "no window", '{"start":10,"end":5,"maxTimestamp":4}'],
  ["gives a window without a time in it", "no window", '{"start":5,"end":5,"maxTimestamp":4}'],
  ["gives a window that ends at NaN", "no window", '{"start":0,"end":10,"maxTimestamp":null}'],
  ["gives a window that never ends", "no window", '{"start":0,"end":10,"maxTimestamp":null}'],
  ["gives a window whose end and last time do not fit", "no window", '{"start":0,"end":10,"maxTimestamp":4}'],
] as const;

describe.each(runners)("a window function on %s", (_, make) => {
  describe.each([
    [false, "an element"],
    [true, "a time"],
  ])("that is asked (by time: %s) for %s", (byTime) => {
    test.each(assigning)("and %s fails the run, and its step and the element are named", async (does, what, got) => {
      const error = await failureOfRun(make().run(windows, { does, byTime }));
      expect(error).toMatchObject({ code: "BAD_WINDOW", parts: { at: "Windows", got: `${got}, for the element "a"` } });
      expect(error).toMatchObject({ parts: { what: expect.stringContaining(what) } });
    });

    test("and throws is the step that fails", async () => {
      const error = await failureOfRun(make().run(windows, { does: "throws", byTime }));
      expect(error).toMatchObject({ code: "STEP_FAILED", parts: { at: "Windows" }, cause: { message: "no windows today" } });
    });
  });

  test.each([
    ["merges nothing", "mine gave undefined"],
    ["merges a number", "mine gave 7"],
    ["merges what it was not given", '{"start":77,"end":78,'],
    ["merges null", "mine merged [null] into "],
    ["merges a window twice", ' into {"start":0,"end":600,'],
    ["merges a window with itself", ' into {"start":97,"end":107,'],
    ["merges what has merged", 'mine merged [{"start":98,"end":108,'],
    ["merges into one that it leaves out", ' into {"start":98,"end":108,'],
    ["merges into a window that ends at NaN", ' into {"start":0,"end":null,'],
    ["merges into a window that ends before it begins", ' into {"start":10,"end":5,'],
    ["merges into a window that does not hold them", ' into {"start":0,"end":50,'],
    ["merges into nothing", " into undefined"],
  ])("that %s fails the run, and the grouping and what it gave are named", async (does, got) => {
    const error = await failureOfRun(make().run(windows, { does }));
    expect(error).toMatchObject({ code: "BAD_WINDOW", parts: { at: "Group", got: expect.stringContaining(got) } });
  });

  test("that throws as it merges fails the run, and the grouping and the windows are named", async () => {
    const error = await failureOfRun(make().run(windows, { does: "throws as it merges" }));
    expect(error).toMatchObject({
      code: "STEP_FAILED",
      parts: { at: "Group", got: expect.stringContaining('{"start":97,"end":107,') },
      cause: { message: "no merges today" },
    });
  });

  test("that merges as it should is let through", async () => {
    expect(await make().run(windows, { does: "merges as it should" })).toMatchObject({ state: "DONE" });
  });
});
