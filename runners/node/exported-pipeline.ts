import { isDefinition, type PipelineDefinition } from "../../sdk/definition.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { loadModule, placeOf, type ModuleExports } from "./load-module.ts";

/**
 * The pipeline that a module exports: under the given name, else by default, else the only one there is.
 *
 * @param at - names the module in errors.
 * @throws PipelineError `NO_PIPELINE_EXPORTED` when there is none, or when there are several and no name says which.
 */
export function definitionIn(module: ModuleExports, exportName?: string, at?: string): PipelineDefinition {
  const named = exportName ?? "default";
  const asked = Object.hasOwn(module, named) ? module[named] : undefined;
  if (isDefinition(asked)) return asked;
  const found = Object.entries(module).filter((entry): entry is [string, PipelineDefinition] => isDefinition(entry[1]));
  if (exportName === undefined && found.length === 1) return found[0]![1];
  const names = found.map(([name]) => `#${name}`).join(", ");
  throw new PipelineError("NO_PIPELINE_EXPORTED", {
    what: exportName === undefined ? whatIsWrong(found.length) : `the module exports no pipeline "${exportName}"`,
    at,
    got:
      found.length > 0 ? names : `the exports ${Object.keys(module).join(", ") || "of an empty module"}${isForeign(asked) ? foreign : ""}`,
    fix: found.length > 0 ? `put one of them behind the module: ${names}` : "export default definePipeline(import.meta.url, …)",
  });
}

const whatIsWrong = (found: number): string =>
  found === 0 ? "the module exports no pipeline" : `the module exports ${found} pipelines, none of them by default`;

const foreign = "; the pipeline there was made by another copy of millrace than the one that looks for it";

/** Built like a definition, but not by the `definePipeline` that belongs to this code. */
const isForeign = (value: unknown): boolean => typeof value === "object" && value !== null && "build" in value && "url" in value;

/**
 * The name under which a definition's own module exports it, for threads that have to find it there.
 *
 * @throws PipelineError `PIPELINE_NOT_EXPORTED` when no export is this very definition, `MODULE_NOT_LOADED` when the module cannot be imported.
 */
export async function findExport(url: string, definition: PipelineDefinition): Promise<string> {
  const module = await loadedUnlessWaiting(url);
  const found = Object.keys(module).find((name) => module[name] === definition);
  if (found !== undefined) return found;
  throw new PipelineError("PIPELINE_NOT_EXPORTED", {
    what: "threads find a pipeline among the exports of the module that defines it, and this one is not there",
    at: placeOf(url),
    got: `the pipeline ${shortText(definition.name)}; the module exports ${Object.keys(module).join(", ") || "nothing"}`,
    fix: "export default definePipeline(import.meta.url, …), in the module that the url names",
  });
}

/**
 * A module that awaits, at its top level, the run that imports it waits for itself. Node would end with nothing but exit
 * code 13; it says so just before, when nothing else is left to do.
 */
async function loadedUnlessWaiting(url: string): Promise<ModuleExports> {
  let nothingLeft!: () => void;
  const waiting = new Promise<never>((_, reject) => {
    nothingLeft = () => reject(waitsForItself(url));
  });
  process.once("beforeExit", nothingLeft);
  try {
    return await Promise.race([loadModule(url), waiting]);
  } finally {
    process.off("beforeExit", nothingLeft);
  }
}

const waitsForItself = (url: string): PipelineError =>
  new PipelineError("MODULE_NOT_LOADED", {
    what: "the module awaits at its top level a run that has to import it, so both would wait forever",
    at: placeOf(url),
    fix: "start the run from another module, or do not await it at the top level",
  });
