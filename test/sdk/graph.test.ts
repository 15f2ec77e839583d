// The word "then" is the library's; a text under it makes no thenable.
import { expect, test } from "vitest";
import {
  asyncMap,
  coGroupByKey,
  combineGlobally,
  combinePerKey,
  count,
  countPerElement,
  create,
  distinct,
  emptyCollection,
  fixedWindows,
  flatten,
  fullJoin,
  generate,
  keyBy,
  keys,
  kvCoder,
  latest,
  log,
  map,
  mapEither,
  max,
  numberCoder,
  output,
  parDo,
  partition,
  ptransform,
  reshuffle,
  splitBy,
  structuralCoder,
  sum,
  tap,
  values,
  windowInto,
  withCoder,
  withExceptionHandling,
  withKeys,
  type Collection,
  type KV,
  type PCollection,
} from "../../sdk/index.ts";
import { right } from "../../sdk/coders/coder.ts";
import { type CollectionSpec } from "../../sdk/graph-builder.ts";
import { primitive } from "../../sdk/transform.ts";
import { errorOf, graphOf, linesOf, nodeAt, outputOf, parDoAt } from "./support/graph.ts";

test("steps without a name go under their transform's and are numbered", () => {
  const graph = graphOf((p) => {
    p.apply(create([1])).pipe(
      map((n) => n),
      map((n) => n),
      map((n) => n),
    );
  });
  expect(linesOf(graph)).toEqual([
    "Create: composite  → Create/Read",
    "Map: map Create/Read → Map",
    "Map2: map Map → Map2",
    "Map3: map Map2 → Map3",
  ]);
});

test("a name that was given is kept, and one that was not gives way", () => {
  const graph = graphOf((p) => {
    const ones = p.apply(create([1]));
    ones.apply(map((n) => n));
    ones.apply(
      "Map",
      map((n) => n + 1),
    );
  });
  expect(linesOf(graph).slice(1)).toEqual(["Map2: map Create/Read → Map2", "Map: map Create/Read → Map"]);
});

test("two steps with the same explicit name are refused", () => {
  const error = errorOf(() =>
    graphOf((p) => {
      const ones = p.apply(create([1]));
      ones.apply(
        "Double",
        map((n) => n * 2),
      );
      ones.apply(
        "Double",
        map((n) => n + n),
      );
    }),
  );
  expect(error.code).toBe("DUPLICATE_NAME");
  expect(error.parts.at).toBe("Double");
});

test("a step with several outputs names each collection by its tag", () => {
  const graph = graphOf((p) => {
    p.apply(create([1])).apply(
      "MyParDo",
      parDo({
        output: output<number>(),
        outputs: { o1: output<number>(), o2: output<string>(), unused: output<number>() },
        process: (n: number, ctx) => ctx.output(n),
      }),
    );
  });
  expect(linesOf(graph).at(-1)).toBe("MyParDo: doFn Create/Read → MyParDo.main, MyParDo.o1, MyParDo.o2, MyParDo.unused");
});

test("the outputs of a step keep the order of their tags", () => {
  const graph = graphOf((p) => {
    const numbers = p.apply(create([1]));
    numbers.apply(partition(12, (n) => n));
    numbers.apply(splitBy(["b", "a"], () => "a"));
    numbers.apply(mapEither((n) => right(n)));
  });
  expect(Object.keys(nodeAt(graph, "Partition").outputs)).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
  expect(linesOf(graph).slice(2)).toEqual([
    "SplitBy: route Create/Read → SplitBy.b, SplitBy.a",
    "MapEither: route Create/Read → MapEither.right, MapEither.left",
  ]);
});

test("a DoFn is named after its class", () => {
  class ParseDoFn {
    readonly output = output<number>();
    process(): undefined {}
  }
  class Checker extends ParseDoFn {
    readonly outputs = { odd: output<number>() };
  }
  class Fn extends ParseDoFn {}
  const graph = graphOf((p) => {
    const numbers = p.apply(create([1]));
    numbers.apply(parDo(new ParseDoFn()));
    numbers.apply(parDo(new Checker()));
    numbers.apply(parDo(new Fn()));
    numbers.apply(parDo({ output: output<number>(), process() {} }));
  });
  expect(graph.nodes.slice(4).map((node) => node.path)).toEqual(["ParDo(Parse)", "ParMultiDo(Checker)", "ParDo(Fn)", "ParDo"]);
});

