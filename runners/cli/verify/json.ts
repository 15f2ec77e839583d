import { PipelineError } from "../../../sdk/errors.ts";
import { kindOf } from "../explain/words.ts";
import type { Comparison, Difference } from "./compare.ts";
import { verdictOf, type Report } from "./report.ts";
import { whatOf } from "./words.ts";

/** A report as plain data. */
export function jsonOf(report: Report) {
  const { pipeline, runners, failures, comparisons, notCompared, unseen } = report;
  return {
    pipeline,
    verdict: verdictOf(report),
    runners,
    failures: failures.map(({ runner, error }) => ({
      runner,
      error: error instanceof PipelineError ? { code: error.code, ...textsOf(error) } : { message: String(error) },
    })),
    compared: comparisons.map((comparison) => comparisonData(comparison, runners)),
    notCompared,
    notSeen: unseen,
  };
}

const textsOf = ({ parts: { what, at, got, fix } }: PipelineError) => ({ what, at, got, fix });

function comparisonData(comparison: Comparison, runners: readonly string[]) {
  const { subject, size, differing, examples } = comparison;
  const { path } = subject.tap.node;
  return {
    step: path,
    kind: kindOf(subject.tap.node),
    what: whatOf(comparison),
    size,
    differing,
    examples: examples.map((example) => exampleData(example, runners)),
  };
}

/** A runner that had nothing has no field; of elements, what it had is how many. */
const exampleData = ({ place, element, had }: Difference, runners: readonly string[]) => ({
  ...(place === undefined ? { element } : place),
  had: Object.fromEntries(
    runners.flatMap((runner, i) => (had[i] === undefined ? [] : [[runner, place === undefined ? had[i].count : had[i].text]])),
  ),
});
