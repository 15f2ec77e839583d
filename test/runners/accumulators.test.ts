import { describe, expect, test } from "vitest";
import { count, sum, type AnyCombineFn } from "millrace";
import { AccumulatorCheck } from "../../runners/core/encodable.ts";
import { failureOfRun, inOrder, runners } from "../support/runs.ts";
import { outputsOf, run } from "../support/scenarios.ts";

describe.each(runners)("accumulators that are instances of a class on %s", (name, make) => {
  test("are refused", async () => {
    expect(await failureOfRun(run(make(), "classAccumulators", "from the start"))).toMatchObject({ code: "NOT_ENCODABLE" });
  });

  test("are refused where they become so later, in a run with several partitions", async () => {
    const error = await failureOfRun(run(make({ partitions: 2 }), "classAccumulators", "later"));
    // On threads it is found when they are sent, where nobody knows the combiner.
    const parts = name === "threadsRunner" ? {} : { at: "Tally", got: '{"count":1}' };
    expect(error).toMatchObject({ code: "NOT_ENCODABLE", parts });
  });

  test("are taken with a coder", async () => {
    const { counts } = await outputsOf(make({ partitions: 2 }), "classAccumulators", "with a coder");
    expect(inOrder(counts!)).toEqual(['["a",2]', '["b",1]']);
  });
});

describe("a check of accumulators", () => {
  const bad = new (class Bad {})();

  test("names the step and the combiner", () => {
    const check = new AccumulatorCheck(sum() as AnyCombineFn, "Step", false);
    check.look(1);
    expect(() => check.look(bad)).toThrow(
      'accumulator of the combiner sum could not leave its thread: numberCoder takes numbers only at "Step"',
    );
  });

  test("looks at the first ones, and at all of them where it is strict", () => {
    const later = [...Array.from({ length: 100 }, () => 1), bad];
    new AccumulatorCheck(count() as AnyCombineFn, "Step", false).lookAll(later, later.length);
    expect(() => new AccumulatorCheck(count() as AnyCombineFn, "Step", true).lookAll(later, later.length)).toThrow("NOT_ENCODABLE");
    expect(() => new AccumulatorCheck(count() as AnyCombineFn, "Step", false).lookAll(later.slice(1), 100)).toThrow("NOT_ENCODABLE");
  });

  test("leaves a create that throws to the first element", () => {
    const create = (): never => {
      throw new Error("not yet");
    };
    const check = new AccumulatorCheck({ ...(count() as AnyCombineFn), create }, "Step", false);
    expect(() => check.lookAtFirst()).not.toThrow();
  });
});
