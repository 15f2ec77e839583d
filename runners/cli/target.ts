import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { PipelineDefinition } from "../../sdk/definition.ts";
import { definitionIn } from "../node/exported-pipeline.ts";
import { loadModule, placeOf } from "../node/load-module.ts";
import type { Target } from "./command-line.ts";
import { optionsHelp } from "./help.ts";
import { asksForHelp, optionsFrom, type GivenOptions } from "./pipeline-options.ts";

/** A pipeline and the options that a command gives it. */
export interface Chosen {
  readonly definition: PipelineDefinition;
  readonly options: GivenOptions;
}

/** Imports the pipeline that a command names, and reads its options; nothing where the options were only asked for, and have been printed. */
export async function chosenBy({ module, exportName, options }: Target): Promise<Chosen | undefined> {
  const url = module.startsWith("file:") ? module : pathToFileURL(resolve(module)).href;
  const definition = definitionIn(await loadModule(url), exportName, placeOf(url));
  if (!asksForHelp(options, definition.options)) return { definition, options: optionsFrom(options, definition.options, process.env) };
  process.stdout.write(optionsHelp(definition.name, definition.options));
  return undefined;
}
