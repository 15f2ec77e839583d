/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { describe, expect, test } from "vitest";
import {
  asyncMap,
  collect,
  combinePerKey,
  count,
  create,
  emptyCollection,
  filter,
  fixedWindows,
  flatMap,
  flatten,
  groupByKey,
  impulse,
  keyBy,
  kvCoder,
  map,
  numberCoder,
  output,
  parDo,
  ptransform,
  reshuffle,
  stringCoder,
  structuralCoder,
  sum,
  windowInto,
  withCoder,
  withExceptionHandling,
  writeTo,
  type AnyCombineFn,
  type KV,
  type PCollection,
  type Pipeline,
  type Sink,
} from "millrace";
import type { Output, Plan, Stage } from "../../runners/core/plan.ts";
import { expansionOf } from "../../sdk/transform.ts";
import { planOf, stageAt } from "../support/hand-driven.ts";

const one = map((x: unknown) => x);

/** A stage as text: its head, the steps behind it, and where it leads, such as `group Count → [Format] → elements Next`. */
function described({ stages, collects }: Plan): readonly string[] {
  const nameOf = (target: number): string =>
    target < stages.length ? `${stages[target]!.head.kind} ${stages[target]!.path}` : `collect ${collects[target - stages.length]!.path}`;
  return stages.map(({ head, path, steps, slots }) =>
    [
      `${head.kind} ${path}`,
      ...(steps.length > 0 ? [`[${steps.map((step) => step.path).join(" ")}]`] : []),
      ...(slots.length > 0 ? [slots.map(({ target }) => nameOf(target)).join(" + ")] : []),
    ].join(" → "),
  );
}

/** Who takes an output, by path. */
const takers = ({ steps, slots }: Stage, output: Output): readonly string[] => [
  ...output.steps.map((number) => steps[number]!.path),
  ...output.slots.map((number) => `slot ${slots[number]!.path}`),
];

const sink: Sink<unknown, string> = { name: "Write", open: () => ({ write: () => {}, finish: async () => "" }), commit: async () => {} };

describe("steps are fused", () => {
  test("to the one before them, as far as they work element by element", () => {
    const plan = planOf((p) => {
      p.apply("Source", create([1]))
        .apply("A", one)
        .apply(
          "B",
          filter(() => true),
        )
        .apply(
          "C",
          flatMap((x) => [x]),
        )
        .apply("D", windowInto(fixedWindows(10)));
    });
    expect(described(plan)).toEqual([
      "impulse Source/Impulse → split Source/Split",
      "split Source/Split → read Source/Read",
      "read Source/Read → [A B C D]",
    ]);
  });

  test("to the first stage of a pipeline, too", () => {
    expect(described(planOf((p) => void p.apply("Start", impulse()).apply("A", one)))).toEqual(["impulse Start → [A]"]);
  });

  test("behind every output of a step, in a tree", () => {
    const plan = planOf((p) => {
      const { main, odd } = p
        .apply("Start", impulse())
        .apply("Split", parDo({ output: output<number>(), outputs: { odd: output<number>() }, process() {} }));
      main.apply("Main", one);
      odd.apply("Odd", one).apply("Last", one);
    });
    const stage = stageAt(plan, "Start");
    expect(described(plan)).toEqual(["impulse Start → [Split Main Odd Last]"]);
    expect(takers(stage, stage.outputs[0]!)).toEqual(["Split"]);
    expect(stage.steps[0]!.outputs.map((each) => takers(stage, each))).toEqual([["Main"], ["Odd"]]);
  });

  test("once for each reader of a collection that is read twice", () => {
    const plan = planOf((p) => {
      const start = p.apply("Start", impulse());
      start.apply("A", one);
      start.apply("Collect", collect());
      start.apply("B", one).apply("Shuffle", reshuffle());
    });
    const stage = stageAt(plan, "Start");
    expect(takers(stage, stage.outputs[0]!)).toEqual(["A", "B", "slot Collect"]);
    expect(described(plan)).toEqual(["impulse Start → [A B] → collect Collect + elements Shuffle", "elements Shuffle"]);
  });

  test("under their full names", () => {
    const plan = planOf(
      (p) =>
        void p.apply("Start", impulse()).apply(
          "Outer",
          ptransform("Inner", (input: PCollection<unknown>) => input.apply("Step", one)),
        ),
    );
    expect(stageAt(plan, "Start").steps.map(({ path }) => path)).toEqual(["Outer/Step"]);
  });

  test("with what happens when they fail", () => {
    const plan = planOf((p) => {
      const { main } = p.apply("Start", impulse()).apply("A", withExceptionHandling(one, { attempts: 3, then: "deadLetter" }));
      main.apply("B", one);
    });
    const [a, b] = stageAt(plan, "Start").steps;
    expect(a).toMatchObject({ path: "A", failure: { attempts: 3, then: "deadLetter" } });
    expect(a!.outputs.map(({ collection }) => plan.graph.collections[collection]!.name)).toEqual(["A.main", "A.failed"]);
    expect(b!.failure).toBeUndefined();
  });
});