test("a composite shows its steps, and what it reads and makes", () => {
  const count3 = ptransform("CountThree", (words: PCollection<string>) =>
    words
      .apply(
        "Trim",
        map((word) => word.trim()),
      )
      .apply(countPerElement()),
  );
  const graph = graphOf((p) => {
    p.apply(create(["a"])).apply(count3);
  });
  expect(linesOf(graph).slice(1)).toEqual([
    "CountThree: composite Create/Read → CountThree/CountPerElement/CombinePerKey(count)/Fold",
    "CountThree/Trim: map Create/Read → CountThree/Trim",
    "CountThree/CountPerElement: composite CountThree/Trim → CountThree/CountPerElement/CombinePerKey(count)/Fold",
    "CountThree/CountPerElement/KeyBy: keyBy CountThree/Trim → CountThree/CountPerElement/KeyBy",
    "CountThree/CountPerElement/CombinePerKey(count): composite CountThree/CountPerElement/KeyBy → CountThree/CountPerElement/CombinePerKey(count)/Fold",
    "CountThree/CountPerElement/CombinePerKey(count)/GroupByKey: groupByKey CountThree/CountPerElement/KeyBy → CountThree/CountPerElement/CombinePerKey(count)/GroupByKey",
    "CountThree/CountPerElement/CombinePerKey(count)/Fold: map CountThree/CountPerElement/CombinePerKey(count)/GroupByKey → CountThree/CountPerElement/CombinePerKey(count)/Fold",
  ]);
});

test("a composite that gives its input back has no steps", () => {
  const graph = graphOf((p) => {
    const [a, b] = [p.apply("A", create(["a"])), p.apply("B", create(["b"]))];
    a.apply(ptransform("Identity", (words) => words));
    ptransform("First", (both: { a: PCollection<string>; b: PCollection<string> }) => both.a)({ a, b });
  });
  expect(linesOf(graph).slice(2)).toEqual(["Identity: composite A/Read → A/Read", "First: composite A/Read, B/Read → A/Read"]);
});

test("a combine keeps its identity, also where it is several at once", () => {
  const graph = graphOf((p) => {
    const pairs = p.apply(create([1, 2])).apply(withKeys("a"));
    pairs.apply(combinePerKey(sum()));
    pairs.apply("Both", combinePerKey({ total: sum(), n: count() }));
    p.apply("Two", create([1, 2])).apply("All", combineGlobally(sum()));
    p.apply("Three", create([1, 2])).apply("Some", combineGlobally(sum(), { defaults: false }));
  });
  const specs = graph.nodes.flatMap((node) =>
    node.kind === "composite" && node.spec !== undefined ? [[node.path, node.spec] as const] : [],
  );
  expect(specs.map(([path, spec]) => [path, spec.fn.name, spec.emitsDefault])).toEqual([
    ["CombinePerKey(sum)", "sum", undefined],
    ["Both", "total,n", undefined],
    ["All/CombinePerKey(sum)", "sum", true],
    ["Some/CombinePerKey(sum)", "sum", undefined],
  ]);
});

test("a fan-out is a combine of the shards and one of their accumulators", () => {
  const graph = graphOf((p) => {
    p.apply(create([1, 2]))
      .apply(withKeys("a"))
      .apply("Spread", combinePerKey(max(), { fanout: 4 }));
    p.apply("Not", create([1, 2]))
      .apply("NotKeyed", withKeys("a"))
      .apply("NotSpread", combinePerKey(max(), { fanout: 1 }));
  });
  const paths = graph.nodes.filter((node) => node.path.startsWith("Spread") || node.path.startsWith("NotSpread")).map((node) => node.path);
  expect(paths).toEqual([
    "Spread",
    "Spread/Spread",
    "Spread/CombineShards",
    "Spread/CombineShards/GroupByKey",
    "Spread/CombineShards/Fold",
    "Spread/Gather",
    "Spread/Combine",
    "Spread/Combine/GroupByKey",
    "Spread/Combine/Fold",
    "NotSpread",
    "NotSpread/GroupByKey",
    "NotSpread/Fold",
  ]);
});

test("a default is the last combine's to give, also behind a fan-out", () => {
  const graph = graphOf((p) => {
    const numbers = p.apply(create([1]));
    numbers.apply("All", combineGlobally(max(), { fanout: 4 }));
    numbers.apply(withKeys("a")).apply("Each", combinePerKey(max(), { fanout: () => 4 }));
  });
  const specs = graph.nodes.flatMap((node) =>
    node.kind === "composite" && node.spec !== undefined ? [[node.path, node.spec] as const] : [],
  );
  expect(specs).toMatchObject([
    ["All/CombinePerKey(max)/CombineShards", { kind: "combine" }],
    ["All/CombinePerKey(max)/Combine", { kind: "combine", emitsDefault: true, fanout: 4 }],
    ["Each/CombineShards", { kind: "combine" }],
    ["Each/Combine", { kind: "combine", fanout: "by key" }],
  ]);
  expect(specs.map(([, spec]) => Object.keys(spec).length)).toEqual([2, 4, 2, 3]);
});

