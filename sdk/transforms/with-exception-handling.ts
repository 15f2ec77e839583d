import { mustBeDuration, mustBeWhole } from "../check.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { Backoff, DeadLetter, FailurePolicy, Verdict } from "../failure.ts";
import type { FailureSpec } from "../graph.ts";
import { expansionFor } from "../expansion.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/** What a step with dead letters gives: `failed` beside `main`, or beside its other outputs. */
export type Failed<In, Out> =
  Out extends PCollection<unknown>
    ? { readonly main: Out; readonly failed: PCollection<DeadLetter<In>> }
    : { readonly [N in keyof Out | "failed"]: N extends keyof Out ? Out[N] : PCollection<DeadLetter<In>> };

/**
 * Says what happens when the function of one step throws. Without it, the run fails at the first time.
 *
 * Shape: that of the step. With `then: "deadLetter"` there is an output `failed` of {@link DeadLetter} as well. What the step
 * gave out for an element before it threw is dropped with the element.
 *
 * @param transform - one step that works element by element, such as `map(…)`, `parDo(…)` or `asyncMap(…)`.
 * @throws PipelineError `NOT_ELEMENT_WISE` when it is a grouping, a read, a write, or consists of several steps; `BAD_ARGUMENT` when
 * the policy is out of range; `BAD_NAME` when the step has an output `failed` of its own.
 *
 * @example
 * ```ts
 * const { main: numbers, failed } = lines.apply("Parse", withExceptionHandling(map(parse), { attempts: 2, then: "deadLetter" }));
 * // "1", "x" → numbers: 1; failed: { element: "x", step: "Parse", error: { name: "SyntaxError", … }, attempts: 2, timestamp: … }
 * ```
 */
export function withExceptionHandling<In, Out, const Then extends Verdict>(
  transform: PTransform<PCollection<In>, Out>,
  policy: FailurePolicy<Then>,
): PTransform<PCollection<In>, Then extends "deadLetter" ? Failed<In, Out> : Out> {
  const failure = failureOf(policy);
  const { name, expand } = expansionFor(transform);
  const guarded = expansionOf({
    name,
    spec: undefined,
    expand(input: PCollection<In>) {
      const { output, failed } = builderOf(input).guarded(failure, () => expand(input));
      if (failed === undefined) return output;
      return isCollection(output) ? { main: output, failed } : { ...output, failed };
    },
  });
  return guarded as PTransform<PCollection<In>, Then extends "deadLetter" ? Failed<In, Out> : Out>;
}

const isCollection = (output: unknown): boolean => typeof (output as { readonly apply?: unknown }).apply === "function";

function failureOf({ attempts = 1, backoff, then }: FailurePolicy): FailureSpec {
  mustBeWhole("the number of attempts", attempts, 1);
  if (backoff !== undefined) mustBeBackoff(backoff);
  if (then !== "fail" && then !== "skip" && then !== "deadLetter") {
    throw new PipelineError("BAD_ARGUMENT", { what: `a failure policy says then: "fail", "skip" or "deadLetter"`, got: shortText(then) });
  }
  return Object.freeze({ attempts, then, ...(backoff === undefined ? {} : { backoff }) });
}

function mustBeBackoff({ first, factor = 2, most }: Backoff): void {
  mustBeDuration("the first wait of a backoff", first, 0);
  if (most !== undefined) mustBeDuration("the longest wait of a backoff", most, 0);
  if (factor >= 1 && Number.isFinite(factor)) return;
  throw new PipelineError("BAD_ARGUMENT", { what: "the factor of a backoff is a number of at least 1", got: shortText(factor) });
}
