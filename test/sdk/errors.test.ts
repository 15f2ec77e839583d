// The word "then" is the library's; a text under it makes no thenable.
import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../sdk/graph-builder.ts";
import {
  asyncMap,
  by,
  coGroupByKey,
  combineGlobally,
  combinePerKey,
  count,
  countPerElement,
  create,
  deduplicate,
  distinct,
  fixedWindows,
  flatMap,
  flatten,
  generate,
  groupByKey,
  groupIntoBatches,
  innerJoin,
  kvCoder,
  map,
  minutes,
  numberCoder,
  output,
  parDo,
  partition,
  sample,
  splitBy,
  sum,
  top,
  wait,
  windowInto,
  withCoder,
  withExceptionHandling,
  withKeys,
  withTimestamps,
  type Coder,
  type PCollection,
  type Pipeline,
} from "../../sdk/index.ts";
import { errorOf, graphOf } from "./support/graph.ts";

/** The error that a builder function ends in. */
const errorOfBuild = (build: (p: Pipeline) => unknown) => errorOf(() => graphOf((p) => void build(p)));
const numbers = (p: Pipeline, name = "Numbers"): PCollection<number> => p.apply(name, create([1]));
const inMinutes = (p: Pipeline, n: number): PCollection<number> =>
  numbers(p, `In${n}`).apply(`Window${n}`, windowInto(fixedWindows(minutes(n))));

describe("arguments", () => {
  const wrong: Readonly<Record<string, () => unknown>> = {
    "LIB-02 no partitions": () => partition(0, () => 0),
    "half a partition": () => partition(1.5, () => 0),
    "a negative count": () => generate({ count: -1 }),
    "nothing on top": () =>
      top(
        0,
        by((n: number) => n),
      ),
    "nothing in the sample": () => sample(0),
    "no concurrency": () => asyncMap(async (n: number) => n, { concurrency: 0 }),
    "no timeout": () => asyncMap(async (n: number) => n, { concurrency: 1, timeout: 0 }),
    "a negative fan-out": () => combinePerKey(count(), { fanout: -1 }),
    "no fan-out": () => combineGlobally(count(), { fanout: NaN }),
    "a function as key": () => withKeys(() => 3),
    "TS-12 a skew longer than all of time": () => withTimestamps((n: number) => n, { allowedSkew: 2_147_483_647 * 10_000_000 }),
    "a DoFn's skew": () => parDo({ allowedSkew: -1, process() {} }),
    "concurrency without async": () => parDo({ concurrency: 3, process() {} } as never),
    "no attempts": () =>
      withExceptionHandling(
        map((n: number) => n),
        { attempts: 0, then: "skip" },
      ),
    "a wait that shrinks": () =>
      withExceptionHandling(
        map((n: number) => n),
        { backoff: { first: 1, factor: 0.5 }, then: "skip" },
      ),
    "a wait without end": () =>
      withExceptionHandling(
        map((n: number) => n),
        { backoff: { first: Infinity }, then: "skip" },
      ),
    "batches without a limit": () => groupIntoBatches({} as never),
    "batches of nothing": () => groupIntoBatches({ size: 0 }),
    "batches of half a byte": () => groupIntoBatches({ byteSize: 0.5 }),
    "batches that wait for no time": () => groupIntoBatches({ maxBufferingDuration: 0 }),
    "bytes that nothing limits": () => groupIntoBatches({ size: 1, byteSizeOf: () => 1 }),
    "bytes that nothing counts": () => groupIntoBatches({ byteSize: 1, byteSizeOf: 1 as never }),
    "duplicates of no time": () => deduplicate({ within: 0 }),
    "duplicates of part of a millisecond": () => deduplicate({ within: 1.5 }),
    "duplicates of a time that there is not": () => deduplicate({ within: 1, time: "wall" as never }),
    "duplicates by no function": () => deduplicate({ within: 1, key: "id" as never }),
    "nothing to wait for": () => (wait as () => unknown)(),
    "no verdict": () =>
      withExceptionHandling(
        map((n: number) => n),
        {} as never,
      ),
  };
  test.each(Object.entries(wrong))("%s is refused where it is written", (_, action) => {
    expect(errorOf(action).code).toBe("BAD_ARGUMENT");
  });

  test("an error says what it takes and what it got", () => {
    expect(errorOf(() => partition(0, () => 0)).message).toBe(
      "BAD_ARGUMENT: the number of parts of partition is a whole number, at least 1.\n  got: 0",
    );
    expect(errorOf(() => withTimestamps((n: number) => n, { allowedSkew: 21_474_836_470_000_000 })).message).toContain(
      "got: 21474836470000000",
    );
  });

  test.each([undefined, null, count, () => 3, { n: count }, {}, { n: 3 }])("%s is no combiner", (combine) => {
    expect(errorOf(() => combinePerKey(combine as never)).code).toBe("NOT_A_COMBINE_FN");
    expect(errorOf(() => combineGlobally(combine as never)).code).toBe("NOT_A_COMBINE_FN");
  });

  test("a combiner that was not called says so, and in which field", () => {
    const { parts } = errorOf(() => combinePerKey({ n: count } as never));
    expect(parts.what).toContain("the field n of combinePerKey");
    expect(parts.fix).toContain("call it");
  });

  test.each([undefined, null, (n: number) => n, {}, { process: 3 }])("%s is no DoFn", (doFn) => {
    expect(errorOf(() => parDo(doFn as never)).code).toBe("NOT_A_DO_FN");
  });

  test("tags of outputs are there, differ, and are not main", () => {
    expect(errorOf(() => parDo({ outputs: { main: output<number>() }, process() {} })).code).toBe("BAD_NAME");
    expect(errorOf(() => parDo({ outputs: { "": output<number>() }, process() {} })).code).toBe("BAD_NAME");
    expect(errorOf(() => splitBy(["a", "b", "a"], () => "a")).parts.what).toBe("two outputs of a step have one tag");
    expect(errorOf(() => splitBy([""], () => "")).code).toBe("BAD_NAME");
  });
});

