import { chmod, readFile, rm } from "node:fs/promises";
import { isAbsolute, posix, relative, sep } from "node:path";
import { defineConfig, type Plugin } from "rolldown";
import { globSync } from "tinyglobby";

// What `npm run build` makes of the sources after the compiler has checked them and written their declarations: a file for each
// layer where the sources have one for each module, since Node looks for, reads and links every file that is imported.
// docs/decisions/0006-one-file-for-each-layer.md says what that gains. rolldown is called from a program, since its command prints a
// line for each file, and does so in front of whatever builds first, as `npm start` does.

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly "millrace-source": string }>>;
}

const { exports } = JSON.parse(await readFile("package.json", "utf8")) as Manifest;

/** What is not imported by other files of ours, but by users, by the shell and by the name of the file. Each keeps its place. */
const entries = [
  ...Object.values(exports).flatMap((target) => (typeof target === "string" ? [] : [target["millrace-source"].slice("./".length)])),
  "runners/cli/main.ts",
  "runners/node/es-module-hook.mjs",
  "runners/threads/bootstrap.mjs",
  "runners/threads/worker.ts",
];

/** The path of a module from the top, without its ending: the same for a source and for its file in `dist`, if it has one. */
const placeOf = (id: string): string =>
  relative("", id)
    .replaceAll(sep, "/")
    .replace(/\.\w+$/, "");

const isEntry = new Set(entries.map(placeOf));

/** Modules of a layer in one file. What is imported only where it is needed stays apart. */
const layer = (path: string, isPart: (place: string) => boolean = () => true) => ({
  name: `${path}/layer`,
  test: (id: string) => placeOf(id).startsWith(`${path}/`) && !isEntry.has(placeOf(id)) && isPart(placeOf(id)),
  tags: ["$initial" as const],
});

/** What threads start with, before they can read TypeScript: it must not bring the rest of its layer. */
const reader = "runners/node/typescript";

/** Threads import a case by the url that it was defined with, so each module of cases is a file. */
const isCase = (place: string): boolean => /^runners\/conformance\/cases\/(?!index$|support$|windowed$)/.test(place);

/** What cases import. The suite imports the cases, and cannot be in one file with this. */
const isForCases = (place: string): boolean => /\/(case-module|checks|cases\/(support|windowed))$/.test(place);

/** Takes away what the last build has left and this one has not made, and makes the command a program. */
const tidy: Plugin = {
  name: "tidy",
  async writeBundle(_, written) {
    const files = globSync("**/*.{js,mjs,map}", { cwd: "dist", ignore: ["**/*.d.{ts,mts}.map"] });
    await Promise.all(files.filter((path) => !(path in written)).map((path) => rm(`dist/${path}`)));
    await chmod("dist/runners/cli/main.js", 0o755);
  },
};

export default defineConfig({
  plugins: [tidy],
  input: Object.fromEntries(entries.map((path) => [placeOf(path), path])),
  platform: "node",
  external: (id) => !id.startsWith(".") && !isAbsolute(id),
  logLevel: "warn",
  output: {
    dir: "dist",
    format: "esm",
    sourcemap: true,
    // Both are in the package: the sources beside `dist`, the comments in them and in the declarations.
    sourcemapExcludeSources: true,
    comments: { jsdoc: false },
    minifyInternalExports: false,
    entryFileNames: ({ facadeModuleId }) => (facadeModuleId?.endsWith(".mjs") ? "[name].mjs" : "[name].js"),
    // What is loaded where it is needed has no path in its name, and gets that of the source.
    chunkFileNames: ({ name, facadeModuleId, moduleIds }) =>
      name === reader
        ? "[name].mjs"
        : name.includes("/")
          ? "[name].js"
          : `${posix.dirname(placeOf(facadeModuleId ?? moduleIds[0]!))}/[name].js`,
    codeSplitting: {
      // A module is in the first group that it fits.
      groups: [
        { name: reader, test: (id: string) => placeOf(id) === reader },
        layer("sdk", (place) => !place.startsWith("sdk/fp/")),
        layer("io"),
        layer("runners/core"),
        layer("runners/node"),
        layer("runners/threads"),
        layer("runners/cli"),
        layer("runners/conformance", isForCases),
        { name: placeOf, debugName: "cases", test: (id: string) => isCase(placeOf(id)) },
      ],
    },
  },
});