test("the panes of shards do not repeat what earlier ones held", () => {
  const graph = graphOf((p) => {
    const pairs = p.apply(create([1])).apply(withKeys("a"));
    pairs
      .apply(changed(({ windowing }) => ({ windowing: { ...windowing, accumulation: "accumulating" } })))
      .apply("Acc", combinePerKey(sum(), { fanout: 4 }));
    pairs.apply("Un", combinePerKey(sum(), { fanout: 4 }));
  });
  const accumulationAt = (path: string) => outputOf(graph, path).windowing.accumulation;
  expect(["Acc/Spread", "Acc/CombineShards/Fold", "Acc/Gather", "Acc/Combine/Fold"].map(accumulationAt)).toEqual([
    "discarding",
    "discarding",
    "accumulating",
    "accumulating",
  ]);
  expect(["Un/Spread", "Un/Gather"].map(accumulationAt)).toEqual([undefined, undefined]);
});

/** The same pairs in a collection that differs in something. */
const changed = (describe: (input: Collection) => CollectionSpec) =>
  primitive<PCollection<KV<string, number>>, KV<string, number>>("Changed", (input) => ({
    kind: "parDo",
    fn: { kind: "pass" },
    output: describe(input),
  }));

test("FLT-12 triggers that differ are refused, other settings are those of the first input", () => {
  const flattened = (spec: (input: Collection) => CollectionSpec) =>
    graphOf((p) => {
      const pairs = p.apply(create([1])).apply(withKeys("a"));
      flatten("Both", [pairs, pairs.apply(changed(spec))]);
    });
  const error = errorOf(() => flattened(({ windowing }) => ({ windowing: { ...windowing, trigger: { kind: "other" } as never } })));
  expect(error.code).toBe("INCOMPATIBLE_WINDOWS");
  expect(error.parts.got).toContain("with the trigger other for Changed");
  const late = flattened(({ windowing }) => ({ windowing: { ...windowing, allowedLateness: 50 } }));
  expect(outputOf(late, "Both").windowing.allowedLateness).toBe(0);
});

test("what is flattened ends when all of its inputs do", () => {
  const graph = graphOf((p) => {
    const pairs = p.apply(create([1])).apply(withKeys("a"));
    flatten("Both", [pairs, pairs.apply(changed(() => ({ isBounded: false })))]);
  });
  expect(outputOf(graph, "Both").isBounded).toBe(false);
});

test("a combiner that needs times gets them", () => {
  const graph = graphOf((p) => {
    p.apply(create([1]))
      .apply(withKeys("a"))
      .apply("Last", combinePerKey({ last: latest(), n: count() }));
  });
  const paths = graph.nodes.map((node) => node.path).filter((path) => path.startsWith("Last"));
  expect(paths).toEqual(["Last", "Last/WithTimes", "Last/Combine", "Last/Combine/GroupByKey", "Last/Combine/Fold"]);
  expect(parDoAt(graph, "Last/WithTimes").fn).toHaveProperty("call.length", 2);
});

test("what reads several collections names them all as its inputs", () => {
  const graph = graphOf((p) => {
    const left = p.apply("L", create([1])).apply(withKeys("a"));
    const right = p.apply("R", create(["x"])).apply("RKeyed", withKeys("a"));
    left.apply(fullJoin(right));
    coGroupByKey("Per", { left, right });
    flatten("All", [left, left]);
  });
  const lines = linesOf(graph);
  expect(lines).toContain("FullJoin: composite WithKeys, RKeyed → FullJoin/EachRight");
  expect(lines).toContain("Per: composite WithKeys, RKeyed → Per/Separate");
  expect(lines).toContain("All: flatten WithKeys, WithKeys → All");
});

test("a function that declares its context is kept as it is, one that may not have it does not get it", () => {
  const withOptional = (text: string, radix?: number): number => parseInt(text, radix);
  const graph = graphOf((p) => {
    const texts = p.apply(create(["12"]));
    texts.apply(map((text, ctx) => text + ctx.timestamp));
    texts.apply(keyBy(withOptional));
    texts.apply(withKeys("key"));
    texts.apply(keyBy((text) => text)).apply(keys());
    texts.apply(tap(() => {}));
    texts.apply(tap((text) => text));
    texts.apply(log());
  });
  const lengths = graph.nodes.flatMap((node) => (node.kind === "parDo" && "call" in node.fn ? [[node.path, node.fn.call.length]] : []));
  expect(lengths).toEqual([
    ["Map", 2],
    ["KeyBy", 1],
    ["WithKeys", 1],
    ["KeyBy2", 1],
    ["Keys", 1],
    ["Tap", 2],
    ["Tap2", 1],
    ["Log", 1],
  ]);
});

