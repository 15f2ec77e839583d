import { expect } from "vitest";
import { compare } from "../../runners/cli/verify/compare.ts";
import { contentsOf } from "../../runners/cli/verify/contents.ts";
import { buildGraph } from "../../runners/core/build-graph.ts";
import type { TapSettings } from "../../runners/core/taps.ts";
import { directRunner } from "millrace/runners/direct";
import everyTransform, { programs } from "../properties/pipelines/every-transform.ts";
import { scenarioFor, subjectsIn } from "../properties/pipelines/scenarios.ts";
import { groupedFromScratch } from "../support/grouping-oracle.ts";
import { StateOracle } from "../support/state-oracle.ts";
import { anyHappenings, anySetup } from "../support/state-programs.ts";
import { outcomeOf } from "../support/state-runs.ts";
import { anyEvents, anyWindowing, groupedBy, inAnyOrder } from "../support/stream-scenarios.ts";
import { drawn } from "./drawn.ts";
import type { Subject } from "./subject.ts";

// In a test stream an event is over when all that follows from it is done, so what comes of it is known exactly.

/** A grouping with any settings gives the panes that a model gives from scratch. */
export const groupings: Subject = async ({ choices, trace, runner }) => {
  const windowing = drawn(anyWindowing, choices);
  const events = drawn(anyEvents, choices);
  const { panes, ...dropped } = await groupedBy(runner(), windowing, events);
  trace.note(inAnyOrder(panes).join("\n"));
  const expected = groupedFromScratch(windowing, events);
  expect(inAnyOrder(panes)).toEqual(inAnyOrder(expected.panes));
  expect(dropped).toEqual({ late: expected.late, closed: expected.closed });
};

/** A step with state and timers, some of whose calls fail, does what a model does. */
export const states: Subject = async ({ choices, trace, runner }) => {
  const setup = drawn(anySetup, choices);
  const happenings = drawn(anyHappenings, choices);
  const { lines, late, dropped, skipped } = await outcomeOf(runner(), setup, happenings, { strict: choices.chance(0.3) });
  trace.note(inAnyOrder(lines).join("\n"));
  const expected = StateOracle.outcomeOf(setup, happenings);
  expect(inAnyOrder(lines)).toEqual(inAnyOrder(expected.lines));
  expect([inAnyOrder(late), dropped, skipped]).toEqual([inAnyOrder(expected.late), expected.late.length, expected.skipped]);
};

const quiet: TapSettings = { hasTaps: true, logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } };

/** A transform of the library on two streams gives what it gives on the direct runner. */
export const transforms: Subject = async ({ choices, trace, runner }) => {
  const [name, program] = choices.pick(Object.entries(programs));
  trace.note(name);
  const options = { program: name, scenario: JSON.stringify(drawn(scenarioFor(program), choices)) };
  const { graph } = buildGraph((p) => everyTransform.build(p, options));
  const subjects = subjectsIn(graph, program.isExact);
  const results = [await directRunner().run(everyTransform, options, quiet), await runner().run(everyTransform, options, quiet)];
  const [expected, found] = results.map((result) => subjects.map((each) => contentsOf(each, result.collected(each.tap.elements), graph)));
  for (const contents of found!) trace.note(inAnyOrder([...contents]).join("\n"));
  const comparisons = subjects.map((each, i) => compare(each, [expected![i]!, found![i]!]));
  expect(comparisons.filter(({ differing }) => differing > 0)).toEqual([]);
};