describe("windows", () => {
  test("CMB-21 defaults need the global window", () => {
    const error = errorOfBuild((p) => inMinutes(p, 1).apply("Total", combineGlobally(sum())));
    expect(error.code).toBe("DEFAULTS_NEED_GLOBAL_WINDOW");
    expect(error.parts.at).toBe("Total");
    expect(error.parts.fix).toContain("{ defaults: false }");
    graphOf((p) => void inMinutes(p, 1).apply(combineGlobally(sum(), { defaults: false })));
  });

  test("FLT-09 collections in windows of one kind only are flattened", () => {
    const error = errorOfBuild((p) => flatten("Both", [inMinutes(p, 1), inMinutes(p, 2)]));
    expect(error.code).toBe("INCOMPATIBLE_WINDOWS");
    expect(error.parts.at).toBe("Both");
    expect(error.parts.got).toBe("fixed(60000) with the trigger default for Window1, fixed(120000) with the trigger default for Window2");
    graphOf((p) => void flatten([inMinutes(p, 1), numbers(p).apply(windowInto(fixedWindows(minutes(1))))]));
  });

  test("COG-05 and only those are grouped together", () => {
    const build = (p: Pipeline) => {
      const [a, b] = [inMinutes(p, 1).apply("A", withKeys(1)), inMinutes(p, 2).apply("B", withKeys(1))];
      return { a, b };
    };
    expect(errorOfBuild((p) => coGroupByKey(build(p))).code).toBe("INCOMPATIBLE_WINDOWS");
    expect(
      errorOfBuild((p) => {
        const { a, b } = build(p);
        a.apply(innerJoin(b));
      }).parts.at,
    ).toBe("InnerJoin/CoGroupByKey/Flatten");
  });
});

