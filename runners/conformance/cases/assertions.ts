import { kv } from "../../../sdk/pipeline.ts";
import { assertThat } from "../../../sdk/testing/assert-that.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual } from "../checks.ts";

/** Assertions: section PAS of the catalogue. */
export const assertionCases = caseModule(import.meta.url, {
  "PAS-01": {
    title: "assertions that hold",
    build(p) {
      const one = p.apply("One", create([42]));
      assertThat(one).containsExactlyOneElement(42);
      assertThat(one).satisfies(([value]) => {
        if (value === 44) throw new Error("it is 44");
      });
      assertThat(p.apply("Four", create([1, 2, 3, 4]))).containsInAnyOrder([4, 2, 1, 3]);
      assertThat(p.apply("None", create<number>([]))).isEmpty();
      assertThat(p.apply("Pairs", create([kv("a", 1), kv("b", 2)]))).satisfies((pairs) =>
        mustEqual(new Map(pairs), new Map([kv("b", 2), kv("a", 1)]), "the map"),
      );
    },
    expected: {},
  },
  "PAS-02": {
    title: "one that fails says its reason, what was expected, and what was found",
    build: (p) => assertThat(p.apply(create([42])), "the answer is wrong").containsExactlyOneElement(44),
    fails: /^(?=[^]*the answer is wrong)(?=[^]*expected 44\b)(?=[^]*actual 42\b)/,
  },
  "PAS-02/step": {
    title: "one that fails without a reason names the step that it looked at",
    build: (p) => assertThat(p.apply("Answer", create([42]))).containsExactlyOneElement(44),
    fails: /^(?=[^]*\bAnswer\b)(?=[^]*expected 44\b)(?=[^]*actual 42\b)/,
  },
  "PAS-03": {
    title: "elements that are not there fail the run, and the expected ones are listed",
    build: (p) => assertThat(p.apply(create([1, 2, 3, 4]))).containsInAnyOrder([1, 2, 3, 4, 7]),
    fails: /expected 1, 2, 3, 4, 7\b[^]*missing 7\b/,
  },
  "PAS-03/empty": {
    title: "elements that should not be there fail the run, and nothing is listed as expected",
    build: (p) => assertThat(p.apply(create([0, 1, 2, 3, 4]))).isEmpty(),
    fails: /expected nothing\b[^]*unexpected 0\b/,
  },
});
