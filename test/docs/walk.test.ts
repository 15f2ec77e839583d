import { expect, test } from "vitest";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { planStages } from "../../runners/core/plan.ts";
import { StageSource } from "../../runners/core/stage-source.ts";
import wordCount from "../../docs/examples/word-count.ts";
import { blocksOf, tableRowsOf } from "./markdown.ts";

const { graph } = buildGraph(wordCount as never, { input: "book.txt", output: "counts.txt" });
const { stages } = planStages(graph, 1);

test("the walk shows the stages of the example", () => {
  const rows = stages.map(({ id, head, path, steps, slots }) => [
    String(id),
    `${head.kind} \`${path}\``,
    steps.map((step) => `\`${step.path}\``).join(", "),
    slots.map(({ target }) => target).join(", "),
  ]);
  expect(tableRowsOf("docs/walk.md").slice(0, rows.length)).toEqual(rows);
});

test("the walk shows lines of the loop that is generated for it", () => {
  const [shown] = blocksOf("docs/walk.md").filter(({ language }) => language === "js");
  expect(new StageSource(stages[2]!, ["keyed"], () => false).text).toContain(shown!.text);
});
