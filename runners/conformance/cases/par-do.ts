import { create } from "../../../sdk/transforms/create.ts";
import { filter } from "../../../sdk/transforms/filter.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { ptransform, type PCollection, type PTransform } from "../../../sdk/pipeline.ts";
import { assertThat } from "../../../sdk/testing/assert-that.ts";
import { MIN_INSTANT } from "../../../sdk/time.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { caseModule, type Outputs } from "../case-module.ts";
import { mustEqual, mustHold } from "../checks.ts";

const FINISHED = "fin";

/** `p:n` for each number, and a word at the end of each bundle. */
const labelled = () =>
  parDo({
    output: output<string>(),
    process: (n: number, ctx) => ctx.output(`p:${n}`),
    finishBundle: (ctx) => ctx.output(FINISHED, { timestamp: MIN_INSTANT, window: globalWindow }),
  });

/** How many bundles there are is the runner's choice. */
function mustBeLabelled({ main = [] }: Outputs, expected: readonly string[], leastFinished: number): void {
  const finished = main.filter((element) => element === FINISHED);
  mustHold(
    main.filter((element) => element !== FINISHED),
    expected,
  );
  if (finished.length < leastFinished) throw new Error("no bundle has given out anything as it finished");
}

/** The first of several inputs, as it is. */
const first = ptransform("First", (inputs: readonly [PCollection<string>, PCollection<string>]) => inputs[0]);

/** Element-wise steps: section PAR of the catalogue. */
export const parDoCases = caseModule(import.meta.url, {
  "PAR-01": {
    title: "one output for each element, and what finishBundle gives out",
    build: (p) => p.apply(create([3, -42, 666])).apply(labelled()),
    check: (outputs) => mustBeLabelled(outputs, ["p:3", "p:-42", "p:666"], 1),
  },
  "PAR-02": {
    title: "no elements give none",
    build: (p) => p.apply(create<number>([])).apply(labelled()),
    check: (outputs) => mustBeLabelled(outputs, [], 0),
  },
  "PAR-03": {
    title: "a DoFn that gives nothing out has an empty output",
    build(p) {
      const nothing = p.apply(create<number>([])).apply(parDo({ output: output<number>(), process() {} }));
      assertThat(nothing).isEmpty();
      return nothing;
    },
    expected: [],
  },
  "PAR-04": {
    title: "a DoFn inside of a composite works as it does outside of one",
    build: (p) =>
      p.apply(create([3, -42, 666])).apply(ptransform("Composite", (numbers: PCollection<number>) => numbers.apply(labelled()))),
    check: (outputs) => mustBeLabelled(outputs, ["p:3", "p:-42", "p:666"], 1),
  },
  "PAR-05": {
    title: "options are what was given to the run",
    build: (p) => p.apply(create(["x"])).apply(map((_, { options }) => options["case"])),
    expected: ["PAR-05"],
  },
  "PAR-07": {
    title: "two maps in a row",
    build: (p) =>
      p.apply(create(["a", "bc"])).pipe(
        map((x) => x + x),
        map((x) => `${x}x`),
      ),
    expected: ["aax", "bcbcx"],
  },
  "PAR-08": {
    title: "one transform object applied several times",
    build(p) {
      const plus: PTransform<PCollection<string>, PCollection<string>> = map((x) => `${x}+`);
      const input = p.apply(create(["a", "b"]));
      const left = input.apply("Left1", plus).apply("Left2", plus);
      const right = input.apply("Right", plus);
      return flatten([left, right]);
    },
    expected: ["a++", "b++", "a+", "b+"],
  },
  "PAR-09": {
    title: "a composite that returns its input",
    build: (p) => p.apply(create([1, 2, 3, 4])).apply("Identity", (numbers) => numbers),
    expected: [1, 2, 3, 4],
  },
  "PAR-10": {
    title: "a composite without steps that selects one of two inputs",
    build: (p) => first([p.apply("A", create(["a"])), p.apply("B", create(["b"]))]),
    expected: ["a"],
  },
  "PAR-11": {
    title: "collections are put under a tag and taken from it by transforms",
    build(p) {
      const numbers = p.apply(create([1, 2, 3, 4]));
      const injected = numbers.apply("Put", (tagged) => ({ tagged }));
      const projected = ptransform("Take", (tuple: typeof injected) => tuple.tagged)(injected);
      return { injected: injected.tagged, projected };
    },
    expected: { injected: [1, 2, 3, 4], projected: [1, 2, 3, 4] },
  },
  "PAR-12": {
    title: "a pipeline without steps is done",
    build: () => {},
    expected: {},
    check: (_, { state }) => mustEqual(state, "DONE", "the state"),
  },
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
  "PAR-19+": {
    title: "flatMap with its context, over elements that have come from others",
    build: (p) =>
      p.apply(create(["ab", "c"])).pipe(
        flatMap((text) => text.split("")),
        flatMap((letter, { timestamp }) => [letter, timestamp]),
        flatMap((each, { pane }) => [`${each} ${pane.timing}`]),
      ),
    expected: ["a", "b", "c"].flatMap((letter) => [`${letter} UNKNOWN`, `${MIN_INSTANT} UNKNOWN`]),
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
