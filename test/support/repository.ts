import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

/** The folder of `package.json`. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** The modules below some top folders, as paths from the root with `/` on every platform; a folder that is missing has none. */
export const modulesIn = (...folders: readonly string[]): readonly string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.{ts,mts,js,mjs}`),
    { cwd: root, ignore: ["docs/api"] },
  ).sort();

/** What the tests read of `package.json`. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

export const manifest = JSON.parse(textOf("package.json")) as Manifest;
