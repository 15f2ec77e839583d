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
import { programStep, WINDOW, type Happening, type Instruction, type Line, type Setup } from "./state-programs.ts";

/** What a runner makes of what happens. */
export async function outcomeOf(runner: Runner, setup: Setup, happenings: readonly Happening[], settings: RunSettings) {
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
