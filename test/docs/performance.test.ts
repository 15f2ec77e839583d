import { expect, test } from "vitest";
import { textOf } from "../support/repository.ts";
import { tableRowsOf } from "./markdown.ts";

test("the page of figures has every benchmark", () => {
  const benchmarks = [...textOf("test/bench/main.ts").matchAll(/^ {2}"?([\w-]+)"?: async/gm)].map(([, name]) => `\`${name}\``);
  expect(benchmarks).not.toEqual([]);
  const named = tableRowsOf("docs/performance.md").flatMap(([name = ""]) => (name.startsWith("`") ? [name] : []));
  expect([...new Set(named)]).toEqual(benchmarks);
});