test("windows and boundedness are handed on", () => {
  const graph = graphOf((p) => {
    const windowed = p.apply(create([1])).apply(windowInto(fixedWindows(10)));
    windowed.apply(
      "Parts",
      partition(2, () => 0),
    );
    flatten("Both", [windowed, windowed]).apply(reshuffle()).apply(distinct());
  });
  const names = graph.collections.filter(({ windowing }) => windowing.windowFn.name === "fixed(10)").map(({ name }) => name);
  expect(names).toEqual([
    "WindowInto",
    "Parts.0",
    "Parts.1",
    "Both",
    "Reshuffle",
    "Distinct/KeyBy",
    "Distinct/CombinePerKey(anyOne)/GroupByKey",
    "Distinct/CombinePerKey(anyOne)/Fold",
    "Distinct/Filter",
    "Distinct/Values",
  ]);
  expect(graph.collections.every(({ isBounded }) => isBounded)).toBe(true);
});

test("an asyncMap says how it works", () => {
  const graph = graphOf((p) => {
    p.apply(generate({ count: 1 })).apply(asyncMap(async (n) => n, { concurrency: 3, timeout: 50 }));
  });
  expect(parDoAt(graph, "AsyncMap").fn).toMatchObject({ kind: "async", concurrency: 3, timeout: 50, ordered: false });
});

test("a failure policy stands on the one step that it wraps", () => {
  const graph = graphOf((p) => {
    const numbers = p.apply(create([1]));
    numbers.apply(
      withExceptionHandling(
        map((n) => n + 1),
        { then: "skip" },
      ),
    );
    numbers.apply(
      "Tried",
      withExceptionHandling(
        map((n) => n + 1),
        { attempts: 3, backoff: { first: 10 }, then: "deadLetter" },
      ),
    );
    const { right: good, failed } = numbers.apply(
      withExceptionHandling(
        mapEither((n) => right(n)),
        { then: "deadLetter" },
      ),
    );
    const { main, failed: letters } = numbers.apply(
      "Again",
      withExceptionHandling(
        map((n) => n),
        { then: "deadLetter" },
      ),
    );
    expect([main.name, letters.name]).toEqual(["Again.main", "Again.failed"]);
    expect([good.name, failed.name]).toEqual(["MapEither.right", "MapEither.failed"]);
  });
  expect(parDoAt(graph, "Map").failure).toEqual({ attempts: 1, then: "skip" });
  expect(parDoAt(graph, "Tried").failure).toEqual({ attempts: 3, backoff: { first: 10 }, then: "deadLetter" });
  expect(linesOf(graph).slice(1)).toEqual([
    "Map: map Create/Read → Map",
    "Tried: map Create/Read → Tried.main, Tried.failed",
    "MapEither: route Create/Read → MapEither.right, MapEither.left, MapEither.failed",
    "Again: map Create/Read → Again.main, Again.failed",
  ]);
});

test("coders follow the elements", () => {
  const graph = graphOf((p) => {
    const numbers = p.apply(create([1], { coder: numberCoder }));
    const byNumber = numbers.apply(keyBy((n) => n));
    byNumber.apply(values());
    numbers.apply("Itself", distinct());
    flatten("Same", [numbers, numbers]);
    flatten("Pairs", [
      byNumber,
      numbers.apply(
        "KeyedAlike",
        keyBy((n) => n),
      ),
    ]);
    byNumber.apply(withCoder(kvCoder(structuralCoder, structuralCoder))).apply("Counted", countPerElement());
    flatten("Mixed", [numbers, p.apply("Texts", create(["a"]))]);
    numbers.apply(
      "Split",
      splitBy(["a"], () => "a"),
    );
    numbers.apply(
      "Tried",
      withExceptionHandling(
        map((n) => n),
        { then: "deadLetter" },
      ),
    );
    p.apply("None", emptyCollection(numberCoder));
  });
  const nameOf = (path: string, tag?: string) => outputOf(graph, path, tag).coder.name;
  expect(nameOf("KeyBy")).toBe("kv(structural,number)");
  expect(nameOf("Values")).toBe("number");
  expect(nameOf("Itself/KeyBy")).toBe("kv(number,number)");
  expect(nameOf("Itself/CombinePerKey(anyOne)/GroupByKey")).toBe("kv(number,iterable(number))");
  expect(nameOf("Same")).toBe("number");
  expect(outputOf(graph, "Pairs").coder).toBe(outputOf(graph, "KeyBy").coder);
  // As a key, since pairs that consist of nothing else are compared by their canonical form as well.
  expect(nameOf("Counted/KeyBy")).toBe("kv(structural,kv(structural,structural))");
  expect(nameOf("Mixed")).toBe("structural");
  expect(nameOf("Split", "a")).toBe("number");
  expect(nameOf("Tried", "failed")).toMatch(/^row\(element:number,/);
  expect(nameOf("None/Create/Read")).toBe("number");
});
