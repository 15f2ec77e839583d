import { expect, test } from "vitest";
import {
  asList,
  collect,
  create,
  filter,
  fixedWindows,
  groupByKey,
  keyBy,
  kvCoder,
  map,
  numberCoder,
  stringCoder,
  structuralCoder,
  windowInto,
  withCoder,
  type PCollection,
  type Pipeline,
  type SideInput,
} from "millrace";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { differenceOf, fingerprintOf } from "../../runners/core/fingerprint.ts";

const fingerprint = (build: (p: Pipeline) => void): readonly string[] => fingerprintOf(buildGraph(build).graph);

const plain = (apply: (input: PCollection<number>) => void) => (p: Pipeline) =>
  apply(p.apply("Numbers", create([1, 2], { coder: numberCoder })));
const grouped = plain(
  (numbers) =>
    void numbers
      .apply(
        "Key",
        keyBy((n) => n),
      )
      .apply("Group", groupByKey()),
);

/** A step that reads one of two side inputs. */
const reading =
  (which: "a" | "b", name = "side") =>
  (p: Pipeline) => {
    const sides = { a: asList(p.apply("A", create([1]))), b: asList(p.apply("B", create([2]))) };
    const sideInputs: Readonly<Record<string, SideInput<readonly number[]>>> = { [name]: sides[which] };
    p.apply("Main", create([3])).apply(
      "Read",
      map((n) => n, { sideInputs }),
    );
  };

test("two builds of a pipeline have one fingerprint", () => {
  expect(fingerprint(grouped)).toEqual(fingerprint(grouped));
  expect(differenceOf(fingerprint(grouped), fingerprint(grouped))).toBeUndefined();
});

test("the text of functions, and what they hold, does not belong to it", () => {
  const times = (factor: number) =>
    plain(
      (numbers) =>
        void numbers.apply(
          "Map",
          map((n) => n * factor),
        ),
    );
  const other = plain((numbers) => void numbers.apply("Map", map(String)));
  expect(fingerprint(times(2))).toEqual(fingerprint(times(3)));
  expect(fingerprint(times(2))).toEqual(fingerprint(other));
});

test.each<[string, (p: Pipeline) => void, (p: Pipeline) => void]>([
  [
    "the name of a step",
    plain(
      (n) =>
        void n.apply(
          "A",
          map((x) => x),
        ),
    ),
    plain(
      (n) =>
        void n.apply(
          "B",
          map((x) => x),
        ),
    ),
  ],
  ["the kind of a step", plain((n) => void n.apply("A", collect())), plain((n) => void n.apply("A", windowInto(fixedWindows(1))))],
  [
    "the kind of a step's function",
    plain(
      (n) =>
        void n.apply(
          "A",
          map((x) => x),
        ),
    ),
    plain(
      (n) =>
        void n.apply(
          "A",
          filter(() => true),
        ),
    ),
  ],
  ["a step more", plain(() => {}), plain((n) => void n.apply(map((x) => x)))],
  [
    "what a step reads",
    plain(
      (n) =>
        void [
          n.apply(
            "A",
            map((x) => x),
          ),
          n.apply(
            "B",
            map((x) => x),
          ),
        ],
    ),
    plain(
      (n) =>
        void n
          .apply(
            "A",
            map((x) => x),
          )
          .apply("Outer", (x) => x)
          .apply(
            "B",
            map((x) => x),
          ),
    ),
  ],
  ["a coder", plain((n) => void n.apply("A", withCoder(numberCoder))), plain((n) => void n.apply("A", withCoder(structuralCoder)))],
  [
    "the coder of a part",
    (p) => void p.apply("A", create([["a", 1] as const], { coder: kvCoder(stringCoder, numberCoder) })),
    (p) => void p.apply("A", create([["a", 1] as const], { coder: kvCoder(stringCoder, structuralCoder) })),
  ],
  [
    "a window's size",
    plain((n) => void n.apply("A", windowInto(fixedWindows(10)))),
    plain((n) => void n.apply("A", windowInto(fixedWindows(20)))),
  ],
  [
    "a window's offset",
    plain((n) => void n.apply("A", windowInto(fixedWindows(10)))),
    plain((n) => void n.apply("A", windowInto(fixedWindows(10, 5)))),
  ],
  ["which side input a step reads", reading("a"), reading("b")],
  ["what a step calls a side input", reading("a"), reading("a", "other")],
])("%s belongs to it", (_, one, other) => {
  expect(differenceOf(fingerprint(one), fingerprint(other))).toBeDefined();
});

test("a difference shows both versions of the first line that differs, or that one has more", () => {
  expect(differenceOf(["same", "ours", "x"], ["same", "theirs", "y"])).toBe("ours\n       theirs");
  expect(differenceOf(["same"], ["same", "more"])).toBe("nothing\n       more");
  expect(differenceOf(["same", "more"], ["same"])).toBe("more\n       nothing");
  expect(differenceOf([], [])).toBeUndefined();
});
