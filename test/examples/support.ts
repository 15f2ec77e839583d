import { readFileSync } from "node:fs";
import type { Runner } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";

/** The runners that every example runs on. */
export const runnersOfExamples: readonly (readonly [name: string, runner: Runner])[] = [
  ["directRunner", directRunner()],
  ["rxjsRunner", rxjsRunner()],
  ["threadsRunner", threadsRunner({ threads: 2 })],
];

/** The lines of a file that are not empty. */
export const linesIn = (path: string): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");

/** The values that a file has in its lines. */
export const jsonLinesIn = (path: string): readonly unknown[] => linesIn(path).map((line) => JSON.parse(line) as unknown);

/** Values as texts, in one order whatever order they came in. */
export const sortedTexts = (values: readonly unknown[]): readonly string[] => values.map((value) => JSON.stringify(value)).toSorted();
