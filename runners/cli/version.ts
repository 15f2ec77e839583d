import { createRequire } from "node:module";

/** The version of the package that this code is part of. */
export function version(): string {
  // By its own name, which leads to the same file from the sources and from what is built of them.
  return (createRequire(import.meta.url)("millrace/package.json") as { readonly version: string }).version;
}
