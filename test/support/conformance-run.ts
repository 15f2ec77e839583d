import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";
import { conformanceTable, differenceOfTables, TABLE_PATH, type Column, type RowResult } from "./conformance-table.ts";
import { modulesIn, root, textOf } from "./repository.ts";

/**
 * Compares the page on conformance with what a full run of the tests has found; `npm run conformance` writes the page from it. A
 * run of some tests only, or under some cuts only, says nothing of it.
 */
export default class ConformanceRun implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const isWriting = process.env["MILLRACE_CONFORMANCE"] === "write";
    if (!isWriting && !(process.env["MILLRACE_FULL"] === "1" && areAll(modules))) return;
    const found = conformanceTable(modules.flatMap((module) => [...module.children.allTests()].flatMap(resultsOf)));
    if (isWriting) return writeFileSync(join(root, TABLE_PATH), found);
    const difference = differenceOfTables(textOf(TABLE_PATH), found);
    if (difference.length === 0) return;
    process.exitCode = 1;
    console.error(`${TABLE_PATH} does not say what this run has found; npm run conformance writes it anew:\n${difference.join("\n")}`);
  }
}

const areAll = (modules: readonly TestModule[]): boolean =>
  modules.length === modulesIn("test").filter((path) => path.endsWith(".test.ts")).length;

/** The rows that a test is about, by the ids that its name and those of its groups begin with. */
function resultsOf(test: TestCase): readonly RowResult[] {
  const names = [test.name, ...groupsOf(test)];
  const path = relative(root, test.module.moduleId).replaceAll("\\", "/");
  const { state } = test.result();
  if (state !== "passed" && state !== "failed") return [];
  return names.flatMap((name) => {
    const [, id, row] = /^(([A-Z]+-\d{2})(?:\/\S+)?)(?= |,|$)/.exec(name) ?? [];
    if (id === undefined) return [];
    return [{ id, row: row!, column: columnOf(path, names), hasPassed: state === "passed" }];
  });
}

function groupsOf(test: TestCase): readonly string[] {
  const names: string[] = [];
  for (let { parent }: TestCase | TestSuite = test; parent.type === "suite"; parent = parent.parent) names.push(parent.name);
  return names;
}

/** Where a test has run: on a runner, or once for all. Under one cut the threads are one, see the suite on threads. */
function columnOf(path: string, names: readonly string[]): Column {
  if (!path.startsWith("test/conformance/")) return "once";
  const text = names.join(" ");
  if (text.includes("threads, four workers runner")) return "threads, 4";
  if (text.includes("threads runner")) return names.includes("one element per bundle") ? "threads, 1" : "threads, 2";
  if (text.includes("threadsRunner")) return "threads, 2";
  if (/\bdirect(?: r|R)unner/.test(text)) return "direct";
  return /\brxjs(?: r|R)unner/.test(text) ? "rxjs" : "once";
}
