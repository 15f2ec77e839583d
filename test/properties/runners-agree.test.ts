import fc from "fast-check";
import { expect, test } from "vitest";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { compare, type Comparison } from "../../runners/cli/verify/compare.ts";
import { contentsOf, type Contents } from "../../runners/cli/verify/contents.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import type { TapSettings } from "../../runners/core/taps.ts";
import { isFull } from "../conformance/matrix.ts";
import { campaign } from "../io/support/campaign.ts";
import { textOf } from "../support/repository.ts";
import everyTransform, { programs } from "./pipelines/every-transform.ts";
import type { Scenario } from "./pipelines/program.ts";
import { scenarioFor, subjectsIn } from "./pipelines/scenarios.ts";

// What is made of elements in any order, with watermarks that go on by any steps. The runners' results are compared as `millrace
// verify` does it, and besides by what each output gives, pane by pane: in a test stream nothing depends on bundles or clocks.

/** One pool of threads for all runs: to start a thread takes longer than many runs. */
const runners = [directRunner(), rxjsRunner(), threadsRunner({ threads: 2 })];

const settings: TapSettings = { hasTaps: true, logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } };

/** What the runners have in common of a program, and what not. */
async function comparisonsOf(program: string, scenario: Scenario): Promise<readonly Comparison[]> {
  const options = { program, scenario: JSON.stringify(scenario) };
  const { graph } = buildGraph((p) => everyTransform.build(p, options));
  const subjects = subjectsIn(graph, programs[program]!.isExact);
  const runs: (readonly Contents[])[] = [];
  for (const runner of runners) {
    const result = await runner.run(everyTransform, options, settings);
    runs.push(subjects.map((subject) => contentsOf(subject, result.collected(subject.tap.elements), graph)));
  }
  return subjects.map((subject, i) => {
    const contents = runs.map((run) => run[i]!);
    return compare(subject, contents);
  });
}

/** A longer campaign has longer. */
const timeout = 30_000 * Number(process.env["MILLRACE_RUNS"] ?? "1");

test.each(Object.entries(programs))("the runners agree on %s", { timeout }, async (name, program) => {
  let size = 0;
  await fc.assert(
    fc.asyncProperty(scenarioFor(program), async (scenario) => {
      const comparisons = await comparisonsOf(name, scenario);
      expect(comparisons.filter(({ differing }) => differing > 0)).toEqual([]);
      size += comparisons.reduce((all, each) => all + each.size, 0);
    }),
    campaign(isFull ? 200 : 10),
  );
  expect(size).toBeGreaterThan(0);
});

/** Exports of the library's files of transforms that have no program. */
const exempt: Readonly<Record<string, string>> = {
  output: "no transform",
  periodicImpulse: "has no end, and no test stream beside it",
  unboundedSource: "has no end, and no test stream beside it",
};

test("every transform of the library has a program", () => {
  const exports = Array.from(textOf("sdk/index.ts").matchAll(/^export \{([^}]*)\} from "\.\/transforms\//gm), ([, names = ""]) => names);
  const transforms = exports.flatMap((names) => names.split(",").map((name) => name.trim())).filter((name) => /^[a-z]\w*$/.test(name));
  expect(transforms).toContain("groupByKey");
  const shown = new Set(Object.keys(programs).map((name) => name.split("/")[0]));
  expect(transforms.filter((name) => !shown.has(name)).toSorted()).toEqual(Object.keys(exempt).toSorted());
});
