import { expect, test } from "vitest";
import { textOf } from "../support/repository.ts";
import { tableRowsOf } from "./markdown.ts";

test("the page of figures has every benchmark", () => {
  const benchmarks = [...textOf("test/bench/main.ts").matchAll(/^ {2}"?([\w-]+)"?: async/gm)].map(([, name]) => `\`${name}\``);
  expect(benchmarks).not.toEqual([]);
  expect([...new Set(tableRowsOf("docs/performance.md").map(([name]) => name))]).toEqual(benchmarks);
});
