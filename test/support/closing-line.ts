import type { Reporter, TestModule } from "vitest/node";

/** Ends a test run with the line `N passed, N failed, N skipped`, which people and machines can read alike. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that did not load has no tests, and where beforeAll failed they count as skipped: the failure is counted here.
      for (const group of [module, ...module.children.allSuites()]) if (group.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
    }
    // A test that never got its turn has not passed.
    const line = `${counts.passed} passed, ${counts.failed + counts.pending} failed, ${counts.skipped} skipped\n`;
    process.on("exit", () => process.stdout.write(line)); // after the summary of other reporters and of coverage
  }
}
