import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/repository.ts";
import { mutants, type Mutant } from "./mutants.ts";

// `npm run mutants [-- TEXT]`: puts each fault of the list into a copy of the sources, or those whose name has the text, and sees
// whether the tests notice. The last line says how many did.

const COPIED = ["sdk", "runners", "io", "test", "docs", "package.json", "README.md", "tsconfig.json", "vitest.config.ts"];

/** How many seeds of the simulation are tried. */
const SEEDS = "600";

const folder = mkdtempSync(join(tmpdir(), "millrace-mutants-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");

/** Whether the tests of a mutant pass in the copy as it is now. */
function testsPass({ tests }: Mutant): boolean {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const env = { ...process.env, MILLRACE_SEEDS: SEEDS };
  const { status } = spawnSync(process.execPath, [vitest, "run", "--bail=1", ...tests], { cwd: folder, stdio: "ignore", env });
  return status === 0;
}

function isNoticed(mutant: Mutant): boolean {
  const path = join(folder, mutant.file);
  const source = readFileSync(path, "utf8");
  if (source.split(mutant.before).length !== 2) throw new Error(`${mutant.file} has not exactly one place for "${mutant.name}"`);
  writeFileSync(
    path,
    source.replace(mutant.before, () => mutant.after),
  );
  try {
    return !testsPass(mutant);
  } finally {
    writeFileSync(path, source);
  }
}

const [wanted = ""] = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => name.includes(wanted));
const whole = chosen.filter((mutant, i) => chosen.findIndex(({ tests }) => tests.join() === mutant.tests.join()) === i);
const broken = whole.filter((mutant) => !testsPass(mutant));
for (const { tests } of broken) console.log(`fail without any fault: ${tests.join(" ")}`);
let missed = broken.length;
for (const mutant of broken.length > 0 ? [] : chosen) {
  const noticed = isNoticed(mutant);
  if (!noticed) missed++;
  console.log(`${noticed ? "noticed" : "NOT NOTICED"}: ${mutant.name}`);
}
console.log(`${chosen.length - missed} noticed, ${missed} not`);
process.exitCode = missed > 0 || chosen.length === 0 ? 1 : 0;
