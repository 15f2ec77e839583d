import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manifest, root, textOf } from "./support/repository.ts";

const topLevel = [
  "LICENSE",
  "README.md",
  "docs",
  "io",
  "package-lock.json",
  "package.json",
  "rolldown.config.ts",
  "runners",
  "sdk",
  "test",
  "tsconfig.build.json",
  "tsconfig.json",
  "typedoc.json",
  "vitest.config.ts",
];

test("the top level holds the layers and what describes the package, and nothing else", () => {
  const ignored = textOf(".gitignore").split("\n");
  const strays = readdirSync(root).filter((name) => !name.startsWith(".") && !ignored.includes(name) && !topLevel.includes(name));
  expect(strays).toEqual([]);
});

const subpaths = Object.entries(manifest.exports);

test.each(subpaths)("%s leads to a file of the repository", (_, target) => {
  const path = typeof target === "string" ? target : target["millrace-source"];
  expect(path).toBeDefined();
  expect(existsSync(join(root, path!))).toBe(true);
});

// A resolver takes the first condition that it knows, so sources stand first; and the three of them are one module.
test.each(subpaths.filter(([, target]) => typeof target !== "string"))("%s gives source, types and code of one module", (_, target) => {
  const conditions = target as Readonly<Record<string, string>>;
  const built = conditions["millrace-source"]?.replace("./", "./dist/").replace(/\.ts$/, "");
  expect(Object.entries(conditions)).toEqual([
    ["millrace-source", conditions["millrace-source"]],
    ["types", `${built}.d.ts`],
    ["default", `${built}.js`],
  ]);
});
