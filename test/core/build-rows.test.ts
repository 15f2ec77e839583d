import { describe, expect, test } from "vitest";
import {
  coGroupByKey,
  combineGlobally,
  counter,
  create,
  distribution,
  fixedWindows,
  flatten,
  groupByKey,
  kv,
  kvCoder,
  map,
  mean,
  minutes,
  numberCoder,
  output,
  parDo,
  partition,
  reshuffle,
  stringCoder,
  structuralCoder,
  windowInto,
  withCoder,
  type PCollection,
  type Pipeline,
} from "millrace";
import { refusingCoder } from "../../runners/conformance/cases/support.ts";
import { errorOf, graphOf, nodeAt, outputOf } from "../sdk/support/graph.ts";

// The rows of the catalogue that are about the graph: what it says, and what is refused while it is built.

class TestDoFn {
  readonly output = output<number>();
  process(): undefined {}
}

class Checker extends TestDoFn {}

class SplitFn extends TestDoFn {
  readonly outputs = { other: output<number>() };
}

/** The names of the steps that read the numbers. */
function namesOf(apply: (numbers: PCollection<number>) => unknown): readonly string[] {
  const graph = graphOf((p) => void apply(p.apply("Numbers", create([1]))));
  return graph.nodes.map(({ path }) => path).filter((path) => !path.startsWith("Numbers"));
}

const numbers = (p: Pipeline, name: string): PCollection<number> => p.apply(name, create([1]));
const pairs = (p: Pipeline, name: string): PCollection<readonly [string, number]> => p.apply(name, create([kv("k", 1)]));

describe("names", () => {
  test("PAR-16 a DoFn is named after its class without its suffix", () => {
    expect(namesOf((input) => input.apply(parDo(new TestDoFn())))).toEqual(["ParDo(Test)"]);
  });

  test("PAR-16 a step may be given a name", () => {
    expect(namesOf((input) => input.apply("MyParDo", parDo(new TestDoFn())))).toEqual(["MyParDo"]);
  });

  test("PAR-16 a class without such a suffix gives its whole name", () => {
    expect(namesOf((input) => input.apply(parDo(new Checker())))).toEqual(["ParDo(Checker)"]);
  });

  test("PAR-16 several outputs show in the name", () => {
    expect(namesOf((input) => input.apply(parDo(new SplitFn())))).toEqual(["ParMultiDo(Split)"]);
  });

  test("OUT-11 the outputs of a step are named after it and their tags", () => {
    const o = output<number>();
    const graph = graphOf((p) => {
      numbers(p, "Numbers").apply("MyParDo", parDo({ output: o, outputs: { o1: o, o2: o, unused: o }, process() {} }));
    });
    const { outputs } = nodeAt(graph, "MyParDo");
    expect(Object.values(outputs).map((id) => graph.collections[id]!.name)).toEqual([
      "MyParDo.main",
      "MyParDo.o1",
      "MyParDo.o2",
      "MyParDo.unused",
    ]);
  });

  test("DAG-01 steps without a name are numbered, and never clash", () => {
    const graph = graphOf((p) => {
      for (const input of [p.apply(create([1])), p.apply(create([2]))]) input.apply(parDo({ output: output<number>(), process() {} }));
    });
    expect(graph.nodes.filter(({ parent }) => parent === undefined).map(({ path }) => path)).toEqual([
      "Create",
      "Create2",
      "ParDo",
      "ParDo2",
    ]);
  });

  test("DAG-01 two steps with one name are refused, and the error names it and says how to go on", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => {
        const input = numbers(p, "Numbers");
        for (const factor of [2, 3]) {
          input.apply(
            "Times",
            map((n) => n * factor),
          );
        }
      }),
    );
    expect([code, parts.at]).toEqual(["DUPLICATE_NAME", "Times"]);
    expect(parts.fix).toMatch(/name/);
  });

  test.each([
    ["a name", () => counter("")],
    ["a counter's namespace", () => counter("n", { namespace: "" })],
    ["a distribution's namespace", () => distribution("n", { namespace: "" })],
  ])("MET-08 %s of a metric is not empty", (_, make) => {
    expect(errorOf(make).code).toBe("BAD_NAME");
  });
});

