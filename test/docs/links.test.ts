import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { modulesIn, root, textOf } from "../support/repository.ts";
import { blocksOf, pages, proseOf } from "./markdown.ts";

test.each(pages)("every link of %s leads somewhere", (page) => {
  const broken = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(page, target));
  expect(broken).toEqual([]);
});

test.each(pages)("every path that %s names is there", (page) => {
  const missing = [...proseOf(page).matchAll(/`((?:sdk|runners|io|test|docs|\.ci)\/[\w./-]+)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => path !== "docs/api" && !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test("the map of the architecture names every folder of the library, and no file that is not there", () => {
  const map = blocksOf("docs/architecture.md")[0]!.text;
  const sources = modulesIn("sdk", "runners", "io");
  const folders = new Set(sources.map((path) => posix.dirname(path)).filter((folder) => folder.includes("/")));
  expect([...folders].filter((folder) => !map.includes(`${posix.basename(folder)}/`))).toEqual([]);
  const files = Array.from(map.matchAll(/[\w-]+\.ts\b/g), ([name]) => name);
  expect(files.filter((name) => !sources.some((path) => posix.basename(path) === name))).toEqual([]);
});

test("the table of tests names every folder of tests", () => {
  const folders = new Set(modulesIn("test").map((path) => path.split("/").slice(0, 2).join("/")));
  expect([...folders].filter((folder) => !textOf("docs/contributing.md").includes(`\`${folder}\``))).toEqual([]);
});

// The checks above see nothing where this one fails.
test("a page without links would be noticed", () => {
  expect(pages).toContain("docs/architecture.md");
  expect(pages.filter((page) => proseOf(page).includes("]("))).toContain("README.md");
  expect(leadsSomewhere("README.md", "docs/none.md")).toBe(false);
  expect(leadsSomewhere("README.md", "docs/glossary.md#none")).toBe(false);
  expect(leadsSomewhere("docs/walk.md", "errors.md#step_failed")).toBe(true);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return anchor === undefined || headingsOf(file).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
const headingsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
