import { posix } from "node:path";
import { expect, test } from "vitest";
import { importsIn, importsOf, type Import } from "./support/imports.ts";
import { modulesIn } from "./support/repository.ts";

/** For each layer: the layers and packages it may import, "type " where only types. Lowest layer first; the longest path decides. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "sdk": ["type fp-ts", "msgpackr"],
  "sdk/fp": ["sdk", "fp-ts"],
  "io": [
    "sdk",
    "node:buffer",
    "node:crypto",
    "node:fs",
    "node:fs/promises",
    "node:net",
    "node:path",
    "node:string_decoder",
    "node:zlib",
    "tinyglobby",
  ],
  "runners/core": ["sdk", "flatqueue"],
  "runners/conformance": ["sdk", "runners/core"],
  "runners/node": [
    "sdk",
    "runners/core",
    "node:crypto",
    "node:fs",
    "node:fs/promises",
    "node:module",
    "node:os",
    "node:path",
    "node:timers/promises",
    "node:url",
    "node:v8",
    "tsx",
  ],
  "runners/direct": ["sdk", "runners/core", "runners/node"],
  "runners/rxjs": ["sdk", "runners/core", "runners/node", "rxjs"],
  "runners/threads": ["sdk", "runners/core", "runners/node", "node:worker_threads", "node:os"],
  "runners/cli": [
    "sdk",
    "runners/core",
    "runners/node",
    "runners/direct",
    "runners/rxjs",
    "runners/threads",
    "node:module",
    "node:path",
    "node:tty",
    "node:url",
    "node:util",
  ],
};

const sources = modulesIn("sdk", "runners", "io");

test.each(Object.keys(mayImport))("%s imports only what its layer may", (layer) => {
  const strays = sources
    .filter((path) => layerOf(path) === layer)
    .flatMap((path) =>
      importsOf(path)
        .filter((found) => !isAllowed(layer, targetOf(path, found), found))
        .map((found) => `${path} imports ${targetOf(path, found)}`),
    );
  expect(strays).toEqual([]);
});

test("every source file belongs to a layer", () => {
  expect(sources.filter((path) => layerOf(path) === undefined)).toEqual([]);
});

test("nothing but tests imports tests", () => {
  const strays = [...sources, ...modulesIn("docs")].filter((path) =>
    importsOf(path).some((found) => targetOf(path, found).startsWith("test/")),
  );
  expect(strays).toEqual([]);
});

// `fp-ts` alone loads the whole library, Node finds no module at `fp-ts/Either`, and `fp-ts/es6` is a second copy of it.
test("fp-ts is imported module by module, by paths that Node can load", () => {
  const strays = [...sources, ...modulesIn("test", "docs")].flatMap((path) =>
    importsOf(path)
      .filter(({ specifier }) => packageOf(specifier) === "fp-ts" && !/^fp-ts\/lib\/\w+\.js$/.test(specifier))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  expect(strays).toEqual([]);
});

// The checks above see nothing where this one fails.
test("an import is seen however it is written", () => {
  const text = `
    import "a";
    import b, { type B } from "b";
    import type { C } from "c"; import { type D } from "d";
    export * from "e"; export type { F } from "f";
    const g = async (h: import("h").H) => await import("g");
    // import "comment"; and "import text from 'string'"
  `;
  expect(importsIn(text)).toEqual([
    { specifier: "a", typesOnly: false },
    { specifier: "b", typesOnly: false },
    { specifier: "c", typesOnly: true },
    { specifier: "d", typesOnly: false },
    { specifier: "e", typesOnly: false },
    { specifier: "f", typesOnly: true },
    { specifier: "h", typesOnly: true },
    { specifier: "g", typesOnly: false },
  ]);
});

function isAllowed(layer: string, target: string, { typesOnly }: Import): boolean {
  const allowed = mayImport[layer] ?? [];
  return target === layer || allowed.includes(target) || (typesOnly && allowed.includes(`type ${target}`));
}

/** A layer, a package, or the path of a file that is in no layer. */
function targetOf(importer: string, { specifier }: Import): string {
  if (!specifier.startsWith(".")) return packageOf(specifier);
  const path = posix.join(posix.dirname(importer), specifier);
  return layerOf(path) ?? path;
}

const layerOf = (path: string): string | undefined => layersByLength.find((layer) => path.startsWith(`${layer}/`));

const layersByLength = Object.keys(mayImport).toSorted((a, b) => b.length - a.length);

/** `fp-ts` for `fp-ts/lib/Either.js`; modules of Node stay whole. */
function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