describe("a stage begins", () => {
  const ones = (p: Pipeline): PCollection<KV<string, number>> =>
    p.apply("Start", impulse()).apply(
      "Pairs",
      map((): KV<string, number> => ["a", 1]),
    );

  test("at a grouping", () => {
    const plan = planOf((p) => void ones(p).apply("Group", groupByKey()).apply("After", one));
    expect(described(plan)).toEqual(["impulse Start → [Pairs] → group Group", "group Group → [After]"]);
  });

  test("at a combine, which is executed as a whole and not as what it expands to", () => {
    const plan = planOf((p) => void ones(p).apply("Sum", combinePerKey(sum())).apply("After", one));
    expect(described(plan)).toEqual(["impulse Start → [Pairs] → group Sum", "group Sum → [After]"]);
    expect(plan.graph.nodes.map(({ path }) => path)).toContain("Sum/Fold");
    expect(stageAt(plan, "Sum").head).toMatchObject({ kind: "group", fn: { name: "sum" } });
  });

  test("at a combine whose expansion has composites in it, none of which is executed", () => {
    const inner = ptransform("Inner", (pairs: ReturnType<typeof ones>) => pairs.apply("Group", groupByKey()).apply("Fold", one));
    const nested = expansionOf({
      name: "Nested",
      spec: { kind: "combine", fn: sum() as AnyCombineFn },
      expand: (pairs: ReturnType<typeof ones>) => pairs.apply(inner),
    });
    const plan = planOf((p) => void ones(p).apply(nested).apply("After", one));
    expect(described(plan)).toEqual(["impulse Start → [Pairs] → group Nested", "group Nested → [After]"]);
  });

  test("at a combine inside of a composite that is none", () => {
    const plan = planOf(
      (p) =>
        void ones(p).apply(
          "Outer",
          ptransform("Inner", (input: ReturnType<typeof ones>) =>
            input
              .apply(
                "Key",
                keyBy((x) => x),
              )
              .apply("Sum", combinePerKey(count())),
          ),
        ),
    );
    expect(described(plan)).toEqual(["impulse Start → [Pairs Outer/Key] → group Outer/Sum", "group Outer/Sum"]);
  });

  test("at a flatten, which takes its inputs as they come", () => {
    const plan = planOf((p) => {
      const [a, b] = ["A", "B"].map((name) => p.apply(name, impulse()).apply(`Map${name}`, one));
      flatten("Both", [a!, b!]).apply("After", one);
    });
    expect(described(plan)).toEqual([
      "impulse A → [MapA] → elements Both",
      "impulse B → [MapB] → elements Both",
      "elements Both → [After]",
    ]);
    expect(stageAt(plan, "Both").upstream).toEqual([0, 1]);
  });

  test("at a flatten, with a way in for each time a collection is given", () => {
    const plan = planOf((p) => {
      const a = p.apply("A", impulse());
      flatten("Twice", [a, a]);
    });
    expect(described(plan)).toEqual(["impulse A → elements Twice + elements Twice", "elements Twice"]);
    expect(stageAt(plan, "Twice").upstream).toEqual([0]);
  });

  test("at a reshuffle", () => {
    const plan = planOf((p) => void p.apply("Start", impulse()).apply("Before", one).apply("Shuffle", reshuffle()).apply("After", one));
    expect(described(plan)).toEqual(["impulse Start → [Before] → elements Shuffle", "elements Shuffle → [After]"]);
  });

  test("at a sink, and a second one behind its commit", () => {
    const plan = planOf((p) => void p.apply("Start", impulse()).apply("Write", writeTo(sink)).apply("After", one));
    expect(described(plan)).toEqual(["impulse Start → sink Write", "sink Write → elements Write", "elements Write → [After]"]);
    const [, write, after] = plan.stages as [Stage, Stage, Stage];
    expect(write).toMatchObject({ upstream: [0], outputs: [{ steps: [], slots: [0] }] });
    expect(after.upstream).toEqual([1]);
    expect(write.outputs[0]!.collection, "what was committed is the sink's output").toBe(after.outputs[0]!.collection);
  });

  test("at a step that waits for something outside, whose outputs are the stage's own", () => {
    const plan = planOf((p) => {
      const { main, failed } = p.apply("Start", impulse()).apply(
        "Ask",
        withExceptionHandling(
          asyncMap(async (x: unknown) => x, { concurrency: 2 }),
          { then: "deadLetter" },
        ),
      );
      main.apply("Main", one);
      failed.apply("Failed", one);
    });
    expect(described(plan)).toEqual(["impulse Start → async Ask", "async Ask → [Main Failed]"]);
    const stage = stageAt(plan, "Ask");
    expect(stage.outputs.map((each) => takers(stage, each))).toEqual([["Main"], ["Failed"]]);
  });

  test("at a step whose failure policy waits, but not at one whose policy does not", () => {
    const plan = planOf((p) => {
      p.apply("Start", impulse())
        .apply("Again", withExceptionHandling(one, { attempts: 2, then: "fail" }))
        .apply("Later", withExceptionHandling(one, { attempts: 2, backoff: { first: 10 }, then: "fail" }));
    });
    expect(described(plan)).toEqual(["impulse Start → [Again] → async Later", "async Later"]);
  });

  test("at a DoFn that is async", () => {
    const plan = planOf((p) => void p.apply("Start", impulse()).apply("Do", parDo({ async: true, process: async () => {} })));
    expect(described(plan)).toEqual(["impulse Start → async Do", "async Do"]);
  });

  test("at a source, which is split by one and read by others", () => {
    const plan = planOf((p) => void p.apply("Read", create([1, 2])), 3);
    expect(plan.stages.map(({ head, partitions }) => [head.kind, partitions])).toEqual([
      ["impulse", 1],
      ["split", 1],
      ["read", 3],
    ]);
  });
});

