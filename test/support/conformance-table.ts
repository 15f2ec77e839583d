import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allModules, catalogue, rowOf, sections, type Level } from "millrace/conformance";
import { inPart, knownGaps } from "../conformance/known-gaps.ts";
import { modulesIn, root, textOf } from "./repository.ts";

/** Where {@link conformanceTable} is kept. */
export const TABLE_PATH = "docs/conformance.md";

/** A test, or a case of the suite, that a row of the catalogue has. */
interface RowTest {
  /** The row's id. */
  readonly row: string;
  /** Whether it runs on every runner. */
  readonly isOnRunners: boolean;
  /** Why it is expected to fail; nothing where it passes. */
  readonly gap: string | undefined;
}

const levels: readonly Level[] = ["pipeline", "build", "engine", "wire"];
const states = ["there", "in part", "not yet"] as const;
type State = (typeof states)[number];

/** What there is of the catalogue, as a page. Nothing is run for it: it goes by the ids of cases and the names of tests. */
export function conformanceTable(): string {
  const inFiles = testsInFiles();
  const stateOf = stateFrom([...testsInSuite(), ...inFiles]);
  const gaps = [...Object.entries(knownGaps), ...inFiles.flatMap(({ row, gap }) => (gap === undefined ? [] : [[row, gap] as const]))];
  return [
    "# What is there of the conformance catalogue",
    "*Written by `test/support/conformance-table.ts`, which reads the ids of cases and the names of tests; a test compares.*",
    "The catalogue lists behaviours of the Beam model, each with an exact input and result. A row is checked on every runner under " +
      "every cut (`pipeline`: `runners/conformance/cases`), once on the graph (`build`), once on a part of the engine (`engine`), or " +
      "once on the bytes of Beam's encodings (`wire`).",
    totals(stateOf),
    "## By section",
    bySection(stateOf),
    "## What is missing of rows that are there in part",
    table(["row", "missing"], sorted(Object.entries(inPart))),
    "## Known gaps",
    "They run as expected failures, so that one that closes does not stay on the list.",
    table(["row", "why it fails"], sorted(gaps)),
    "## Behaviours that the suite adds",
    table(["case", "behaviour"], sorted(casesOfOurs())),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The rows that the suite has cases for. */
const testsInSuite = (): readonly RowTest[] =>
  allModules.flatMap(({ cases }) => Object.keys(cases).map((id) => ({ row: rowOf(id), isOnRunners: true, gap: knownGaps[id] })));

/** The rows that stand at the beginning of test names. The comment before an expected failure says why it fails. */
export const testsInFiles = (): readonly RowTest[] =>
  modulesIn("test")
    .filter((path) => path.endsWith(".test.ts"))
    .flatMap((path) => {
      const found = textOf(path).matchAll(/(?:(?:\/\/ (.*)\n\s*)?(test\.fails)\(\s*)?["'`]([A-Z]+)(-\d{2}) (.*?)["'`]/g);
      const isOnRunners = path.startsWith("test/conformance/");
      return Array.from(found)
        .filter(([, , , section]) => section! in sections)
        .map(([, why, fails, section, number, name]) => ({ row: `${section}${number}`, isOnRunners, gap: fails && (why ?? name) }));
    });

const casesOfOurs = (): readonly (readonly [string, string])[] =>
  allModules.flatMap(({ cases }) =>
    Object.entries(cases).flatMap(([id, { title }]) => (rowOf(id).endsWith("+") ? [[id, title] as const] : [])),
  );

/** What a row of the level `pipeline` needs is a test on the runners; one of a part of the engine does not do. */
function stateFrom(tests: readonly RowTest[]): (row: string) => State {
  const counting = tests.filter(({ row, isOnRunners }) => isOnRunners || catalogue.get(row) !== "pipeline");
  const passing = new Set(counting.filter(({ gap }) => gap === undefined).map(({ row }) => row));
  const failing = new Set(counting.filter(({ gap }) => gap !== undefined).map(({ row }) => row));
  return (row) => {
    if (!passing.has(row)) return "not yet";
    return failing.has(row) || row in inPart ? "in part" : "there";
  };
}

function totals(stateOf: (row: string) => State): string {
  const rows = levels.map((level) => {
    const ids = rowsAt(level);
    return [level, ids.length, ...states.map((state) => ids.filter((id) => stateOf(id) === state).length)];
  });
  return table(["level", "rows", ...states], rows);
}

function bySection(stateOf: (row: string) => State): string {
  const rows = Object.entries(sections).flatMap(([name, { title }]) => {
    const all = [...catalogue.keys()].filter((id) => isIn(name, id));
    return levels.flatMap((level) => {
      const ids = rowsAt(level).filter((id) => isIn(name, id));
      if (ids.length === 0) return [];
      const numbers = (state: State): string =>
        rangesOf(
          ids.filter((id) => stateOf(id) === state),
          all,
        );
      return [[`${name}: ${title}`, level, ...states.map(numbers)]];
    });
  });
  return table(["section", "level", ...states], rows);
}

const rowsAt = (level: Level): readonly string[] => [...catalogue].flatMap(([id, each]) => (each === level ? [id] : []));

const isIn = (section: string, id: string): boolean => id.startsWith(`${section}-`);

/** The numbers of some rows; three and more that follow one another among all rows of their section are a range. */
function rangesOf(ids: readonly string[], all: readonly string[]): string {
  const ranges: string[][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last !== undefined && all.indexOf(last.at(-1)!) === all.indexOf(id) - 1) last.push(id);
    else ranges.push([id]);
  }
  const numberOf = (id: string): string => id.split("-")[1]!;
  return ranges
    .map((range) => (range.length < 3 ? range.map(numberOf).join(", ") : `${numberOf(range[0]!)}–${numberOf(range.at(-1)!)}`))
    .join(", ");
}

const sorted = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  rows.toSorted(([a = ""], [b = ""]) => Number(a > b) - Number(a < b));

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`.replaceAll(/ {2,}/g, " ")).join("\n");

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, TABLE_PATH), conformanceTable());
