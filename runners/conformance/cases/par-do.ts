import { create } from "../../../sdk/transforms/create.ts";
import { filter } from "../../../sdk/transforms/filter.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { ptransform, type PCollection } from "../../../sdk/pipeline.ts";
import { caseModule } from "../case-module.ts";

/** Element-wise steps: section PAR of the catalogue, as far as it needs neither state nor side inputs. */
export const parDoCases = caseModule(import.meta.url, {
  "PAR-07": {
    title: "two maps in a row",
    build: (p) =>
      p.apply(create(["a", "bc"])).pipe(
        map((x) => x + x),
        map((x) => `${x}x`),
      ),
    expected: ["aax", "bcbcx"],
  },
  "PAR-09": {
    title: "a composite that returns its input",
    build: (p) => p.apply(create([1, 2, 3, 4])).apply("Identity", (numbers) => numbers),
    expected: [1, 2, 3, 4],
  },
  "PAR-10": {
    title: "a composite without steps that selects one of two inputs",
    build(p) {
      const a = p.apply("A", create(["a"]));
      const b = p.apply("B", create(["b"]));
      return ptransform("First", (inputs: readonly [PCollection<string>, PCollection<string>]) => inputs[0])([a, b]);
    },
    expected: ["a"],
  },
  "PAR-12": { title: "a pipeline without steps is done", build: () => {}, expected: {}, check: (_, { state }) => mustBe(state, "DONE") },
  "PAR-13": {
    title: "the failing step is named, and no other",
    build: (p) =>
      p
        .apply(create(["a", "b"]))
        .apply(
          "StageA",
          map((x) => x),
        )
        .apply(
          "StageB",
          map((x) => x),
        )
        .apply(
          "StageC",
          map((x): string => {
            throw new Error(`cannot take ${x}`);
          }),
        )
        .apply(
          "StageD",
          map((x) => x),
        ),
    fails: /^(?=[^]*StageC)(?=[^]*cannot take [ab])(?![^]*StageB)(?![^]*StageD)/,
  },
  "PAR-17": {
    title: "flatMap over an element that is a list",
    build: (p) => p.apply(create([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]])).apply(flatMap((list) => list)),
    expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  },
  "CRE-02": {
    title: "null and undefined are elements like others",
    build: (p) => p.apply(create([null, "test1", null, undefined, "test2"])),
    expected: [null, "test1", null, undefined, "test2"],
  },
  "PAR-18+": {
    title: "a collection that two steps read is whole for both",
    build(p) {
      const numbers = p.apply(create([1, 2, 3, 4]));
      return {
        even: numbers.apply(
          "Even",
          filter((n) => n % 2 === 0),
        ),
        odd: numbers.apply(
          "Odd",
          filter((n) => n % 2 === 1),
        ),
      };
    },
    expected: { even: [2, 4], odd: [1, 3] },
  },
});

function mustBe(actual: unknown, wanted: unknown): void {
  if (actual !== wanted) throw new Error(`expected ${String(wanted)}, got ${String(actual)}`);
}
