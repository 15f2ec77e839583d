import { describe, expect, test } from "vitest";
import { failureOfRun, runners } from "../support/runs.ts";
import { outputsOf, run } from "../support/scenarios.ts";

const good = [1, 2, 4, 5, 7, 8];
const bad = [0, 3, 6];
const texts = (elements: readonly unknown[]): readonly string[] => elements.map((each) => JSON.stringify(each)).toSorted();

describe.each(runners)("withExceptionHandling on %s", (_, make) => {
  test.each([{}, { partitions: 2, elementsPerBundle: 2 }])(
    "skips, or makes dead letters of, what fails at every attempt, cut as %o",
    async (cut) => {
      const outputs = await outputsOf(make(cut), "policies");
      const expected = {
        skipped: good.map((n) => n * 10),
        main: good.map((n) => n * 10),
        failed: bad.map((n) => ({
          element: n,
          step: "Letter",
          error: { name: "Error", message: `cannot take ${n}` },
          attempts: 3,
          timestamp: n,
        })),
        // What was given out before the failure is dropped with the element.
        lists: good.flatMap((n) => [n, -n]),
        doFnMain: good,
        doFnOther: good.map((n) => `other ${n}`),
        doFnFailed: bad,
      };
      const failed = outputs["failed"]!.map((each) => inOrder(each as object, expected.failed[0]!));
      expect(mapValues({ ...outputs, failed }, texts)).toEqual(mapValues(expected, texts));
    },
  );

  test("counts what was given up, and every attempt", async () => {
    const result = await run(make(), "policies");
    const counted = (step: string, name: string): unknown =>
      result.metrics({ step, name, kind: "counter" }).map(({ committed }) => committed);
    expect([counted("Skip", "skipped"), counted("Letter", "failed"), counted("Lists", "skipped"), counted("DoFn", "failed")]).toEqual([
      [3],
      [3],
      [3],
      [3],
    ]);
    expect([counted("Skip", "attempts"), counted("Letter", "attempts")]).toEqual([[6 + 2 * 3], [6 + 3 * 3]]);
    expect(counted("Letter", "elements_out")).toEqual([9]);
    expect([counted("Letter", "skipped"), counted("Skip", "failed")]).toEqual([[], []]);
  });

  test("fails the run with what the last attempt threw, where it says so", async () => {
    expect(await failureOfRun(run(make(), "policyFails", "itself"))).toMatchObject({
      code: "STEP_FAILED",
      parts: { at: "Guarded", got: "the element 2" },
      cause: { message: "cannot take 2" },
    });
  });

  test("has no say in what fails behind the step", async () => {
    expect(await failureOfRun(run(make(), "policyFails", "behind"))).toMatchObject({
      code: "STEP_FAILED",
      parts: { at: "Behind", got: "the element 2" },
      cause: { message: "cannot take 2 either" },
    });
  });
});

/** The fields of an object in the order in which another one has them. */
const inOrder = (object: object, like: object): object =>
  Object.fromEntries(Object.keys(like).map((name) => [name, (object as Readonly<Record<string, unknown>>)[name]]));

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));
