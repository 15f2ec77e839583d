import { expect } from "vitest";
import { collect, map, type Pipeline } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "../../runners/cli/verify/compare.ts";
import { contentsOf, type Contents } from "../../runners/cli/verify/contents.ts";
import { scopeOf } from "../../runners/cli/verify/subjects.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import { tapped, type TapSettings } from "../../runners/core/taps.ts";
import type { Runner } from "millrace";
import { inAnyOrder } from "../support/stream-scenarios.ts";
import { anyScript, Outside, read, type Reading } from "./scripts.ts";
import type { Subject } from "./subject.ts";
import { anyTangle } from "./tangles.ts";

const quiet: TapSettings = { hasTaps: true, logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } };

/** What a run gives at all places that are the same in each run. */
async function seenBy(runner: Runner, build: (p: Pipeline) => void) {
  const { graph } = buildGraph(build);
  const { subjects } = scopeOf(graph, tapped(graph));
  const result = await runner.run(build, {}, quiet);
  const dropped = result.metrics({ kind: "counter" }).filter(({ name, committed }) => name.startsWith("dropped_") && committed > 0);
  return {
    dropped,
    at: subjects.map((subject) => ({ subject, contents: contentsOf(subject, result.collected(subject.tap.elements), graph) })),
  };
}

/**
 * A tangle on sources that never promise too much gives what it gives where all elements are there at once: nothing is late, and
 * what is complete has all of it.
 */
export const tangles: Subject = async ({ choices, trace, runner }) => {
  let number = 0;
  const scripts = Array.from({ length: choices.between(1, 2) }, () => anyScript(choices, { mayBeLate: false, numbers: () => number++ }));
  const readings = scripts.map(() => choices.pick(["source", "source", "splittable"] as const));
  const tangle = anyTangle(choices, scripts.length);
  trace.note(tangle.text);
  const outside = new Outside();
  const build =
    (reading: (i: number) => Reading, failsBundles: boolean) =>
    (p: Pipeline): void => {
      const sources = scripts.map((script, i) => read(p, `Source${i}`, script, reading(i), outside));
      tangle.build(sources, { failsBundles }).forEach(({ pairs }, i) => {
        pairs
          .apply(
            `Facts${i}`,
            map((pair, { window, timestamp }) => [pair, window, timestamp]),
          )
          .apply(`Result${i}`, collect());
      });
    };
  const expected = await seenBy(
    directRunner(),
    build(() => "at once", false),
  );
  const found = await seenBy(
    runner({ outside: () => outside.events }),
    build((i) => readings[i]!, true),
  );
  for (const { contents } of found.at) trace.note(textOf(contents));
  expect(found.dropped).toEqual([]);
  expect(found.at.map(({ subject }) => subject.tap.node.path)).toEqual(expected.at.map(({ subject }) => subject.tap.node.path));
  const comparisons = found.at.map(({ subject, contents }, i) => compare(subject, [expected.at[i]!.contents, contents]));
  expect(comparisons.filter(({ differing }) => differing > 0).map(({ subject: { tap }, examples }) => [tap.node.path, examples])).toEqual(
    [],
  );
};

const textOf = (contents: Contents): string => inAnyOrder([...contents]).join("\n");
