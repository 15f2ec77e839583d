import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { readTypeScript } from "./typescript.mjs";

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/**
 * Imports a user's module, JavaScript or TypeScript.
 *
 * @param url - a file url, with which it is one and the same module for everybody who imports it on this thread.
 * @throws PipelineError `MODULE_NOT_LOADED` when there is no such file, when it is TypeScript and nothing here reads
 * that, and when the module, or one that it imports, fails; what it failed with is the cause.
 */
export async function loadModule(url: string): Promise<ModuleExports> {
  await mustBeFile(url);
  if (isTypeScript(url)) await mustReadTypeScript(url);
  try {
    return (await import(url)) as ModuleExports;
  } catch (error) {
    throw new PipelineError("MODULE_NOT_LOADED", {
      what: "the module failed while it was imported",
      at: placeOf(url),
      got: shortText(error),
      cause: error,
    });
  }
}

/** How people write a url: as a path where it is a file. */
export const placeOf = (url: string): string => (url.startsWith("file:") ? fileURLToPath(url) : url);

const isTypeScript = (url: string): boolean => /\.[cm]?tsx?(\?|$)/.test(url);

async function mustBeFile(url: string): Promise<void> {
  if (!url.startsWith("file:")) return;
  const found = await stat(fileURLToPath(url)).catch(() => undefined);
  if (found?.isFile() === true) return;
  throw new PipelineError("MODULE_NOT_LOADED", {
    what: found === undefined ? "there is no such module" : "a module is a file",
    at: placeOf(url),
    ...(found?.isDirectory() === true ? { got: "a folder" } : {}),
    fix: "give the path of the file, with its ending: .ts, .mts, .js or .mjs",
  });
}

async function mustReadTypeScript(url: string): Promise<void> {
  // Where this file is TypeScript itself, as in the tests, whatever has read it reads the user's modules too.
  if (isTypeScript(import.meta.url)) return;
  const reader = await readTypeScript(url);
  if (reader !== undefined) return;
  throw new PipelineError("MODULE_NOT_LOADED", {
    what: "nothing here reads TypeScript",
    at: placeOf(url),
    got: `Node ${process.versions.node}, and no tsx beside the module or beside millrace`,
    fix: "npm install --save-dev tsx, or use Node 22.18 or later",
  });
}