describe("inputs", () => {
  test("FLT-03 flatten needs one, as coGroupByKey does", () => {
    const error = errorOf(() => flatten("Nothing", []));
    expect(error.code).toBe("NO_INPUTS");
    expect(error.parts.at).toBe("Nothing");
    expect(error.parts.fix).toContain("emptyCollection");
    expect(errorOf(() => flatten({})).code).toBe("NO_INPUTS");
    expect(errorOf(() => coGroupByKey({})).code).toBe("NO_INPUTS");
  });

  test("a collection of another pipeline is refused wherever it is read", () => {
    let other!: PCollection<readonly [string, number]>;
    graphOf((p) => {
      other = numbers(p, "Other").apply(withKeys("a"));
    });
    const pairs = (p: Pipeline) => numbers(p).apply(withKeys("a"));
    expect(errorOfBuild((p) => flatten([pairs(p), other])).code).toBe("FOREIGN_COLLECTION");
    expect(errorOfBuild((p) => pairs(p).apply(innerJoin(other))).code).toBe("FOREIGN_COLLECTION");
    expect(errorOfBuild((p) => coGroupByKey({ a: pairs(p), b: other })).code).toBe("FOREIGN_COLLECTION");
    expect(errorOfBuild((p) => flatten([pairs(p), 3 as never])).code).toBe("FOREIGN_COLLECTION");
    // Built by now, so that nothing can be applied to it.
    expect(errorOf(() => other.apply(groupByKey())).code).toBe("GRAPH_IS_FROZEN");
  });

  test("GBK-08 keys need a deterministic coder, also where elements are their own keys", () => {
    const loose: Coder<number> = { name: "loose", encode: () => new Uint8Array(), decode: () => ({ _tag: "Right", right: 0 }) };
    const refused = (build: (p: Pipeline) => unknown) => expect(errorOfBuild(build).code).toBe("KEY_NOT_DETERMINISTIC");
    refused((p) =>
      numbers(p)
        .apply(withKeys(1))
        .apply(withCoder(kvCoder(loose, numberCoder)))
        .apply(groupByKey()),
    );
    refused((p) => numbers(p).apply(withCoder(loose)).apply(countPerElement()));
    refused((p) => numbers(p).apply(withCoder(loose)).apply(distinct()));
    graphOf(
      (p) =>
        void numbers(p)
          .apply(withCoder(loose))
          .apply(distinct((n) => n)),
    );
  });
});

describe("a failure policy wraps one step that works element by element", () => {
  const wrap = (transform: unknown) => (p: Pipeline) =>
    numbers(p)
      .apply(withKeys("a"))
      .apply("Tried", withExceptionHandling(transform as never, { then: "skip" }));
  const wrong: Readonly<Record<string, unknown>> = {
    "a grouping": groupByKey(),
    "a combine": combinePerKey(count()),
    "a composite": (pairs: PCollection<unknown>) => pairs.apply(map((pair) => pair)),
    "a window": windowInto(fixedWindows(1)),
    "another policy": withExceptionHandling(
      map((pair) => pair),
      { then: "fail" },
    ),
    "nothing": (pairs: PCollection<unknown>) => pairs,
  };
  test.each(Object.entries(wrong))("and not %s", (_, transform) => {
    const error = errorOfBuild(wrap(transform));
    expect(error.code).toBe("NOT_ELEMENT_WISE");
    expect(error.parts.at).toBe("Tried");
  });

  test("a step after a refused one is not under its policy", () => {
    graphOf((p) => {
      expect(errorOf(() => wrap(groupByKey())(p)).code).toBe("NOT_ELEMENT_WISE");
      numbers(p, "More")
        .apply(flatMap((n) => [n]))
        .apply(windowInto(fixedWindows(1)));
    });
  });

  test("a step with an output failed of its own has no dead letters", () => {
    const parse = parDo({ outputs: { failed: output<number>() }, process(_number: number) {} });
    expect(errorOfBuild((p) => numbers(p).apply(withExceptionHandling(parse, { then: "deadLetter" }))).code).toBe("BAD_NAME");
    graphOf((p) => void numbers(p).apply(withExceptionHandling(parse, { then: "skip" })));
  });
});

test("a transform that was not called is an error, and not a step that does nothing", () => {
  const apply = (p: Pipeline) => p.apply(create([["a", 1] as const])).apply("Group", groupByKey as never);
  const builder = new GraphBuilder();
  expect(() => apply(builder.pipeline)).toThrow(/BAD_ARGUMENT[^]*"Group"[^]*call it/);
});
