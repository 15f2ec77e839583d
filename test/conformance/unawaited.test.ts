import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../support/repository.ts";

// No test library could watch this from inside: one that sees an unhandled rejection fails by itself.
test.each([
  ["direct", "run"],
  ["direct", "start"],
  ["rxjs", "run"],
  ["threads", "run"],
])("DAG-08 the failure of a run that nobody awaits ends the process, with %sRunner().%s(…)", (name, call) => {
  const program = `
    import { ${name}Runner } from "millrace/runners/${name}";
    import { parDoCases } from "./runners/conformance/cases/par-do.ts";
    ${name}Runner().${call}(parDoCases, { case: "PAR-13" });
  `;
  const flags = ["--conditions=millrace-source", "--import", "tsx", "--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
  expect(stderr).toMatch(/STEP_FAILED: .*cannot take [ab].* at "StageC"/);
  expect(status).toBe(1);
});
