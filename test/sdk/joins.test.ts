import { describe, expect, test } from "vitest";
import {
  afterCount,
  afterWatermark,
  create,
  defaultTrigger,
  fixedWindows,
  fullJoin,
  innerJoin,
  leftJoin,
  repeatedly,
  rightJoin,
  sessions,
  tableJoin,
  windowInto,
  withWindowing,
  type JoinOptions,
  type KV,
  type PCollection,
  type Pipeline,
} from "millrace";
import { testStream } from "millrace/testing";
import type { Graph } from "../../sdk/graph.ts";
import { errorOf, graphOf } from "./support/graph.ts";

type Pairs = PCollection<KV<string, number>>;

const pairs: readonly KV<string, number>[] = [["a", 1]];
const stream = (p: Pipeline, name: string): Pairs => p.apply(name, testStream<KV<string, number>>());
const batch = (p: Pipeline, name: string): Pairs => p.apply(name, create(pairs));

const joins = { innerJoin, leftJoin, rightJoin, fullJoin } as const;
const emits = [undefined, "atWindowClose", "asTheyCome"] as const;
const kinds = Object.entries(joins).flatMap(([name, join]) => emits.map((emit) => [name, emit, join] as const));
const optionsOf = (emit: JoinOptions["emit"]): JoinOptions => (emit === undefined ? {} : { emit });

/** The trigger of the only output that a graph's last step has. */
const lastTrigger = ({ collections }: Graph) => collections.at(-1)!.windowing.trigger;

describe("a join is refused while the graph is built", () => {
  test.each(kinds)("%s (%s), where an input without end is in a window without end", (_, emit, join) => {
    const sides = [
      [stream, batch],
      [batch, stream],
    ] as const;
    for (const [left, right] of sides) {
      for (const trigger of [defaultTrigger(), repeatedly(afterCount(1))]) {
        const { code, parts } = errorOf(() =>
          graphOf((p) => {
            const windowing = withWindowing<KV<string, number>>({ trigger, accumulation: "discarding" });
            const other = right(p, "Right").apply("R", windowing);
            left(p, "Left")
              .apply("L", windowing)
              .apply("Join", join(other, optionsOf(emit)));
          }),
        );
        expect([code, parts.at]).toEqual(["UNBOUNDED_GROUP", "Join"]);
      }
    }
  });

  test("with pairs that are to leave as they come, where windows merge", () => {
    const error = errorOf(() =>
      graphOf((p) => {
        const [left, right] = [
          stream(p, "Left").apply("L", windowInto(sessions(5))),
          stream(p, "Right").apply("R", windowInto(sessions(5))),
        ];
        left.apply(innerJoin(right, { emit: "asTheyCome" }));
      }),
    );
    expect(error.code).toBe("STATE_IN_MERGING_WINDOW");
  });

  test("with a table whose rows live for no time", () => {
    for (const timeToLive of [0, -1, Number.NaN]) {
      expect(errorOf(() => graphOf((p) => batch(p, "Left").apply(tableJoin(batch(p, "Table"), { timeToLive })))).code).toBe("BAD_ARGUMENT");
    }
  });

  test("with inputs in windows of different kinds", () => {
    const joinedBy = (join: (left: Pairs, right: Pairs) => unknown) => () =>
      graphOf((p) => {
        const right = batch(p, "Right").apply("R", windowInto(fixedWindows(10)));
        join(batch(p, "Left").apply("L", windowInto(fixedWindows(5))), right);
      });
    expect(errorOf(joinedBy((left, right) => left.apply(fullJoin(right)))).code).toBe("INCOMPATIBLE_WINDOWS");
    expect(errorOf(joinedBy((left, right) => left.apply(tableJoin(right)))).code).toBe("INCOMPATIBLE_WINDOWS");
  });
});

test("a join of inputs without end is built where unsafe triggers are allowed", () => {
  const windowing = withWindowing<KV<string, number>>({ allowUnsafeTriggers: true });
  expect(() =>
    graphOf((p) =>
      stream(p, "Left")
        .apply("L", windowing)
        .apply(innerJoin(stream(p, "Right").apply("R", windowing))),
    ),
  ).not.toThrow();
});

test("pairs that leave when a window expires have the continuation of the trigger that their inputs have", () => {
  const trigger = afterWatermark({ early: afterCount(7), late: afterCount(2) });
  const windowing = windowInto<KV<string, number>>(fixedWindows(10), { trigger, accumulation: "accumulating", allowedLateness: 5 });
  const graph = graphOf((p) => {
    const right = stream(p, "Right").apply("R", windowing);
    stream(p, "Left")
      .apply("L", windowing)
      .apply(fullJoin(right, { emit: "atWindowClose" }));
  });
  expect(lastTrigger(graph)).toEqual(afterWatermark({ early: afterCount(1), late: afterCount(1) }));
});
