import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collect,
  fixedWindows,
  keyBy,
  map,
  reify,
  windowInto,
  type Collected,
  type IntervalWindow,
  type KV,
  type PCollection,
  type Reified,
  type Runner,
  type RunSettings,
} from "millrace";
import { at } from "millrace/testing";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { EventScript } from "../../sdk/testing/event-script.ts";
import { playing } from "../../sdk/testing/test-stream.ts";
import { campaign } from "../io/support/campaign.ts";
import { localRunners } from "../support/runs.ts";
import { StateOracle } from "../support/state-oracle.ts";
import {
  anyHappenings,
  anySetup,
  programStep,
  WINDOW,
  type Happening,
  type Instruction,
  type Line,
  type Setup,
} from "../support/state-programs.ts";
import { anyCut, inAnyOrder } from "../support/stream-scenarios.ts";

function scriptOf(happenings: readonly Happening[]): EventScript {
  let script = EventScript.of(["main"]);
  for (const each of happenings) {
    if (each.kind === "watermark") script = script.advanceWatermarkTo("main", each.to);
    else if (each.kind === "processingTime") script = script.advanceProcessingTime(each.by);
    else
      script = script.addElements(
        "main",
        each.elements.map((element) => at(element.at, element)),
      );
  }
  return script;
}

/** What a runner makes of what happens. */
async function outcomeOf(runner: Runner, setup: Setup, happenings: readonly Happening[], settings: RunSettings) {
  let lines!: Collected<Reified<Line>>;
  let late!: Collected<number>;
  const run = runner.run(
    (p) => {
      const elements = p.apply(
        playing({ main: undefined }, scriptOf(happenings), (outputs) => outputs["main"] as PCollection<Instruction>),
      );
      const outputs = elements.pipe(
        windowInto<Instruction, IntervalWindow>(fixedWindows(WINDOW), {
          accumulation: "discarding",
          allowedLateness: setup.allowedLateness,
        }),
        keyBy(({ key }) => key),
        programStep(setup),
      );
      lines = outputs.main.apply(reify()).apply("Lines", collect());
      late = outputs.late.apply(map(([, { id }]: KV<unknown, Instruction>) => id)).apply("Late", collect());
    },
    {},
    settings,
  );
  const result = await run;
  return {
    lines: result.collected(lines).map(({ value: line, timestamp, window }) => ({ line, timestamp, window })),
    late: result.collected(late),
    dropped: droppedIn(result).late,
    skipped: result.metrics({ name: "skipped", kind: "counter" }).reduce((sum, { committed }) => sum + committed, 0),
  };
}

describe.each(localRunners)("a step that does anything with state and timers, under random cuts, on %s", (_, make) => {
  test("sees and gives out what a plain model does, whichever calls fail", async () => {
    await fc.assert(
      fc.asyncProperty(anySetup, anyHappenings, anyCut, fc.boolean(), async (setup, happenings, cut, strict) => {
        const expected = StateOracle.outcomeOf(setup, happenings);
        const { lines, late, dropped, skipped } = await outcomeOf(make(cut), setup, happenings, { strict });
        expect(inAnyOrder(lines)).toEqual(inAnyOrder(expected.lines));
        expect([inAnyOrder(late), dropped, skipped]).toEqual([inAnyOrder(expected.late), expected.late.length, expected.skipped]);
      }),
      campaign(600),
    );
  });
});
