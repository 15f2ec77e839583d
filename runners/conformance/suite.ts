import type { Logger, Runner } from "../../sdk/running.ts";
import type { CaseModule, ConformanceCase, Outputs } from "./case-module.ts";
import { allModules } from "./cases/index.ts";
import { mustEqual, mustHold, mustMatch } from "./checks.ts";
import { cuts, type LabelledCut } from "./cuts.ts";

/** The two functions of a test library that the suite uses; those of vitest and of node:test fit. */
export interface TestLibrary {
  /** Groups tests under a name. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** A test; it fails when its body throws. */
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}

/** How {@link describeRunner} is run. */
export interface SuiteOptions {
  /** Case id → why it fails on this runner. A gap that has closed fails the suite, so that the list never outlives its reasons. */
  readonly knownGaps?: Readonly<Record<string, string>>;
  /** The cuts to run each case under; all of {@link cuts} unless given. */
  readonly cuts?: readonly LabelledCut[];
  /** Which cases to run; all of them unless given. */
  readonly only?: (each: ConformanceCase, id: string) => boolean;
  /** The test library: `{ describe, test }` of vitest or of node:test. */
  readonly test: TestLibrary;
}

/**
 * The tests that every runner must pass. How elements are cut into bundles and keys into partitions is a runner's own affair,
 * so each case runs under several cuts.
 *
 * @param makeRunner - a runner that cuts its work like this.
 */
export function describeRunner(
  name: string,
  makeRunner: (cut: LabelledCut) => Runner,
  { knownGaps = {}, cuts: chosen = cuts, only = () => true, test }: SuiteOptions,
): void {
  const unknown = Object.keys(knownGaps).find((id) => !allModules.some(({ cases }) => Object.hasOwn(cases, id)));
  if (unknown !== undefined) throw new Error(`there is no case ${unknown}, so it is no known gap`);
  test.describe(`${name} runner`, () => {
    for (const cut of chosen) {
      test.describe(cut.label, () => {
        const runner = makeRunner(cut); // one for all cases, so that a pool of workers outlives a run
        for (const module of allModules) {
          for (const [id, each] of Object.entries(module.cases)) {
            if (!only(each, id)) continue;
            const check = (): Promise<void> => checkCase(runner, module, id, each);
            const reason = knownGaps[id];
            test.test(`${id} ${each.title}`, reason === undefined ? check : () => mustFail(check, reason));
          }
        }
      });
    }
  });
}

async function checkCase(runner: Runner, module: CaseModule, id: string, each: ConformanceCase): Promise<void> {
  const run = runner.run(module, { case: id }, { logger: silent });
  if (each.fails !== undefined) return checkFailure(await failureOf(run), each.fails);
  const result = await run;
  const handles = Object.entries(module.handlesOf(id));
  const outputs: Outputs = Object.fromEntries(handles.map(([name, handle]) => [name, result.collected(handle)]));
  if (each.expected !== undefined) checkOutputs(outputs, each.expected);
  each.check?.(outputs, result);
}

function checkOutputs(outputs: Outputs, expected: readonly unknown[] | Outputs): void {
  const byName: Outputs = isList(expected) ? { main: expected } : expected;
  mustEqual(Object.keys(outputs).toSorted(), Object.keys(byName).toSorted(), "the list of outputs");
  for (const [name, elements] of Object.entries(byName)) mustHold(outputs[name]!, elements, name);
}

const isList = (expected: readonly unknown[] | Outputs): expected is readonly unknown[] => Array.isArray(expected);

async function failureOf(run: Promise<unknown>): Promise<Error> {
  const failure: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Error) return failure;
  throw new Error(failure === undefined ? "the run should fail, but it is done" : "the run failed with something that is no error");
}

function checkFailure(error: Error, fails: RegExp | ((error: Error) => void)): void {
  if (typeof fails === "function") fails(error);
  else mustMatch(error.message, fails, "the error of the run");
}

/** Turned round here and not by the test library: node:test has no `test.fails`. */
async function mustFail(check: () => Promise<void>, reason: string): Promise<void> {
  const hasPassed = await check().then(
    () => true,
    () => false,
  );
  if (hasPassed) throw new Error(`this gap has closed, take it off the list: ${reason}`);
}

/** The cases keep state for ever on purpose. */
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
