import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  calendarDays,
  combineGlobally,
  combinePerKey,
  count,
  create,
  fixedWindows,
  kv,
  map,
  minutes,
  output,
  parDo,
  sessions,
  slidingWindows,
  sum,
  windowInto,
  type KV,
  type PCollection,
  type Pipeline,
  type SideInput,
  type WindowFn,
} from "millrace";
import { testStream } from "millrace/testing";
import { decoded, type Coder } from "../../sdk/coders/coder.ts";
import { NO_SIDE_INPUTS } from "../../sdk/combine/combine-fn.ts";
import { latestOfEach } from "../../sdk/combine/latest-of-each.ts";
import { kvCoder } from "../../sdk/coders/kv.ts";
import { stringCoder } from "../../sdk/coders/string.ts";
import { graphOf } from "./support/graph.ts";

const pairs: readonly KV<string, number>[] = [kv("a", 1)];

/** All ways to read a collection of pairs. */
const forms: Readonly<Record<string, (pc: PCollection<KV<string, number>>, every?: number) => SideInput<unknown>>> = {
  asSingleton: (pc, every) => asSingleton(pc, every === undefined ? {} : { refreshEvery: every }),
  asIterable: (pc, every) => asIterable(pc, every === undefined ? {} : { refreshEvery: every }),
  asList: (pc, every) => asList(pc, every === undefined ? {} : { refreshEvery: every }),
  asMap: (pc, every) => asMap(pc, every === undefined ? {} : { refreshEvery: every }),
  asMultimap: (pc, every) => asMultimap(pc, every === undefined ? {} : { refreshEvery: every }),
};

const windowFns: Readonly<Record<string, WindowFn>> = {
  fixed: fixedWindows(10),
  sliding: slidingWindows(10, 5),
  calendar: calendarDays(1),
};

/** Steps that read a side input, each with a path of its own. */
const readers: Readonly<Record<string, (main: PCollection<KV<string, number>>, side: SideInput<unknown>) => unknown>> = {
  map: (main, side) =>
    main.apply(
      "Read",
      map((pair) => pair, { sideInputs: { side } }),
    ),
  parDo: (main, side) => main.apply("Read", parDo({ sideInputs: { side }, output: output<number>(), process() {} })),
  combinePerKey: (main, side) => main.apply("Read", combinePerKey(sum(), { sideInputs: { side } })),
  combineGlobally: (main, side) => main.apply("Read", combineGlobally(count(), { sideInputs: { side } })),
};

describe("SI-32 windows that end belong to no global window", () => {
  test.each(Object.keys(windowFns))("SI-32 of %s windows no window belongs to the global one", (name) => {
    const build = (p: Pipeline): void => {
      const side = asList(p.apply("Side", create([1])).apply(windowInto(windowFns[name]!)));
      p.apply("Main", create([2])).apply(
        "Read",
        map((n) => n, { sideInputs: { side } }),
      );
    };
    expect(() => graphOf(build)).toThrow(
      expect.objectContaining({
        code: "BAD_SIDE_INPUT",
        parts: expect.objectContaining({ at: "Read", what: expect.stringContaining("global window") }),
      }),
    );
  });

  test.each(Object.keys(readers))("whatever reads it: %s", (name) => {
    const build = (p: Pipeline): void => {
      const side = asList(p.apply("Side", create([1])).apply(windowInto(fixedWindows(10))));
      readers[name]!(p.apply("Main", create(pairs)), side);
    };
    expect(() => graphOf(build)).toThrow(expect.objectContaining({ code: "BAD_SIDE_INPUT" }));
  });
});

describe("SI-41 a side input that is never ready is refused", () => {
  const stream = (p: Pipeline): PCollection<KV<string, number>> =>
    p.apply("Side", testStream<KV<string, number>>().addElements(kv("a", 1)));

  test.each(Object.keys(forms))(
    "SI-41 an endless collection in the global window, whose trigger waits for the end, is none for %s",
    (form) => {
      expect(() => graphOf((p) => void forms[form]!(stream(p)))).toThrow(
        expect.objectContaining({
          code: "SIDE_INPUT_NEVER_READY",
          parts: expect.objectContaining({ got: expect.stringContaining("not bounded"), at: form.replace("as", "As") }),
        }),
      );
    },
  );

  test.each(Object.keys(forms))("unless it is refreshed: %s", (form) => {
    expect(() => graphOf((p) => void forms[form]!(stream(p), minutes(1)))).not.toThrow();
  });
});

