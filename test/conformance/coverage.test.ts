import { expect, test } from "vitest";
import { allModules, catalogue, rowOf, type Level } from "millrace/conformance";
import { rowsPassedIn, rowsWithTests, TABLE_PATH, testsInFiles } from "../support/conformance-table.ts";
import { textOf } from "../support/repository.ts";
import { inPart, knownGaps } from "./known-gaps.ts";

const cases = allModules.flatMap((module) => Object.entries(module.cases));
const ids = cases.map(([id]) => id);

test("the catalogue has all its rows, each at its level", () => {
  const counts: Partial<Record<Level, number>> = {};
  for (const level of catalogue.values()) counts[level] = (counts[level] ?? 0) + 1;
  expect(counts).toEqual({ pipeline: 269, build: 32, engine: 73, wire: 11, none: 2 });
});

test("a case belongs to a row of the catalogue, or says that it is one of ours", () => {
  expect(ids.filter((id) => !catalogue.has(rowOf(id)) && !rowOf(id).endsWith("+"))).toEqual([]);
  expect(ids.filter((id) => rowOf(id).endsWith("+") && catalogue.has(rowOf(id).replace("+", "")))).toEqual([]);
});

test("no two cases have one id", () => {
  expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
});

test("every case says what is right", () => {
  const silent = cases.filter(([, { expected, check, fails }]) => expected === undefined && check === undefined && fails === undefined);
  expect(silent.map(([id]) => id)).toEqual([]);
});

test("known gaps are cases, and what is there in part is a row", () => {
  expect(Object.keys(knownGaps).filter((id) => !ids.includes(id))).toEqual([]);
  expect(Object.keys(inPart).filter((row) => !catalogue.has(row))).toEqual([]);
});

test("tests that name a row name one of the catalogue", () => {
  expect(testsInFiles().filter(({ row }) => !catalogue.has(row))).toEqual([]);
});

test("the page on conformance has a row for each of the catalogue that is of a level", () => {
  const page = textOf(TABLE_PATH);
  expect([...catalogue].filter(([id, level]) => level !== "none" && !page.includes(`\n| ${id} | ${level} |`))).toEqual([]);
});

// It is written from a run, and what runs here is compared with it by the reporter `conformance-run.ts`.
test("the page says of no row that it has passed for which there is no test, and leaves none out", () => {
  expect([...rowsPassedIn(textOf(TABLE_PATH))].toSorted()).toEqual([...rowsWithTests()].filter((row) => catalogue.has(row)).toSorted());
});
