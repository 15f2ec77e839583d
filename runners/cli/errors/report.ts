import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { errorText } from "./error-text.ts";

/** Prints an error to stderr, for the folder that the command was called in. */
export function report(error: unknown, isVerbose = false): void {
  process.stderr.write(errorText(error, { isVerbose, folder: process.cwd(), library: libraryFolders() }));
}

/** The layers of the library. Where it is built, source maps lead from `dist` to the sources beside it, so both are it. */
function libraryFolders(): readonly string[] {
  const own = dirname(createRequire(import.meta.url).resolve("millrace/package.json"));
  return [own, join(own, "dist")].flatMap((folder) => ["sdk", "runners", "io"].map((layer) => join(folder, layer)));
}