test("a collect is no stage but a target behind them, once for each time a collection is collected", () => {
  const plan = planOf((p) => {
    const start = p.apply("Start", impulse());
    start.apply("A", collect());
    start.apply("Map", one).apply("B", collect());
  });
  expect(plan.stages.map(({ path }) => path)).toEqual(["Start"]);
  expect(plan.collects.map(({ path }) => path)).toEqual(["A", "B"]);
  expect(plan.stages[0]!.slots.map(({ path, target }) => `${path} ${target}`).toSorted()).toEqual(["A 1", "B 2"]);
});

test("stages come behind all that they wait for", () => {
  const plan = planOf((p) => {
    const pairs = p.apply("Start", create([["a", 1] as const]));
    const grouped = pairs.apply("Group", groupByKey());
    const counted = pairs.apply("Count", combinePerKey(count()));
    flatten("Both", [grouped.apply("A", one), counted.apply("B", one), p.apply("None", emptyCollection<unknown>(structuralCoder))])
      .apply("Write", writeTo(sink))
      .apply("After", one);
  });
  for (const { id, upstream } of plan.stages) for (const before of upstream) expect(before).toBeLessThan(id);
  expect(plan.stages.map(({ id }) => id)).toEqual(plan.stages.map((_, i) => i));
  expect(stageAt(plan, "Both").upstream.map((id) => plan.stages[id]!.path)).toEqual([
    "Group",
    "Count",
    expect.stringMatching(/^None\/.*Read$/),
  ]);
});

test("a sink has as many partitions as shards, whatever the runner cuts", () => {
  const shardsOf = (shards?: number): number =>
    stageAt(
      planOf((p) => void p.apply("Start", impulse()).apply("Write", writeTo({ ...sink, ...(shards === undefined ? {} : { shards }) })), 7),
      "Write",
    ).partitions;
  expect([shardsOf(), shardsOf(1), shardsOf(3)]).toEqual([1, 1, 3]);
});

test("groupings and shuffles have the runner's partitions", () => {
  const plan = planOf(
    (p) =>
      void p
        .apply("Start", create([["a", 1] as const]))
        .apply("Shuffle", reshuffle())
        .apply("Group", groupByKey()),
    5,
  );
  expect(plan.stages.map(({ partitions }) => partitions)).toEqual([1, 1, 5, 5, 5]);
});

test("a grouping compares keys by the coder that its input has for them", () => {
  const keyCoderOf = (apply: (pairs: PCollection<KV<string, number>>) => PCollection<KV<string, number>>): unknown => {
    const plan = planOf((p) => void apply(p.apply("Start", create([["a", 1] as const]))).apply("Group", groupByKey()));
    return (stageAt(plan, "Group").head as { readonly keyCoder: unknown }).keyCoder;
  };
  expect(keyCoderOf((pairs) => pairs)).toBe(structuralCoder);
  expect(keyCoderOf((pairs) => pairs.apply(withCoder(kvCoder(stringCoder, numberCoder))))).toBe(stringCoder);
});

test("a grouping collects in the windows of its input", () => {
  const plan = planOf(
    (p) =>
      void p
        .apply("Start", create([["a", 1] as const]))
        .apply(windowInto(fixedWindows(7)))
        .apply("Group", groupByKey()),
  );
  expect(stageAt(plan, "Group").head).toMatchObject({ windowing: { windowFn: { name: "fixed(7)" } } });
});

test("a pipeline without steps has no stages", () => {
  expect(planOf(() => {})).toMatchObject({ stages: [], collects: [] });
});
