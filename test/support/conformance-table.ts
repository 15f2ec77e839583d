import { allModules, catalogue, rowOf, sections, type Level } from "../../runners/conformance/index.ts";
import { inPart, knownGaps } from "../conformance/known-gaps.ts";
import { modulesIn, textOf } from "./repository.ts";

/** Where {@link conformanceTable} is kept. */
export const TABLE_PATH = "docs/conformance.md";

/** Where a row was checked: on a runner, with so many workers, or once on a part of the engine. */
export type Column = (typeof columns)[number];
const columns = ["direct", "rxjs", "threads, 1", "threads, 2", "threads, 4", "once"] as const;

/** What a test has found of a row. */
export interface RowResult {
  /** The case, such as `OUT-07/lazy`, or the row. */
  readonly id: string;
  readonly row: string;
  readonly column: Column;
  readonly hasPassed: boolean;
}

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

/** What a run has found of the catalogue, as a page. */
export function conformanceTable(results: readonly RowResult[]): string {
  const byRow = new Map<string, RowResult[]>();
  for (const result of results) byRow.set(result.row, [...(byRow.get(result.row) ?? []), result]);
  const resultsOf = (row: string): readonly RowResult[] => byRow.get(row) ?? [];
  const gaps = [
    ...Object.entries(knownGaps),
    ...testsInFiles().flatMap(({ row, gap }) => (gap === undefined ? [] : [[row, gap] as const])),
  ];
  return [
    "# Conformance",
    "*Written by `npm run conformance` from a run of all cases under all cuts; continuous integration compares it with its own run.*",
    "The catalogue lists behaviours of the Beam model, each with an exact input and result. A row is checked on every runner under " +
      "every cut (`pipeline`: `runners/conformance/cases`), once on the graph (`build`), once on a part of the engine (`engine`), or " +
      "once on the bytes of Beam's encodings (`wire`), which come with the portable runner. Two rows on display data do not apply.",
    totals(resultsOf),
    "## By row",
    `${PASSED} passed, under every cut · ${GAP} a known gap, which is run as an expected failure · ${FAILED} failed · nothing: it is not run there. Cases in which ` +
      "a run has to fail are not repeated with four workers.",
    byRowTable(resultsOf),
    "## What is missing of rows that are there in part",
    table(["row", "missing"], sorted(Object.entries(inPart))),
    "## Known gaps",
    "They run as expected failures, so that one that closes does not stay on the list.",
    table(["case", "why it fails"], sorted(gaps)),
    "## Behaviours that the suite adds",
    table(["case", "behaviour"], sorted(casesOfOurs())),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The lines in which two pages differ: those that are there and should not be, and those that should. */
export function differenceOfTables(written: string, found: string): readonly string[] {
  const [before, after] = [written.split("\n"), found.split("\n")];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

const PASSED = "✓";
const FAILED = "✗";
const GAP = "gap";

function cellOf(results: readonly RowResult[]): string {
  if (results.some(({ hasPassed }) => !hasPassed)) return FAILED;
  const isGap = ({ id }: RowResult): boolean => id in knownGaps;
  if (!results.some(isGap)) return results.length === 0 ? "" : PASSED;
  return results.every(isGap) ? GAP : `${PASSED} ${GAP}`;
}

type ResultsOf = (row: string) => readonly RowResult[];

/** What a row of the level `pipeline` needs is a test on the runners; one of a part of the engine does not do. */
function stateOf(row: string, results: readonly RowResult[]): "passed" | "in part" | "not yet" {
  const counting = results.filter(({ column }) => catalogue.get(row) !== "pipeline" || column !== "once");
  if (counting.length === 0 || counting.some(({ hasPassed }) => !hasPassed)) return "not yet";
  return row in inPart || counting.some(({ id }) => id in knownGaps) ? "in part" : "passed";
}

function totals(resultsOf: ResultsOf): string {
  const states = ["passed", "in part", "not yet"] as const;
  const rows = levels.map((level) => {
    const ids = rowsAt(level);
    return [level, ids.length, ...states.map((state) => ids.filter((id) => stateOf(id, resultsOf(id)) === state).length)];
  });
  return table(["level", "rows", ...states], rows);
}

function byRowTable(resultsOf: ResultsOf): string {
  const rows = Object.keys(sections).flatMap((section) =>
    [...catalogue]
      .filter(([id, level]) => id.startsWith(`${section}-`) && level !== "none")
      .map(([id, level]) => {
        const cells = columns.map((column) => cellOf(resultsOf(id).filter((result) => result.column === column)));
        return [id, level, ...cells, level === "wire" ? "with the portable runner" : (inPart[id] ?? "")];
      }),
  );
  return table(["row", "level", ...columns, "missing"], rows);
}

const rowsAt = (level: Level): readonly string[] => [...catalogue].flatMap(([id, each]) => (each === level ? [id] : []));

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

/** The rows that have a test, or a case of the suite, that counts for them, and which passes. Nothing is run for it. */
export function rowsWithTests(): ReadonlySet<string> {
  const inSuite = allModules.flatMap(({ cases }) =>
    Object.keys(cases).map((id): RowTest => ({ row: rowOf(id), isOnRunners: true, gap: knownGaps[id] })),
  );
  const counting = [...inSuite, ...testsInFiles()].filter(({ row, isOnRunners }) => isOnRunners || catalogue.get(row) !== "pipeline");
  return new Set(counting.filter(({ gap }) => gap === undefined).map(({ row }) => row));
}

/** The rows that the page says have passed, whole or in part. */
export function rowsPassedIn(page: string): ReadonlySet<string> {
  const rows = page.split("\n").filter((line) => /^\| [A-Z]+-\d{2} \| (?:pipeline|build|engine|wire) \|/.test(line));
  return new Set(rows.filter((line) => line.includes(PASSED)).map((line) => line.split(" ")[1]!));
}

const sorted = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  rows.toSorted(([a = ""], [b = ""]) => Number(a > b) - Number(a < b));

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`.replaceAll(/ {2,}/g, " ")).join("\n");
