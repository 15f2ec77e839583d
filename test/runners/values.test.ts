import { describe, expect, test } from "vitest";
import { runners } from "../support/runs.ts";
import { outputsOf, run } from "../support/scenarios.ts";

const fields = JSON.parse('{ "__proto__": { "admin": true }, "constructor": 1 }') as unknown;
const awkward = [null, undefined, "__proto__", "", 0, NaN, fields, [], [undefined, null]];

describe.each(runners)("on %s", (_, make) => {
  test.each([{}, { partitions: 3, elementsPerBundle: 1 }])(
    "null, undefined and __proto__ are elements and keys like others, cut as %o",
    async (cut) => {
      const { elements, groups } = await outputsOf(make(cut), "awkward");
      expect(elements).toHaveLength(awkward.length);
      expect(elements).toEqual(expect.arrayContaining(awkward));
      expect(groups).toHaveLength(awkward.length);
      expect(groups).toEqual(expect.arrayContaining(awkward.map((each) => ({ key: each, values: [each] }))));
      // `toEqual` does not see where a field of this name has become the prototype.
      const found = elements!.find(
        (each) => typeof each === "object" && each !== null && "constructor" in each && Object.hasOwn(each, "constructor"),
      );
      expect(Object.hasOwn(found as object, "__proto__")).toBe(true);
      expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    },
  );

  test("a pipeline without steps is done", async () => {
    expect((await run(make(), "empty")).state).toBe("DONE");
  });

  test("a source without elements gives none", async () => {
    expect(await outputsOf(make(), "empty", "a source without elements")).toEqual({ main: [] });
  });
});
