import { describe, expect, test } from "vitest";
import {
  asMap,
  asSingleton,
  combineGlobally,
  combinePerKey,
  create,
  fixedWindows,
  kv,
  map,
  minutes,
  output,
  parDo,
  sum,
  windowInto,
  type Pipeline,
} from "millrace";
import { testStream } from "millrace/testing";
import { jsonOf } from "../../runners/cli/explain/json.ts";
import { mermaidOf } from "../../runners/cli/explain/mermaid.ts";
import { textOf } from "../../runners/cli/explain/text.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import type { Graph } from "../../sdk/graph.ts";

const graphOf = (build: (p: Pipeline) => void): Graph => buildGraph(build).graph;

/** Orders that are converted beside rates and a limit. */
const orders = graphOf((p) => {
  const rates = asMap(p.apply("Rates", create([kv("EUR", 2)])));
  const limit = asSingleton(p.apply("Limits", create([1, 2])).apply("Limit", combineGlobally(sum())));
  const converted = p.apply("Orders", create([kv("EUR", 3)])).apply(
    "Convert",
    map(([currency, n], ctx) => kv(currency, n * ctx.sideInputs.rates.get(currency)! + ctx.sideInputs.limit), {
      sideInputs: { rates, limit },
    }),
  );
  converted.apply(
    "Total",
    combinePerKey(
      sum((n: number) => n),
      { sideInputs: { "the limit": limit } },
    ),
  );
});

const idOf = (path: string): number => orders.nodes.find((node) => node.path === path)!.id;

describe("side inputs are explained", () => {
  test("as text: what each step reads, and as what", () => {
    const text = textOf("orders", orders);
    expect(text.split("\n\n").find((section) => section.startsWith("side inputs\n"))).toBe(
      "side inputs\n  Convert: rates: map of Rates/Read, limit: singleton of Limit/Values\n  Total: the limit: singleton of Limit/Values\n".trimEnd(),
    );
    expect(text).toMatch(/^ {2}View +view map$/m);
    expect(text).toMatch(/^ {2}View +view singleton$/m);
  });

  test("as mermaid: by dotted arrows from the views", () => {
    const dotted = mermaidOf(orders)
      .split("\n")
      .filter((line) => line.includes("-.->"));
    expect(dotted).toEqual([
      `  n${idOf("AsMap/View")} -.->|"rates"| n${idOf("Convert")}`,
      `  n${idOf("AsSingleton/View")} -.->|"limit"| n${idOf("Convert")}`,
      `  n${idOf("AsSingleton/View")} -.->|"the limit"| n${idOf("Total/Fold")}`,
    ]);
    expect(mermaidOf(orders)).toContain(`n${idOf("AsMap/View")}["View<br>view map"]`);
  });

  test("as JSON: by the nodes of the views", () => {
    const { nodes } = JSON.parse(JSON.stringify(jsonOf("orders", orders))) as {
      readonly nodes: readonly Readonly<Record<string, unknown>>[];
    };
    expect(nodes[idOf("Convert")]).toMatchObject({ sideInputs: { rates: idOf("AsMap/View"), limit: idOf("AsSingleton/View") } });
    expect(nodes[idOf("Total")]).toMatchObject({ combineFn: "sum", sideInputs: { "the limit": idOf("AsSingleton/View") } });
    expect(nodes[idOf("Total/Fold")]).toMatchObject({ sideInputs: { "the limit": idOf("AsSingleton/View") } });
    const rates = orders.collections.findIndex(({ name }) => name === "Rates/Read");
    expect(nodes[idOf("AsMap/View")]).toMatchObject({ kind: "view", form: "map", of: rates });
    expect(nodes[idOf("Orders")]).not.toHaveProperty("sideInputs");
  });

  test("and where there are none nothing is said of them", () => {
    const graph = graphOf((p) => void p.apply(create([kv("a", 1)])).apply(combinePerKey(sum())));
    expect(textOf("plain", graph)).not.toContain("side inputs");
    expect(mermaidOf(graph)).not.toContain("-.->");
    expect(JSON.stringify(jsonOf("plain", graph))).not.toContain("sideInputs");
  });

  test("with how often they are refreshed", () => {
    const graph = graphOf((p) => {
      const side = asSingleton(p.apply("Side", testStream<number>().addElements(1)), { refreshEvery: minutes(5) });
      p.apply("Main", create([1]))
        .apply(windowInto(fixedWindows(10)))
        .apply("Read", parDo({ sideInputs: { side }, output: output<number>(), process() {} }));
    });
    expect(textOf("fresh", graph)).toMatch(
      /AsSingleton\/CombinePerKey\(latestOfEach\).*: .*repeatedly\(afterProcessingTime\(300000\)\), accumulating/,
    );
  });
});