describe("coders", () => {
  test("GBK-08 keys need a coder that is deterministic", () => {
    const unordered = { ...structuralCoder, name: "unorderedMap", deterministic: false };
    const { code, parts } = errorOf(() =>
      graphOf((p) => void pairs(p, "Pairs").pipe(withCoder(kvCoder(unordered, numberCoder)), groupByKey())),
    );
    expect([code, parts.at, parts.got]).toEqual(["KEY_NOT_DETERMINISTIC", "GroupByKey", "the coder unorderedMap"]);
  });

  test("CRE-01 a collection of nothing needs no coder, and keeps one that it is given", () => {
    const graph = graphOf((p) => {
      p.apply("Without", create<string>([]));
      p.apply("With", create<string>([], { coder: stringCoder }));
      p.apply("Refusing", create<string>([], { coder: refusingCoder() }));
    });
    expect(["Without", "With", "Refusing"].map((path) => outputOf(graph, path).coder.name)).toEqual(["structural", "string", "refusing"]);
  });

  test("FLT-03 nothing at all cannot be put together, and the error says what can", () => {
    const { code, parts } = errorOf(() => graphOf(() => void flatten([])));
    expect(code).toBe("NO_INPUTS");
    expect(parts.fix).toMatch(/emptyCollection\(coder\)/);
  });
});

describe("windows", () => {
  const inWindows = (p: Pipeline, name: string, ms: number): PCollection<readonly [string, number]> =>
    pairs(p, name).apply(`${name}Windows`, windowInto(fixedWindows(ms)));

  test.each([
    [-1, 0],
    [1, 2],
    [1, -1],
  ])("WIN-03 fixed windows of the size %i with the offset %i are refused", (size, offset) => {
    const { code, parts } = errorOf(() => fixedWindows(size, offset));
    expect(code).toBe("BAD_WINDOW");
    expect(parts.what).toMatch(/more than 0, and an offset from 0 up to the size/);
  });

  test("WIN-16 fixed windows of two sizes are not compatible", () => {
    expect(fixedWindows(10).isCompatible(fixedWindows(20))).toBe(false);
    expect(fixedWindows(10).isCompatible(fixedWindows(10, 5))).toBe(false);
    expect(fixedWindows(10).isCompatible(fixedWindows(10))).toBe(true);
  });

  test("FLT-09 what is put together from windows of one size stays in them", () => {
    const graph = graphOf((p) => void flatten([inWindows(p, "A", minutes(1)), inWindows(p, "B", minutes(1))]));
    expect(outputOf(graph, "Flatten").windowing.windowFn.name).toBe("fixed(60000)");
  });

  test("FLT-09 windows of two sizes cannot be put together", () => {
    const { code, parts } = errorOf(() => graphOf((p) => void flatten([inWindows(p, "A", minutes(1)), inWindows(p, "B", minutes(2))])));
    expect([code, parts.at]).toEqual(["INCOMPATIBLE_WINDOWS", "Flatten"]);
  });

  test("COG-05 collections in windows of two sizes cannot be grouped together", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => void coGroupByKey("Both", { c1: inWindows(p, "A", minutes(1)), c2: inWindows(p, "B", minutes(2)) })),
    );
    expect([code, parts.at]).toEqual(["INCOMPATIBLE_WINDOWS", "Both/Flatten"]);
  });

  test("CMB-21 defaults need the global window, and the error says how to do without", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => void numbers(p, "Numbers").pipe(windowInto(fixedWindows(minutes(1))), combineGlobally(mean()))),
    );
    expect(code).toBe("DEFAULTS_NEED_GLOBAL_WINDOW");
    expect(parts.fix).toMatch(/defaults: false/);
  });

  test("RSH-01 reshuffling keeps the windowing", () => {
    const graph = graphOf((p) => void inWindows(p, "A", minutes(1)).apply(reshuffle()));
    expect(outputOf(graph, "Reshuffle").windowing).toBe(outputOf(graph, "AWindows").windowing);
  });
});

describe("arguments", () => {
  test("LIB-02 there is no partition without parts", () => {
    const { code, parts } = errorOf(() => partition(0, () => 0));
    expect([code, parts.got]).toEqual(["BAD_ARGUMENT", "0"]);
  });

  test("TS-12 a skew longer than all of time is refused with a text that can be read", () => {
    const { code, message } = errorOf(() =>
      parDo({
        allowedSkew: 2_147_483_647 * 10_000_000,
        output: output<number>(),
        process: (n: number, ctx) => ctx.output(n, { timestamp: ctx.timestamp - 2_147_483_647 * 10_000_000 - 2 }),
      }),
    );
    expect(code).toBe("BAD_ARGUMENT");
    expect(message).toMatch(/allowed skew.*17280000000000000[^]*got: 21474836470000000\n/);
  });
});
