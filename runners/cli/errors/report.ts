import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText } from "./error-text.ts";

/** Prints an error to stderr, for the folder that the command was called in. */
export function report(error: unknown, isVerbose = false): void {
  process.stderr.write(errorText(error, { isVerbose, folder: process.cwd(), library: libraryFolders() }));
}

/** The layers of the library. Where it is built, source maps lead from `dist` to the sources beside it, so both are it. */
function libraryFolders(): readonly string[] {
  const layers = fileURLToPath(new URL("../../../", import.meta.url)).slice(0, -1);
  const sources = layers.endsWith(`${sep}dist`) ? layers.slice(0, -`${sep}dist`.length) : layers;
  return [sources, `${sources}${sep}dist`].flatMap((folder) => ["sdk", "runners", "io"].map((layer) => `${folder}${sep}${layer}`));
}