describe("a side input is refused", () => {
  test.each([0, -1, NaN, "5m"])("when it is to be refreshed every %s", (every) => {
    const build = (p: Pipeline): void => void asList(p.apply(create([1])), { refreshEvery: every as number });
    expect(() => graphOf(build)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });

  test("whose windows merge, since they are no part of a main window", () => {
    const build = (p: Pipeline): void => {
      const side = asList(p.apply("Side", create([1])).apply(windowInto(sessions(5))));
      p.apply("Main", create([2]))
        .apply(windowInto(fixedWindows(5)))
        .apply(
          "Read",
          map((n) => n, { sideInputs: { side } }),
        );
    };
    expect(() => graphOf(build)).toThrow(
      expect.objectContaining({ code: "BAD_SIDE_INPUT", message: expect.stringContaining("depend on its elements") }),
    );
  });

  test.each(Object.keys(readers))("of another pipeline, by %s", (name) => {
    let foreign!: SideInput<unknown>;
    graphOf((p) => void (foreign = asList(p.apply(create([1])))));
    expect(() => graphOf((p) => void readers[name]!(p.apply(create(pairs)), foreign))).toThrow(
      expect.objectContaining({
        code: "BAD_SIDE_INPUT",
        parts: expect.objectContaining({ got: "a side input of another pipeline", what: expect.stringContaining('"side"') }),
      }),
    );
  });

  test.each(Object.keys(readers))("that is a collection and no view, by %s", (name) => {
    const build = (p: Pipeline): void => void readers[name]!(p.apply("Main", create(pairs)), p.apply("Side", create([1])) as never);
    expect(() => graphOf(build)).toThrow(expect.objectContaining({ code: "BAD_SIDE_INPUT" }));
  });
});

test("what a combine gives is taken pane by pane, everything else is grouped first", () => {
  const kindsIn = (build: (p: Pipeline) => unknown): readonly string[] =>
    graphOf((p) => void build(p)).nodes.flatMap(({ path, kind }) => (path.startsWith("AsSingleton") ? [kind] : []));
  expect(kindsIn((p) => asSingleton(p.apply(create([1])).apply(combineGlobally(sum()))))).toEqual(["composite", "view"]);
  expect(
    kindsIn((p) =>
      asSingleton(
        p
          .apply(create([1]))
          .apply(combineGlobally(sum()))
          .apply(map((n) => n)),
      ),
    ),
  ).toContain("groupByKey");
});

describe("latestOfEach", () => {
  const fn = latestOfEach(([key]: KV<string, number>) => key);
  const anyDated = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(), fc.nat(5)), { maxLength: 20 });
  type Dated = readonly (readonly [key: string, value: number, time: number])[];
  const all = (dated: Dated) =>
    dated.reduce((kept, [key, value, time]) => fn.addAt!(kept, [key, value], time, NO_SIDE_INPUTS), fn.create());
  const expected = (dated: Dated): ReadonlyMap<string, number> => {
    const last = new Map<string, readonly [value: number, time: number]>();
    for (const [key, value, time] of dated) if (!((last.get(key)?.[1] ?? -1) > time)) last.set(key, [value, time]);
    return new Map([...last].map(([key, [value]]) => [key, value]));
  };

  const latestIn = (kept: ReturnType<typeof all>): ReadonlyMap<string, number> => new Map(fn.extract(kept, NO_SIDE_INPUTS));

  test("keeps for each key the latest by event time, and of those the one that came last", () => {
    fc.assert(
      fc.property(anyDated, (dated) => {
        expect(latestIn(all(dated))).toEqual(expected(dated));
      }),
    );
  });

  test("keeps nothing else", () => {
    const dated = Array.from({ length: 1_000 }, (_, i) => ["a", i, i] as const);
    expect(all(dated).size).toBe(1);
  });

  test("merges parts that follow one another to the whole", () => {
    fc.assert(
      fc.property(anyDated, anyDated, (a, b) => {
        expect(latestIn(fn.merge(all(a), all(b)))).toEqual(expected([...a, ...b]));
      }),
    );
  });

  test("gives a list that later elements do not change", () => {
    const kept = all([["a", 1, 1]]);
    const before = fn.extract(kept, NO_SIDE_INPUTS);
    fn.addAt!(kept, ["b", 2], 2, NO_SIDE_INPUTS);
    expect(before).toEqual([["a", 1]]);
  });

  test("has coders that go by that of its inputs", () => {
    const oddCoder: Coder<number> = {
      name: "odd",
      encode: (n) => Uint8Array.of(n, 0),
      decode: ([n]) => ({ _tag: "Right", right: n! }),
    };
    const { accumulator, output: outputCoder } = fn.codersFor!(kvCoder(stringCoder, oddCoder), false);
    const kept = all([
      ["a", 1, 7],
      ["b", 2, 8],
    ]);
    expect(decoded(accumulator, accumulator.encode(kept))).toEqual(kept);
    const list = fn.extract(kept, NO_SIDE_INPUTS);
    expect(decoded(outputCoder, outputCoder.encode(list))).toEqual(list);
  });
});
