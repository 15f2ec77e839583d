import { describe, expect, test } from "vitest";
import { runProgram } from "../support/child.ts";

const runnerOf = (name: string): string =>
  `import { ${name}Runner } from "millrace/runners/${name}"; const runner = ${name}Runner(${name === "threads" ? "{ threads: 1 }" : ""});`;

describe.each(["direct", "rxjs", "threads"])("a process with a %sRunner", (name) => {
  test("is ended by the failure of a run that nobody awaits", async () => {
    const { code, stderr } = await runProgram(`
      ${runnerOf(name)}
      import scenarios from "./test/runners/pipelines/scenarios.ts";
      runner.start(scenarios, { scenario: "throws", how: "an error of JavaScript" });
    `);
    expect(stderr).toContain("that is no number");
    expect(stderr).toMatch(/STEP_FAILED/);
    expect(code).toBe(1);
  });

  test("ends by itself when its runs are done", async () => {
    const { code, stdout, stderr } = await runProgram(`
      ${runnerOf(name)}
      import scenarios from "./test/runners/pipelines/scenarios.ts";
      await runner.run(scenarios, { scenario: "throws", how: "a text" }).catch((error) => console.log(error.code));
      for (let i = 0; i < 2; i++) console.log((await runner.run(scenarios, { scenario: "policies" })).state);
    `);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "STEP_FAILED\nDONE\nDONE\n", stderr: "" });
  });
});

test("where code may not be made from text, steps run as closures", async () => {
  const { code, stdout, stderr } = await runProgram(
    `
    import { directRunner } from "millrace/runners/direct";
    import scenarios, { collected } from "./test/runners/pipelines/scenarios.ts";
    const result = await directRunner().run(scenarios, { scenario: "policies" });
    console.log(result.collected(collected().main).toSorted().join());
  `,
    ["--disallow-code-generation-from-strings"],
  );
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "10,20,40,50,70,80\n", stderr: "" });
});

test("the failure of a run whose signal has aborted is not swallowed either", async () => {
  const { code, stderr } = await runProgram(`
    import { create, writeTo } from "millrace";
    import { rxjsRunner } from "millrace/runners/rxjs";
    const ending = new AbortController();
    const sink = {
      name: "Sink",
      open: () => ({ write() {}, finish: async () => "part" }),
      async commit() { ending.abort(); throw new Error("cannot commit"); },
    };
    rxjsRunner().start((p) => { p.apply(create([1])).apply(writeTo(sink)); }, {}, { signal: ending.signal });
  `);
  expect(stderr).toContain("cannot commit");
  expect(code).toBe(1);
});
