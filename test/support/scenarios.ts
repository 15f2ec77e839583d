import type { Runner, RunningPipeline, RunSettings } from "millrace";
import scenarios, { collected } from "../runners/pipelines/scenarios.ts";

/** What else a run of a scenario is told. */
export interface ScenarioSettings extends RunSettings {
  /** The file that its events are written to. */
  readonly log?: string;
}

/** Starts a scenario of `pipelines/scenarios.ts`. */
export const start = (runner: Runner, scenario: string, how = "", { log = "", ...settings }: ScenarioSettings = {}): RunningPipeline =>
  runner.start(scenarios, { scenario, how, log }, settings);

/** Runs a scenario to its end. */
export const run = (...given: Parameters<typeof start>): RunningPipeline["done"] => start(...given).done;

/** What a scenario collects, by name. */
export async function outputsOf(...given: Parameters<typeof start>): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const result = await run(...given);
  return Object.fromEntries(Object.entries(collected()).map(([name, handle]) => [name, result.collected(handle)]));
}
