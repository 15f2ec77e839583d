import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests read `millrace/…` from the sources, so no build can be stale. They run in the ssr environment, whose
  // list replaces the defaults: those stand behind ours.
  ssr: { resolve: { conditions: ["millrace-source", "module", "node", "development|production"] } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    reporters: ["dot", "./test/support/conformance-run.ts", "./test/support/closing-line.ts"],
    coverage: { provider: "v8", include: ["sdk/**", "runners/**", "io/**"] },
  },
});
